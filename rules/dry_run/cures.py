"""Changes that cure a problem of a draft, as buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import Cure
from properties.catalog.forms import ComponentForm
from properties.catalog.tokens import whole_token
from properties.models import Property
from properties.resources.fitting_elements import Candidate, best, candidates


@dataclass
class Cures:
    """Finds the cure of each problem of one form: its package knows it, or a data element fits."""

    prop: Property
    form: ComponentForm
    _candidates: list[Candidate] = field(default_factory=list)

    def of(self, path: str, known: Cure | None = None) -> Cure | None:
        """Return the cure of a problem; None if there is none, or if it is done already.

        Args:
            path: Of the setting that is at fault.
            known: The cure that the problem carries.
        """
        found = known or self.form.spelling_cure(path) or self._fitting(path)
        return found if found and self.form.raw_at(path) != found.text else None

    def _fitting(self, path: str) -> Cure | None:
        kind = self.form.component_type
        names = _usual_names(kind, path) if isinstance(kind, ActionType) else ()
        if not names or not self.form.may_set(path):
            return None
        self._candidates = self._candidates or candidates(self.prop)
        token = best(self._candidates, names)
        return Cure(f"Use {whole_token(token)}", token) if token else None


def _usual_names(kind: ActionType, path: str) -> Sequence[str]:
    """Return the usual names of the data element for a setting, as the presets of an action know them."""
    every: Iterable[Sequence[str]] = (preset.suggestions.get(path, ()) for preset in kind.presets)
    return next(filter(None, every), ())
