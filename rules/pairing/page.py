"""What the page *Deduplication* shows: findings, event names, and the vendor's figures if they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.db.models import QuerySet

from properties.catalog.pairing import PairingRules
from properties.catalog.registry import packages
from properties.models import Environment, Property

from .fault_words import cure_of, effect_of, percent, span, title_of
from .feedback import KeyFeedback, compare
from .findings import Examination, NameLine, PairFinding, examine
from .fixes import Fixes, SideFix
from .known_copies import MOST, PAGE, SCRIPT, SERVER, Copy, copies_of
from .pair_faults import PairFault

MOST_FINDINGS = 50
# Whose event an example is: one of a page brings both copies.
_WHOSE = {SCRIPT: "from the page", PAGE: "from the page", SERVER: "from a server"}
_MISSING = frozenset({PairFault.BROWSER_ONLY, PairFault.SERVER_ONLY})


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding, as the page shows it.

    Args:
        effect: What the vendor does with these events; "" if nothing is wrong for them.
        gap: Time between the copies of the example, or "".
    """

    finding: PairFinding
    title: str
    cure: str
    effect: str
    share: str
    gap: str
    fixes: Sequence[SideFix]

    @property
    def events(self) -> Sequence[tuple[int, datetime, str]]:
        """Return id, time and sender of each inbound event of the example: one, or two."""
        copies = {it.event_id: it for it in (self.finding.example, self.finding.partner) if it}
        return [
            (it.event_id, datetime.fromtimestamp(it.at / 1000, UTC), _WHOSE[it.side])
            for it in copies.values()
        ]

    @property
    def sign(self) -> str:
        return "warning" if self.is_bad else "help"

    @property
    def is_bad(self) -> bool:
        return self.finding.twice > 0 or self.finding.fault == PairFault.REUSED


@dataclass(frozen=True, slots=True)
class LineRow:
    """One event name, as the page shows it; shares are texts, "" if they have no meaning."""

    line: NameLine
    browser_share: str
    server_share: str
    usual_gap: str
    longest_gap: str

    @property
    def note(self) -> str:
        """Say what the numbers do not."""
        if not self.line.browser:
            return "Servers only"
        return "" if self.line.server else "Page only"


def pairing_rules(prop: Property) -> PairingRules | None:
    """Return the rules of the vendor that the property sends to; None if no installed package has any."""
    installed = prop.extensions.filter(enabled=True).values_list("package_name", flat=True)
    found = [packages()[name] for name in sorted(installed) if name in packages()]
    return next((it.pairing for package in found for it in package.actions if it.pairing), None)


def page_parts(
    prop: Property,
    environment: Environment,
    since: datetime,
    now: datetime,
    visible: QuerySet[Property],
    feedback: Sequence[KeyFeedback] = (),
) -> dict[str, Any]:
    """Return what the template shows, by a fixed number of queries.

    Args:
        visible: The properties that the person may see.
        feedback: What the vendor says of its keys, to stand beside our figures.
    """
    rules = pairing_rules(prop)
    if rules is None:
        return {"rules": None}
    found, is_cut = examined(environment, rules, since, now)
    shown = found.findings[:MOST_FINDINGS]
    fixes = Fixes(prop, shown, rules, visible)
    return {
        "rules": rules,
        "examination": found,
        "hours": rules.within_seconds // 3600,
        "rows": [_row(it, rules, fixes) for it in shown],
        "lines": [_line(it) for it in found.lines],
        "verdict": verdict_of(found),
        "compared": compare(feedback, found.lines, rules),
        "most": MOST if is_cut else 0,
    }


def examined(
    environment: Environment, rules: PairingRules, since: datetime, now: datetime
) -> tuple[Examination, bool]:
    """Return what is wrong in a range, and whether it has more copies than are examined. One query."""
    copies, is_cut = copies_of(environment, since)
    begin = max(_milliseconds(since), _whole_since(copies) if is_cut else 0)
    return examine(copies, rules, begin, _milliseconds(now)), is_cut


def in_short(prop: Property, environment: Environment, since: datetime, now: datetime) -> str:
    """Return the verdict if the vendor counts a conversion wrongly, else ""."""
    rules = pairing_rules(prop)
    if rules is None:
        return ""
    found, _ = examined(environment, rules, since, now)
    is_wrong = any(it.twice or it.fault == PairFault.REUSED for it in found.findings)
    return verdict_of(found) if is_wrong else ""


def _whole_since(copies: Sequence[Copy]) -> int:
    """Return since when all copies are known, and some time for partners before it."""
    first, last = copies[0].at, copies[-1].at
    return first + (last - first) // 4


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def verdict_of(found: Examination) -> str:
    """Return the state of the range in one sentence."""
    twice = max(found.lines, key=lambda it: it.twice, default=None)
    if twice and twice.twice:
        of = max(twice.browser, twice.server)
        others = [it.name for it in found.lines if it.twice and it is not twice]
        also = (
            f" So is {others[0]}." if len(others) == 1 else f" So are {len(others)} others." if others else ""
        )
        return f"{percent(twice.twice / of)} of {twice.name} is counted twice: {twice.twice} of {of}.{also}"
    if any(it.fault == PairFault.REUSED for it in found.findings):
        return "Conversions are dropped, because they share one ID."
    if any(it.fault not in _MISSING for it in found.findings):
        return "Nothing is counted twice, but not every ID is right."
    if found.findings:
        return "Nothing is counted twice. Some copies have no partner."
    return "Every copy has its partner." if _has_pairs(found) else "No pairs yet."


def _has_pairs(found: Examination) -> bool:
    return any(it.browser_paired for it in found.lines)


def _row(finding: PairFinding, rules: PairingRules, fixes: Fixes) -> FindingRow:
    partner = finding.partner
    has_gap = partner is not None and partner.event_id != finding.example.event_id
    gap = span(partner.at - finding.example.at) if partner and has_gap else ""
    return FindingRow(
        finding,
        title_of(finding, rules),
        cure_of(finding, rules),
        effect_of(finding, rules),
        percent(finding.share),
        gap,
        fixes.of(finding),
    )


def _line(line: NameLine) -> LineRow:
    gaps = sorted(line.gaps)
    is_both = bool(line.browser and line.server)
    return LineRow(
        line,
        percent(line.browser_paired / line.browser) if is_both else "",
        percent(line.server_paired / line.server) if is_both else "",
        span(int(median(gaps))) if gaps else "",
        span(gaps[int(len(gaps) * 0.95)]) if gaps else "",
    )
