"""A component that failed, which ends its rule."""

from __future__ import annotations

from properties.catalog.errors import DeliveryError, Rejected
from properties.catalog.outbound import Answer

from .compiled import Component
from .failures import RuleFailed, explain
from .records import ComponentRun


class ComponentFailed(Exception):
    """Ends the rule; ``record`` and ``reason`` say why.

    ``action`` is the position of the component if it is an action, ``answer`` the answer that it could not
    process.
    """

    def __init__(
        self, record: ComponentRun, reason: Exception, action: int | None, answer: Answer | None
    ) -> None:
        super().__init__(record.error)
        self.record, self.reason, self.action, self.answer = record, reason, action, answer


def failed(
    record: ComponentRun, error: Exception, action: int | None = None, answer: Answer | None = None
) -> ComponentFailed:
    """Note in the record why its component failed, and return the exception that ends the rule."""
    reason = explain(error, record.delegate)
    record.error = f'Failed to execute "{record.component.type.title}". {reason}'
    record.error_code = error.code if isinstance(error, DeliveryError) else ""
    if isinstance(error, Rejected):
        record.refusal, record.refused_after = reason, error.warnings
        record.refused_for, record.unsent = error.field, error.unsent
    return ComponentFailed(record, error, action, answer)


def not_boolean(condition: Component, rule: str) -> RuleFailed:
    """Return the error of a condition that returned neither true nor false."""
    title = condition.type.title
    return RuleFailed(f'Condition "{title}" from rule "{rule}" did not return a boolean result.')
