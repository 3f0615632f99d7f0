"""Names for data elements that are made from the paths of received events."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from properties.resources.usual_elements import usual_elements

_STEP = re.compile(r"""\["(?:[^"\\]|\\.)*"\]|\[\d+\]|[^.\[]+""")
_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+|[^\W\d_A-Za-z]+")
_ACRONYMS = frozenset(
    {"id", "ip", "url", "uri", "sku", "utm", "api", "gtin", "ean", "ua", "xdm", "sms", "vat"}
)
# Words that say too little alone: “User ID”, not “ID”.
_TOO_GENERAL = frozenset(
    {
        "id",
        "name",
        "type",
        "code",
        "key",
        "number",
        "label",
        "title",
        "status",
        "text",
        "url",
        "total",
        "count",
    }
)
# Places that say nothing about the value.
_PLACES = frozenset({"arc", "event", "request", "header", "httpheaders", "data", "xdm", "web", "body"})
LONGEST = 200


def suggested_name(path: str, taken: Collection[str]) -> str:
    """Return a name for the value at a path, such as “Order ID” for ``arc.event.data.order_id``.

    Args:
        path: As the data element type Path takes it.
        taken: Names that are taken already, whatever their case.
    """
    used = {name.casefold() for name in taken}
    return next(name for name in _candidates(path) if name.casefold() not in used)


def _candidates(path: str) -> Iterator[str]:
    yield from (usual.name for usual in usual_elements() if usual.path == path)
    steps = [step for step in map(_words, _STEP.findall(path)) if step]
    named = [step for step in steps if "".join(step).lower() not in _PLACES] or steps[-1:] or [["Value"]]
    if len(named) == 1 and _says_little(named[0]):
        named = steps[-2:]
    for length in range(1, len(named) + 1):
        if length == len(named) or not _says_little(named[-length]):
            yield _title(named[-length:])
    yield from (_title(steps[-length:]) for length in range(len(named) + 1, len(steps) - 1))
    whole = _title(named)
    number = 2
    while True:
        yield f"{whole} {number}"
        number += 1


def _says_little(words: list[str]) -> bool:
    return len(words) == 1 and (words[0].lower() in _TOO_GENERAL or words[0].isdigit())


def _words(step: str) -> list[str]:
    if step.startswith("["):
        step = step[1:-1].strip('"')
    # Lists are counted from 1 for people.
    return [str(int(step) + 1)] if step.isdigit() else _WORD.findall(step)


def _title(steps: list[list[str]]) -> str:
    words = [word for step in steps for word in step]
    return " ".join(_written(word) for word in words)[:LONGEST].strip()


def _written(word: str) -> str:
    return word.upper() if word.lower() in _ACRONYMS else word[:1].upper() + word[1:]
