"""Steps: each normalizes the value of one setting and puts it into the event under Meta's name.

If the event determines the keys, the steps run in a loop. The steps of a build become generated
straight-line code, which takes two thirds of the time because Python specialises each call. The generated
code contains only step numbers, never text that somebody typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from properties.catalog.customer_data.cleaning import Hints, Normalizer, UnusableValue
from properties.catalog.customer_data.nothing import CODE, MESSAGE, NO_IDS, only_member, says_nothing
from properties.catalog.customer_data.values import text
from properties.catalog.generated_code import generated_function

# Key of the setting, Meta's name, place for warnings (path and label), normalizer.
Step = tuple[str, str, tuple[str, str], Normalizer]
Collector = Callable[[Mapping[str, Any], Hints, dict[str, Any]], dict[str, Any]]


def collect(
    steps: Iterable[Step], values: Mapping[str, Any], hints: Hints, found: dict[str, Any]
) -> dict[str, Any]:
    """Put normalized values under Meta's names into ``found``; unusable values become warnings."""
    for step in steps:
        put(step, values[step[0]], hints, found)
    return found


def put(step: Step, value: Any, hints: Hints, found: dict[str, Any]) -> None:
    """Run one step. Leaves out null, empty text, and texts that mean "no value"."""
    if value is None or value == "":
        return
    _, name, place, normalize = step
    hints.place = place
    if type(value) is list and not takes_lists(normalize):
        value = only_member(value)
        if value is None or value == "":
            return
    if type(value) is str and says_nothing(value):
        hints.lose(MESSAGE, CODE)
        return
    try:
        result = normalize(value, hints)
    except UnusableValue as error:
        hints.place = place
        hints.lose(str(error), error.code)
        return
    if result is not None:
        found[name] = result


def note_refusal(value: Any, error: UnusableValue, hints: Hints) -> None:
    """Warn about a value that a normalizer refused, or say that the text means "no value"."""
    if type(value) is str and says_nothing(value):
        hints.lose(MESSAGE, CODE)
    else:
        hints.lose(str(error), error.code)


def takes_lists(normalize: Normalizer) -> bool:
    """Whether a normalizer accepts lists. Other normalizers get the only member of a list."""
    return bool(getattr(normalize, "takes_lists", False))


def written_out(steps: Sequence[Step]) -> Collector:
    """Return a faster function that does the same as :func:`collect` with these steps."""
    lines: list[str] = []
    names: dict[str, Any] = {"put": put, "UnusableValue": UnusableValue, "no_ids": NO_IDS}
    names["note_refusal"] = note_refusal
    for number, step in enumerate(steps):
        short = getattr(step[3], "short", None)
        unwrapped = None if takes_lists(step[3]) else list
        parts = zip(_NAMES, (*step, step, short, unwrapped), strict=True)
        names |= {f"{name}_{number}": part for name, part in parts}
        template = _TEXT if step[3] is text else _SHORT if short else _PUT
        lines += [line.format(number) for line in template]
    return generated_function("values, hints, found", [*lines, "return found"], names)


_NAMES = ("key", "name", "place", "normalize", "step", "short", "unwrapped")
# Printable ASCII does not need cleaning.
_TEXT = (
    "value = values[key_{0}]",
    "if type(value) is str and value.isascii() and value.isprintable()"
    " and (value := value.strip()) not in no_ids:",
    "    if value:",
    "        found[name_{0}] = value",
    "elif value is not None:",
    "    put(step_{0}, value, hints, found)",
)
# The short function of the normalizer handles common texts.
_SHORT = (
    "value = values[key_{0}]",
    "result = short_{0}(value) if type(value) is str else None",
    "if result is not None:",
    "    found[name_{0}] = result",
    "elif value is not None:",
    "    put(step_{0}, value, hints, found)",
)
_PUT = (
    "value = values[key_{0}]",
    "if type(value) is unwrapped_{0}:",
    "    put(step_{0}, value, hints, found)",
    "elif value is not None and value != '':",
    "    hints.place = place_{0}",
    "    try:",
    "        result = normalize_{0}(value, hints)",
    "    except UnusableValue as error:",
    "        hints.place = place_{0}",
    "        note_refusal(value, error, hints)",
    "    else:",
    "        if result is not None:",
    "            found[name_{0}] = result",
)
