"""Finds missing pages of lists: a file with only the first page would lose the rest silently.

Source: Adobe, Reactor API, "Pagination": ``meta.pagination`` with ``total_count``, 25 on a page unless asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..shapes import DocumentProblem, join


def missing_pages(value: Any) -> Iterator[DocumentProblem]:
    """Yield one problem for each list with fewer resources than the API counted."""
    found: dict[tuple[str, str], list[ListPage]] = {}
    for page in _pages(value, "$", ""):
        found.setdefault(page.list, []).append(page)
    for (kind, _), pages in found.items():
        held, total = len(set().union(*(page.uids for page in pages))), max(page.total for page in pages)
        if held < total:
            message = (
                f"The file has {held} of {total} {kind.replace('_', ' ')} in this list: pages are missing. "
                "Request every page (page[number]), up to 100 entries each (page[size]), and include all."
            )
            yield DocumentProblem(f"{pages[0].path}.meta.pagination", message)


class ListPage:
    """One answer of the API that holds a list.

    Args:
        path: Its place in the file.
        data: The list.
        total: Length of the whole list.
        around: The key above it, for lists rule by rule.
    """

    def __init__(self, path: str, data: list[Any], total: int, around: str) -> None:
        first = data[0] if data and isinstance(data[0], Mapping) else {}
        kind = str(first.get("type") or "resources")
        self.path, self.total = path, total
        self.list = (kind, around if kind == "rule_components" else "")
        self.uids = {str(each.get("id")) for each in data if isinstance(each, Mapping)}


def _pages(value: Any, path: str, around: str) -> Iterator[ListPage]:
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _pages(inner, f"{path}[{index}]", around)
    elif isinstance(value, Mapping):
        total, data = _total(value), value.get("data")
        if total and isinstance(data, list):
            yield ListPage(path, data, total, around)
        for key, inner in value.items():
            if key not in ("attributes", "relationships", "links", "meta"):
                yield from _pages(inner, join(path, key), around if key == "data" else key)


def _total(value: Mapping[str, Any]) -> int:
    """Return the count of the API; 0 if it has none."""
    for key in ("meta", "pagination"):
        value = value[key] if isinstance(value.get(key), Mapping) else {}
    total = value.get("total_count")
    return total if isinstance(total, int) else 0
