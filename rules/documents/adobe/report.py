"""The report of an import: the parts that were left out, changed or disabled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """One difference from the property at Adobe.

    Args:
        what: ``extension``, ``data element``, ``rule``, ``condition``, ``action``, ``event`` or ``secret``.
        name: Its name at Adobe.
        reason: A sentence with the cause or the change. It holds no credentials.
        rule: The rule of a condition, action or event.
    """

    what: str
    name: str
    reason: str
    rule: str = ""

    def to_json(self) -> dict[str, str]:
        facts = {"what": self.what, "name": self.name, "rule": self.rule, "reason": self.reason}
        return {key: value for key, value in facts.items() if value}


@dataclass(slots=True)
class ImportReport:
    """Everything that a person should read before and after an import.

    Args:
        skipped: Not imported.
        disabled: Imported but disabled, because a part is missing.
        adapted: Imported with a difference.
        warnings: Imported unchanged. It works there and here, but is probably not meant.
    """

    skipped: list[ReportEntry] = field(default_factory=list)
    disabled: list[ReportEntry] = field(default_factory=list)
    adapted: list[ReportEntry] = field(default_factory=list)
    warnings: list[ReportEntry] = field(default_factory=list)

    def skip(self, what: str, name: str, reason: str, rule: str = "") -> None:
        self._add(self.skipped, ReportEntry(what, name, reason, rule))

    def disable(self, what: str, name: str, reason: str) -> None:
        self._add(self.disabled, ReportEntry(what, name, reason))

    def adapt(self, what: str, name: str, reason: str, rule: str = "") -> None:
        self._add(self.adapted, ReportEntry(what, name, reason, rule))

    def warn(self, what: str, name: str, reason: str, rule: str = "") -> None:
        self._add(self.warnings, ReportEntry(what, name, reason, rule))

    def to_json(self) -> dict[str, Any]:
        """Return the lists by name, as the command prints them and the audit entry keeps them."""
        return {
            name: [entry.to_json() for entry in getattr(self, name)]
            for name in ("skipped", "disabled", "adapted", "warnings")
        }

    @staticmethod
    def _add(entries: list[ReportEntry], entry: ReportEntry) -> None:
        if entry not in entries:
            entries.append(entry)
