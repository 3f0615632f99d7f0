"""When a field of a generated form matters, as a CSS selector: a page hides what no form of it matches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from .descriptor import Field
from .form_layout import Leaf
from .tokens import delimiters


class FormWithConditions(Protocol):
    """A form whose fields depend on each other; see :class:`ComponentForm`."""

    leaves: dict[str, Leaf]

    def add_prefix(self, path: str) -> str: ...
    def conditions(self, path: str, spec: Field) -> Mapping[str, Collection[str]]: ...


def shown_if(form: FormWithConditions, path: str, spec: Field) -> str:
    """Return the selector of a form in which a field matters; empty if it always does.

    Selectors do not see what is typed: capi.js copies it into the attribute ``value``, for inputs with
    fixed choices.
    """
    found = [
        f":has({', '.join(_holding(form.add_prefix(name), form.leaves[name].spec, values))})"
        for name, values in form.conditions(path, spec).items()
        if name in form.leaves
    ]
    return f"form{''.join(found)}" if found else ""


def _holding(name: str, spec: Field, values: Collection[str]) -> Iterator[str]:
    """Yield selectors of an input that holds one of these values, or a value that depends on the event."""
    named = f"[name={_quoted(name)}]"
    if spec.type == "boolean":
        yield from (f"{named}{':checked' if value == 'true' else ':not(:checked)'}" for value in values)
        return
    yield from (f"{named} [value={_quoted(value)}]:checked" for value in values)
    yield from (f"{named}[value={_quoted(value)}]" for value in values)
    yield f"{named}[value*={_quoted(delimiters().before)}]"
    if spec.type == "combo":
        known = ", ".join(f"[value={_quoted(str(value))}]" for value in ("", *dict(spec.options)))
        yield f"{named}[value]:not({known})"


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
