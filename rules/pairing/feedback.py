"""Compares our figures with those that the vendor gives, and says where they disagree. Plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from properties.catalog.pairing import PairingRules

from .fault_words import percent
from .findings import NameLine

# Points of a hundred. Ranges and rounding differ by a few.
MOST_APART = 10
Share = float | None


@dataclass(frozen=True, slots=True)
class KeyFeedback:
    """What a vendor says of one key of one event name; shares from 0 to 100, None if it says nothing.

    Args:
        key: As the vendor calls it, such as ``event_id``.
        browser_share: Events of browsers that have the key.
        server_share: Events of servers that have the key.
        overall_share: Events of browsers that share the key with an event of a server.
        destination: Where; "" for any.
    """

    name: str
    key: str
    browser_share: Share = None
    server_share: Share = None
    overall_share: Share = None
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One share, as we know it and as the vendor says; from 0 to 100.

    Args:
        what: ``Page has it``, ``Server has it`` or ``Pairs``.
        disagreement: Why both may differ so far, or "".
    """

    name: str
    key: str
    what: str
    ours: Share
    theirs: Share
    disagreement: str = ""

    @property
    def ours_in_words(self) -> str:
        return _in_words(self.ours)

    @property
    def theirs_in_words(self) -> str:
        return _in_words(self.theirs)


def compare(
    feedback: Sequence[KeyFeedback], lines: Sequence[NameLine], rules: PairingRules
) -> list[Compared]:
    """Return the vendor's figures with ours beside them, in the order of the vendor."""
    return [row for each in feedback for row in _rows(each, lines, rules)]


def _rows(given: KeyFeedback, lines: Sequence[NameLine], rules: PairingRules) -> Iterator[Compared]:
    fitting = [it for it in lines if it.name == given.name and given.destination in ("", it.destination)]
    browser, server = sum(it.browser for it in fitting), sum(it.server for it in fitting)
    key = {rules.browser_key: "browser", rules.person_key: "person", rules.id_key: "id"}.get(given.key)
    ours: dict[str, Share] = dict.fromkeys(_WHAT)
    if key is not None:
        ours = {
            "browser": _share(sum(it.with_key[0, key] for it in fitting), browser),
            "server": _share(sum(it.with_key[1, key] for it in fitting), server),
            "pairs": _share(sum(it.covered[key] for it in fitting), browser),
        }
    theirs = {"browser": given.browser_share, "server": given.server_share, "pairs": given.overall_share}
    for what, label in _WHAT.items():
        if theirs[what] is not None:
            why = _why(what, ours[what], theirs[what], given, rules)
            yield Compared(given.name, given.key, label, ours[what], theirs[what], why)


_WHAT = {"browser": "Page has it", "server": "Server has it", "pairs": "Pairs"}
# (what, whether the vendor's share is the larger one) → why.
_REASONS = {
    ("browser", False): "Code outside your library sends {name} to the {destination} without {key}.",
    ("browser", True): "{browser} adds {key} after your library has handed {name} over.",
    ("server", False): "Another system sends {name} to the {destination} without {key}.",
    ("server", True): "Another system sends {name} to the {destination}, with {key}.",
    (
        "pairs",
        False,
    ): "Not all that the page handed over has reached {vendor}: blockers, or a page left early.",
    ("pairs", True): "{vendor} pairs copies that do not come through your library or this server.",
}


def _why(what: str, ours: Share, theirs: Share, given: KeyFeedback, rules: PairingRules) -> str:
    if ours is None or theirs is None or abs(ours - theirs) <= MOST_APART:
        return ""
    words = {"vendor": rules.vendor, "browser": rules.browser, "destination": rules.destination}
    return _REASONS[what, theirs > ours].format(name=given.name, key=given.key, **words)


def _share(count: int, of: int) -> Share:
    return 100 * count / of if of else None


def _in_words(share: Share) -> str:
    return "unknown" if share is None else percent(share / 100)
