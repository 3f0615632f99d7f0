"""Writes the inputs of all forms without templates, which take twice as long: an action has a hundred.

Source: https://docs.djangoproject.com/en/5.2/ref/forms/renderers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BoundField, Widget
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString


class FocusedField(BoundField):
    """A field that gets the focus if it has an error; a browser takes the first one."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        found = super().build_widget_attrs(attrs, widget)
        return {**found, "autofocus": True} if "aria-invalid" in found else found


class FormRenderer(DjangoTemplates):
    """Renders what Django renders; everything but inputs with Django's templates."""

    bound_field_class = FocusedField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        write = _WRITERS.get(template_name.removeprefix(_WIDGETS).removesuffix(".html"))
        return write(context["widget"]) if write else super().render(template_name, context, request)


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    first = {"type": widget["type"], "name": widget["name"]} | ({} if value is None else {"value": value})
    return format_html("<input{}{}>", flatatt(first), flatatt(widget["attrs"]))


def _textarea(widget: Mapping[str, Any]) -> SafeString:
    name, attrs = flatatt({"name": widget["name"]}), flatatt(widget["attrs"])
    return format_html("<textarea{}{}>\n{}</textarea>", name, attrs, widget["value"] or "")


_WIDGETS = "django/forms/widgets/"
_INPUTS = ("checkbox", "email", "hidden", "number", "password", "text", "url")
_WRITERS: dict[str, Callable[[Mapping[str, Any]], SafeString]] = {
    **dict.fromkeys(_INPUTS, _input),
    "textarea": _textarea,
}
