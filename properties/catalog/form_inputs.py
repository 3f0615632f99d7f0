"""One input of a component form, prepared for a template."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from .descriptor import Field
from .errors import Cure, Problem
from .form_fields import spelling_cure, unknown_tokens
from .tokens import delimiters, token, unknown_names, whole_token

_HELPS = {"high": "helps a lot", "medium": "helps"}
_SELECTS = ("choice", "stored_secret")
_MARK, _BAD, _END = map(SafeString, ("<mark>", '<mark class="bad">', "</mark>"))
_TALL = ("json", "textarea", "code", "content")


@dataclass(frozen=True, slots=True)
class Input:
    """One input, prepared for a template.

    Args:
        raw: Its text now.
        needed_for: Labels of the values of other fields that need it, such as ``Purchase``.
        level: ``needed``, ``recommended`` or empty: see ``form_levels``.
        is_live: It matters, given the values of other fields.
        change: Name of the buttons that cure a problem of it.
    """

    kind: str
    path: str
    spec: Field
    bound: BoundField
    show_if: str
    raw: str = ""
    stored_secret: bool = False
    last_four: str = ""
    stored_where: str = ""
    remove: str = ""
    removing: bool = False
    advice: tuple[Problem, ...] = ()
    change: str = ""
    needed_for: tuple[str, ...] = ()
    is_suggested: bool = False
    level: str = ""
    is_set: bool = False
    is_live: bool = True

    @property
    def css(self) -> str:
        """Classes of the row, by which the page shows the fields of one view."""
        said = {"tall": self.is_tall, "set": self.is_set, "wrong": bool(self.bound.errors)}
        return " ".join(["f", *(word for word, is_so in said.items() if is_so)])

    @property
    def is_first(self) -> bool:
        """Whether a long form shows it from the start."""
        return bool(self.level or self.is_set or self.bound.errors)

    @property
    def is_tall(self) -> bool:
        return self.spec.type in _TALL

    @property
    def takes_tokens(self) -> bool:
        return self.spec.tokens and self.spec.type not in ("boolean", "code", *_SELECTS)

    @property
    def is_combo(self) -> bool:
        """Whether the field has a list: of data elements, fixed choices or both."""
        return self.takes_tokens or self.spec.type == "combo"

    @property
    def token(self) -> str:
        """The name of the data element, if the text is exactly one token."""
        return whole_token(self.raw) or ""

    @property
    def _elements(self) -> Collection[str] | None:
        """Names of the data elements that exist. None if any name may, or the field takes none."""
        return getattr(self.bound.field, "elements", None) if self.takes_tokens else None

    @property
    def unknown(self) -> list[str]:
        """One sentence for each data element in it that does not exist; the errors of a form say it too."""
        known = self._elements
        return [] if known is None or self.bound.errors else unknown_tokens(self.raw, known)

    @property
    def spelling(self) -> Cure | None:
        """The cure of a data element that does not exist."""
        return spelling_cure(self.raw, self._elements)

    @property
    def _unknown_tokens(self) -> list[str]:
        known = self._elements
        names = unknown_names(self.raw, known) if known is not None else ()
        return [token(name) for name in sorted(names)]

    @property
    def unknown_tokens(self) -> str:
        """The tokens of data elements that do not exist, one a line."""
        return "\n".join(self._unknown_tokens)

    @property
    def tinted(self) -> SafeString:
        """The text with its tokens marked, to lie behind the input. A typed credential is not shown."""
        is_secret = self.spec.type == "secret" and not self.token
        return format_html_join("", "{}{}{}", () if is_secret else self._tinted())

    def _tinted(self) -> Iterator[tuple[str, str, str]]:
        unknown, end = self._unknown_tokens, 0
        for found in delimiters().pattern.finditer(self.raw):
            if self._is_text(found[1]):
                continue
            yield "", self.raw[end : found.start()], ""
            yield _BAD if found[0] in unknown else _MARK, found[0], _END
            end = found.end()
        yield "", self.raw[end:], ""

    def _is_text(self, name: str) -> bool:
        """Return whether a token is only text, as in ``100% off, 50% more``."""
        ways, known = delimiters(), self._elements
        is_open = known is None or name in known or name.startswith(ways.own_names or "\0")
        return not (ways.is_strict or is_open or self.token)

    @property
    def face(self) -> str:
        """The label to show while nobody edits the field; empty if the text itself is shown."""
        if not self.is_combo:
            return ""
        return self.token or dict(self.choices).get(self.raw, "")

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(value, label) of each fixed choice."""
        options = self.spec.options if self.spec.type == "combo" else ()
        return [(str(value), label) for value, label in options]

    @property
    def marks(self) -> str:
        """Facts about the field in a few words: ``hashed · helps a lot``."""
        return " · ".join(self._marks())

    def _marks(self) -> Iterator[str]:
        if self.spec.required and self.kind != "boolean":
            yield "needed"
        elif self.needed_for:
            yield f"needed for {', '.join(self.needed_for)}"
        if self.spec.hashed:
            yield "hashed"
        if self.spec.match_quality in _HELPS:
            yield _HELPS[self.spec.match_quality]

    @property
    def control(self) -> SafeString:
        """The input element, described by everything that stands around it."""
        attrs: dict[str, str | bool] = {"aria-describedby": " ".join(self._around())}
        if self.is_combo and self.is_tall:
            attrs["rows"] = "1"
        return self.bound.as_widget(attrs=attrs | self._list())

    def _list(self) -> dict[str, str | bool]:
        found: dict[str, str | bool] = {"aria-controls": "picker-list"} if self.is_combo else {}
        return found | ({"data-list": f"{self.bound.auto_id}-choices"} if self.choices else {})

    def _around(self) -> Iterator[str]:
        own = self.bound.auto_id
        shown: Mapping[str, Any] = {
            "_error": self.bound.errors,
            "-marks": self.marks or self.is_suggested,
            "-now": self.is_combo,
            "-face": self.choices,
            "-unknown": self.unknown,
            "_helptext": self.spec.help,
        }
        yield from (own + end for end, is_there in shown.items() if is_there)


@dataclass(frozen=True, slots=True)
class InputGroup:
    """An object (``kind`` is ``group``) or a list of rows (``kind`` is ``rows``), prepared for a template.

    Args:
        change: Name of the buttons that show an object as keys or as JSON; empty without buttons.
        as_json: Name of the input that says that the object is sent as JSON.
        is_json: It is shown as JSON.
        owner: Delegate descriptor id of the component whose form can grow by a row; empty if it cannot.
    """

    kind: str
    path: str
    spec: Field
    show_if: str
    fields: list[Any]
    more: list[Input] = field(default_factory=list)
    change: str = ""
    as_json: str = ""
    is_json: bool = False
    owner: str = ""
