"""What a package says about a site on which its browser modules run. Plain Python.

During a validation, the library of Development reports what each package has seen in the page. A package
reads its part and says what is right, what is wrong, and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["open", "ok", "failed"]


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One line of a validation.

    Args:
        name: Its name in tests and links, such as ``data-layer``.
        title: What it is about, as a short sentence that fits its state.
        state: ``open``: not known yet.
        text: What was seen.
        cure: What to do; only if it failed.
    """

    name: str
    title: str
    state: State
    text: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class BrowserCall:
    """An event that a package has handed to its vendor's script in the page.

    Args:
        name: As the vendor calls the event.
        id: Its event id; "" if it has none.
        is_stale: It had the values of the event before.
    """

    name: str
    id: str
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is known of a site, for the checks of one package.

    Args:
        settings: Settings of the extension in the live build.
        seen: What the package's browser module reported; None before the first report.
        calls: Events in the page, oldest first.
        cookies: Names of the cookies that came with the events at the server; None before the first event.
        host: Host name of the page; "" before the first report.
    """

    settings: Mapping[str, Any]
    seen: Mapping[str, Any] | None = None
    calls: Sequence[BrowserCall] = field(default_factory=tuple)
    cookies: frozenset[str] | None = None
    host: str = ""


SiteChecks = Callable[[SiteFacts], Iterator[SiteCheck]]
