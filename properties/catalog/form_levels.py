"""How much each field of a form matters, from the descriptor and the values of other fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .form_inputs import Input
from .form_layout import Leaf, input_text
from .tokens import tokens_in

NEEDED, RECOMMENDED, SET, ALL = VIEWS = ("needed", "recommended", "set", "all")
# A shorter form shows all fields at once.
SHORT = 12


class WithValues(Protocol):
    """A form whose inputs have text."""

    @property
    def leaves(self) -> Mapping[str, Leaf]: ...

    def raw(self, path: str) -> str: ...


def level_of(form: WithValues, leaf: Leaf) -> str:
    """Return ``needed``, ``recommended`` or an empty text.

    A field that an event may need, because another field holds a data element, is recommended.
    """
    spec = leaf.spec
    if spec.type == "boolean" or leaf.role != "value":
        return ""
    asked = [_asked(form, leaf, each) for each in (spec.required_for, spec.recommended_for)]
    if spec.required or asked[0] == NEEDED:
        return NEEDED
    return RECOMMENDED if spec.recommended or any(asked) else ""


def _controller(form: WithValues, leaf: Leaf, key: str) -> str:
    beside = leaf.path.removesuffix(leaf.spec.key) + key
    return beside if beside in form.leaves else key


def _asked(form: WithValues, leaf: Leaf, wanted: Mapping[str, Sequence[Any]]) -> str:
    found = ""
    for key, values in wanted.items():
        raw = form.raw(_controller(form, leaf, key))
        if raw in map(input_text, values):
            return NEEDED
        found = RECOMMENDED if tokens_in(raw) else found
    return found


@dataclass(frozen=True, slots=True)
class View:
    """One of the views of a long form.

    Args:
        key: For addresses and classes.
        count: How many fields it shows.
    """

    key: str
    title: str
    count: int


def views(inputs: Iterable[Input]) -> list[View]:
    """Return the views of a form. Empty for a short one."""
    live = [it for it in inputs if it.is_live]
    counts = {
        NEEDED: sum(it.level == NEEDED for it in live),
        RECOMMENDED: sum(it.is_first for it in live),
        SET: sum(it.is_set for it in live),
        ALL: len(live),
    }
    is_short = len(live) <= SHORT or counts[RECOMMENDED] == len(live)
    return [] if is_short else [View(key, key.capitalize(), count) for key, count in counts.items()]


def view_of(asked: str, offered: Sequence[View]) -> str:
    """Return the view to show: the one in the address, if the form has it."""
    return asked if asked in VIEWS else RECOMMENDED if offered else ALL
