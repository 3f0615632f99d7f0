"""The tables *By event* and *By destination* of the overview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rules.explain.delivery_stories import target_of

from .charts import seconds_label
from .counted_events import FAILED, CountedGroup
from .key_figures import NEARLY_ALL, percent

MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row.

    Args:
        share: Share that arrived, in percent; "–" if none ended.
        p95: Time within which 95 of 100 arrived.
        failed_url: Address of those that did not arrive; "" without any.
    """

    name: str
    url: str
    total: str
    share: str
    is_bad: bool
    p95: str
    failed_url: str


def name_rows(groups: Sequence[CountedGroup], log_url: Callable[..., str]) -> list[GroupRow]:
    """Return the most frequent names of events at vendors."""
    named = [it for it in groups if it.name][:MOST_ROWS]
    return [_row(it, it.name, log_url, q=it.name) for it in named]


def target_rows(groups: Sequence[CountedGroup], log_url: Callable[..., str]) -> list[GroupRow]:
    """Return the most frequent destinations. An event that a check stopped early was on its way to none."""
    rows = []
    for group in groups:
        package, _, destination = group.name.partition("::")
        if destination:
            name = target_of(f"{package}::", destination)
            rows.append(_row(group, name, log_url, destination=destination))
    return rows[:MOST_ROWS]


def _row(group: CountedGroup, name: str, log_url: Callable[..., str], **filters: str) -> GroupRow:
    share = group.kinds.share_arrived
    is_bad = share is not None and share < NEARLY_ALL
    return GroupRow(
        name=name,
        url=log_url(**filters),
        total=f"{group.total:,}",
        share="–" if share is None else f"{percent(share)} %",
        is_bad=is_bad,
        p95="–" if group.p95 is None else seconds_label(group.p95),
        failed_url=log_url(**filters, result=",".join(FAILED)) if is_bad else "",
    )
