"""Inputs look as Django's own templates make them."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test.html import parse_html

from properties.views.form_renderer import FormRenderer

WIDGETS = (
    forms.TextInput,
    forms.NumberInput,
    forms.URLInput,
    forms.EmailInput,
    forms.HiddenInput,
    forms.PasswordInput,
    forms.CheckboxInput,
    forms.Textarea,
    forms.Select,
)
VALUES = (None, "", 'O\'Neil & "Sons" <b>', "{{Order ID}}", "\nsecond line", 1234567, 0.5, True, False)
ATTRS: tuple[dict[str, Any], ...] = (
    {},
    {
        "id": "id_a.b",
        "placeholder": '"x" & <y>',
        "required": True,
        "disabled": False,
        "maxlength": 1000,
        "rows": 1,
    },
)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda it: it.__name__)
@pytest.mark.parametrize("attrs", ATTRS, ids=["plain", "with attributes"])
def test_an_input_is_what_djangos_templates_write(widget: type[forms.Widget], attrs: dict[str, Any]) -> None:
    for value in VALUES:
        ours, theirs = (
            widget().render('na"me', value, attrs, renderer)
            for renderer in (FormRenderer(), DjangoTemplates())
        )
        assert parse_html(ours) == parse_html(theirs), value


def test_the_first_line_break_of_a_text_is_kept() -> None:
    """HTML drops one line break after the opening tag."""
    assert ">\n\nsecond line</textarea>" in forms.Textarea().render("a", "\nsecond line", {}, FormRenderer())


def test_all_forms_use_it() -> None:
    assert isinstance(get_default_renderer(), FormRenderer)
