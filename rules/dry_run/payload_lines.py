"""The payload of a preview line by line, with the field of the form behind each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from properties.catalog.form_levels import level_of
from properties.catalog.form_sections import is_set
from properties.catalog.forms import ComponentForm
from properties.catalog.tokens import tokens_in
from rules.explain.element_stories import ElementStory

from .how_filled import Filled

_LINE = re.compile(r'(?P<indent> *)(?:(?P<key>"(?:[^"\\]|\\.)*"): )?(?P<value>.*)')
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_NOW = 60
_OPENING = ("{", "[", "[{")
# Emptier than this is worth a word.
_OFTEN_FILLED_PERCENT = 95


@dataclass(frozen=True, slots=True)
class PayloadLine:
    """One line of a payload.

    Args:
        key: With its quotes; empty in lines without one.
        path: The keys down to this line: ``data.user_data.em``.
        input_id: Of the input in the form that the value comes from; empty if none does.
        is_left_out: The field is set, but the payload lacks it.
    """

    indent: str
    key: str
    value: str
    path: str = ""
    input_id: str = ""
    is_left_out: bool = False

    @property
    def tone(self) -> str:
        """Class of the value: ``c`` for remarks, ``s`` for text, ``d`` for numbers and the like."""
        first = self.value[:1]
        return "c" if self.is_left_out else "s" if first == '"' or first in "{}[]" else "d"


@dataclass(frozen=True, slots=True)
class Now:
    """What a field gives for the event of the preview.

    Args:
        title: What stands behind the text.
        level: ``needed`` or ``recommended`` with the values that other fields have now, and ``set`` if it
            holds something; the page shows fields by it.
    """

    input_id: str
    text: str
    title: str = ""
    is_empty: bool = False
    level: str = ""


def payload_lines(body: str) -> list[PayloadLine]:
    """Return the lines of JSON text that is indented by two."""
    above: list[tuple[int, str]] = []
    lines = []
    for text in body.splitlines():
        match = _LINE.fullmatch(text)
        indent, key, value = match.group("indent", "key", "value") if match else ("", "", text)
        while above and above[-1][0] >= len(indent):
            above.pop()
        if key:
            above.append((len(indent), key[1:-1]))
        path = ".".join(name for _, name in above) if key else ""
        lines.append(PayloadLine(indent, key or "", value, path))
    return lines


def with_fields(lines: Sequence[PayloadLine], form: ComponentForm) -> list[PayloadLine]:
    """Return the lines with their fields, and a remark for each field that is set but not sent."""
    ids = {leaf.spec.payload_key: form[path].auto_id for path, leaf in form.leaves.items()}
    ids.pop("", None)
    known = [replace(line, input_id=_field_of(line.path, ids)) for line in lines]
    sent = {line.input_id for line in known}
    for path, leaf in form.leaves.items():
        if leaf.spec.payload_key and form.raw(path) not in ("", "false") and form[path].auto_id not in sent:
            _remark(known, leaf.spec.payload_key, form[path].auto_id)
    return known


def _field_of(path: str, ids: Mapping[str, str]) -> str:
    parts = path.split(".")
    ends = (".".join(parts[start:]) for start in range(len(parts)))
    return next((ids[end] for end in ends if end in ids), "")


def _remark(lines: list[PayloadLine], payload_key: str, input_id: str) -> None:
    """Add a line below the beginning of the object that would hold the value."""
    outer, _, name = payload_key.rpartition(".")
    for place, line in enumerate(lines):
        if outer and line.path.endswith(outer) and line.value in _OPENING:
            lines.insert(
                place + 1, PayloadLine(f"{line.indent}  ", f'"{name}"', "left out", "", input_id, True)
            )
            return


def values_now(
    form: ComponentForm,
    lines: Iterable[PayloadLine],
    elements: Iterable[ElementStory],
    filled: Filled,
) -> Iterator[Now]:
    """Yield what each field gives now."""
    sent = {line.input_id: line.value.rstrip(",") for line in lines if not line.is_left_out}
    stories = {story.name: story for story in elements}
    for path, leaf in form.leaves.items():
        level = f"{level_of(form, leaf)} {'set' if is_set(form, leaf) else ''}".strip()
        yield replace(_now(form[path].auto_id, form.raw(path), sent, stories, filled), level=level)


def _now(
    input_id: str,
    raw: str,
    sent: Mapping[str, str],
    stories: Mapping[str, ElementStory],
    filled: Filled,
) -> Now:
    names = tokens_in(raw)
    share = min((filled.percent(name) for name in names), default=100)
    if share < _OFTEN_FILLED_PERCENT:
        words = f"empty in {100 - share} % of events"
        return Now(
            input_id, words, f"Of the last {filled.seen} events that this rule runs for", is_empty=True
        )
    value = sent.get(input_id, "")
    if value and value not in _OPENING and value.strip('"') != raw:
        return Now(input_id, _short(value))
    known = [stories[name] for name in names if name in stories]
    if len(names) != 1 or not known:
        return Now(input_id, "")
    return (
        Now(input_id, "empty", is_empty=True)
        if known[0].is_missing
        else Now(input_id, _short(known[0].value))
    )


def _short(value: str) -> str:
    text = value.strip('"')
    if _DIGEST.fullmatch(text):
        return f"{text[:4]}…{text[-4:]}"
    return text if len(text) <= _LONGEST_NOW else f"{text[:_LONGEST_NOW]}…"
