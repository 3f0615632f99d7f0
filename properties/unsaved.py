"""Settings of a form as they would be if it were saved now, ready to be run; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from properties import credentials
from properties.catalog.errors import Misconfigured
from properties.catalog.forms import ComponentForm
from properties.catalog.substitution import Source, compile_settings
from properties.models import Property

_TYPED = "typed now: "


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What a person typed, and the credentials of the property beside it.

    Args:
        settings: What is right in the form; credentials as references to secrets.
        typed: Name of such a reference → credential that was typed now.
    """

    prop: Property
    settings: Mapping[str, Any]
    typed: Mapping[str, str]

    def marker(self, name: str) -> str:
        """Text that stands for the credential ``name`` until the request is sent."""
        return credentials.marker(self.prop.pk, name)

    def value_of(self, prop_id: int, name: str) -> str:
        """The credential itself; for the transport alone.

        Raises:
            Misconfigured: It is not stored, or belongs to another property.
        """
        if prop_id != self.prop.pk:
            raise Misconfigured("This credential belongs to another property.", code="secret_missing")
        known = self.typed if name in self.typed else credentials.values_of(prop_id)
        if name not in known:
            raise Misconfigured(f"Secret “{name}” is not stored in this property.", code="secret_missing")
        return known[name]

    def resolved(self) -> Any:
        """The settings with markers for credentials.

        Raises:
            LookupError: A data element stands in them; only an event gives its value.
        """
        return compile_settings(self.settings)(_NoEvent(self))


@dataclass(frozen=True, slots=True)
class _NoEvent(Source):
    """Gives credentials; there is no event to give anything else."""

    unsaved: Unsaved

    def element(self, name: str) -> Any:
        raise LookupError(name)

    def secret(self, name: str) -> str:
        return self.unsaved.marker(name)


def unsaved(prop: Property, form: ComponentForm) -> Unsaved:
    """What would be stored for a form that has been validated; values that are wrong are left out."""
    typed = {path: f"{_TYPED}{path}" for path in form.typed_credentials()}
    values = {typed[path]: value for path, value in form.typed_credentials().items()}
    return Unsaved(prop, form.to_settings(typed), values)
