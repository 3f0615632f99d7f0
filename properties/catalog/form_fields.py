"""The input of each setting: shows a stored value, and converts typed text to a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .descriptor import Field
from .did_you_mean import closest, did_you_mean
from .errors import Cure
from .json_text import NotJson, name_with_token, read_plain, read_text
from .references import by_stage, secret_name
from .storable import is_storable
from .tokens import token, tokens_in, unknown_names, whole_token

WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}")
NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def unknown_tokens(value: Any, elements: Collection[str]) -> list[str]:
    """Return one message for each data element in ``value`` that does not exist."""
    unknown = sorted(unknown_names(value, elements))
    return [f"There is no data element “{name}”{did_you_mean(name, elements)}" for name in unknown]


def spelling_cure(text: str, elements: Collection[str] | None) -> Cure | None:
    """Return the cure of the first data element in ``text`` that does not exist, if a similar one does."""
    for name in sorted(unknown_names(text, elements)) if elements is not None else ():
        if near := closest(name, elements or ()):
            return Cure(f"Use {near}", text.replace(token(name), token(near)))
    return None


def read_json(text: str) -> Any:
    """Return the JSON value of ``text``.

    Raises:
        ValidationError: Names line and column, and the most likely cause.
    """
    return _read(read_plain, text)


def read_json_with_tokens(text: str) -> Any:
    """Return the JSON value of ``text``, in which a data element may also be written without quotes.

    Raises:
        ValidationError: Names line and column.
    """
    return _read(read_text, text)


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except NotJson as error:
        raise ValidationError(str(error)) from None


def write_json(value: Any) -> str:
    """Return JSON that people can read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


class TextSetting(forms.CharField):
    """One line of text that accepts tokens.

    ``clean`` returns the JSON value to store, or None if there is nothing to store.
    """

    def __init__(self, spec: Field, elements: Collection[str] | None) -> None:
        self.spec, self.elements = spec, elements
        super().__init__(
            required=spec.required,
            label=spec.label,
            help_text=spec.help,
            strip=not spec.keep_blanks and spec.type not in ("textarea", "code"),
            widget=self.make_widget(),
            error_messages={"required": f"{spec.label} is needed."},
        )

    def make_widget(self) -> forms.Widget:
        return forms.TextInput(attrs={"placeholder": self.spec.placeholder, "autocomplete": "off"})

    def show(self, value: Any) -> str:
        """Return the input's text for a stored value."""
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def fits(self, value: Any) -> str:
        """Return a sentence if a stored value has the wrong JSON type, else an empty text."""
        if self.spec.lists and isinstance(value, list):
            return "" if all(map(_is_scalar, value)) else "This must be a list of texts."
        return "" if isinstance(value, str | int | float) else "This must be text."

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("\r\n", "\n")
        if not text:
            return None
        if self.spec.only_tokens and not whole_token(text):
            raise ValidationError(f"This must be exactly one data element, such as {token('Email')}.")
        if not self.spec.tokens and tokens_in(text):
            raise ValidationError("This setting does not accept data elements.")
        result = self.read(text)
        if self.elements is not None and (unknown := unknown_tokens(result, self.elements)):
            raise ValidationError(unknown)
        return result

    def read(self, text: str) -> Any:
        """Return the value that ``text`` represents.

        Raises:
            ValidationError: Names the correction.
        """
        return read_json_with_tokens(text) if self.spec.lists and text.startswith("[") else text


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


class TextAreaSetting(TextSetting):
    """Several lines of text."""

    def make_widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 4, "placeholder": self.spec.placeholder})


class CodeSetting(TextSetting):
    """JavaScript, stored as written."""

    def make_widget(self) -> forms.Widget:
        attrs = {"rows": 14, "placeholder": self.spec.placeholder, "class": "mono", "spellcheck": "false"}
        return forms.Textarea(attrs=attrs)

    def clean(self, value: Any) -> Any:
        return forms.CharField.clean(self, value).replace("\r\n", "\n") or None


class ComboSetting(TextSetting):
    """One of the offered values, or the person's own text. A typed label counts as its value, in any case."""

    def read(self, text: str) -> Any:
        for value, label in self.spec.options:
            if text.casefold() in (str(value).casefold(), label.casefold()):
                return str(value)
        return super().read(text)


class ChoiceSetting(TextSetting):
    """Exactly one of the offered values."""

    def make_widget(self) -> forms.Widget:
        has_blank = not self.spec.required and self.spec.default in (None, "")
        blank = [("", "—")] if has_blank or self.spec.default is None else []
        return forms.Select(choices=[*blank, *self.spec.options])

    def read(self, text: str) -> Any:
        values = [str(value) for value, _ in self.spec.options]
        if text not in values:
            raise ValidationError(f"“{text[:60]}” is not one of: {', '.join(filter(None, values))}.")
        return text


class NumberSetting(TextSetting):
    """A number, or one token that returns a number."""

    pattern, example = NUMBER, "9.99"

    def make_widget(self) -> forms.Widget:
        widget = super().make_widget()
        if not self.spec.tokens:
            widget.attrs["inputmode"] = "decimal"
        return widget

    def read(self, text: str) -> Any:
        if tokens_in(text):
            return text
        if not self.pattern.fullmatch(text):
            raise ValidationError(f"This must be a number such as {self.example}, or a data element.")
        number = int(text) if WHOLE_NUMBER.fullmatch(text) else float(text)
        if not is_storable(number):
            raise ValidationError("This number is too large.")
        return number


class IntegerSetting(NumberSetting):
    """A whole number, or one token that returns one."""

    pattern, example = WHOLE_NUMBER, "3"


class JsonSetting(TextSetting):
    """Any JSON value, or one token."""

    def make_widget(self) -> forms.Widget:
        attrs = {"rows": 5, "placeholder": self.spec.placeholder, "class": "mono", "spellcheck": "false"}
        return forms.Textarea(attrs=attrs)

    def show(self, value: Any) -> str:
        if value is None or whole_token(value):
            return value or ""
        return write_json(value)

    def fits(self, value: Any) -> str:
        return ""

    def read(self, text: str) -> Any:
        return text.strip() if whole_token(text.strip()) else read_json_with_tokens(text)


class OwnKeysSetting(JsonSetting):
    """The keys of an object without an input of their own, or text that is not an object."""

    def show(self, value: Any) -> str:
        return value if isinstance(value, str) else super().show(value)

    def read(self, text: str) -> Any:
        value = read_json_with_tokens(text)
        if not isinstance(value, dict):
            raise ValidationError('This must be a JSON object, such as {"key": "value"}.')
        if name := name_with_token(value):
            raise ValidationError(f"The name “{name}” cannot hold a data element; only values can.")
        return value


class ObjectSetting(OwnKeysSetting):
    """A whole object as JSON, or one data element that returns it."""

    def read(self, text: str) -> Any:
        return text.strip() if whole_token(text.strip()) else super().read(text)


class ListSetting(TextSetting):
    """A JSON list, comma-separated text, or one token."""

    def show(self, value: Any) -> str:
        if isinstance(value, list) and all(isinstance(v, str) and "," not in v for v in value):
            return ", ".join(value)
        return super().show(value)

    def fits(self, value: Any) -> str:
        return "" if isinstance(value, list | str | int | float) else "This must be a list."

    def read(self, text: str) -> Any:
        if whole_token(text):
            return text
        if text.startswith("["):
            return read_json_with_tokens(text)
        return [part.strip() for part in text.split(",") if part.strip()]


class CredentialInput(forms.PasswordInput):
    """An input that never sends a typed value back to the page; a data element is shown."""

    def __init__(self, attrs: dict[str, Any]) -> None:
        super().__init__(attrs=attrs, render_value=True)

    def format_value(self, value: Any) -> str | None:
        return value if whole_token(value) else None


class SecretSetting(TextSetting):
    """A credential. It is never shown again; an empty input keeps it."""

    def __init__(
        self,
        spec: Field,
        elements: Collection[str] | None,
        *,
        stored: str | None,
        secrets: Collection[str] | None,
    ) -> None:
        super().__init__(spec, elements)
        self.stored, self.secrets = stored, secrets
        self.required = spec.required and not stored

    def make_widget(self) -> forms.Widget:
        attrs = {"autocomplete": "new-password", "spellcheck": "false", "data-credential": True}
        return CredentialInput(attrs)

    def show(self, value: Any) -> str:
        return value if isinstance(value, str) and whole_token(value) else ""

    def fits(self, value: Any) -> str:
        is_credential = isinstance(value, str) or secret_name(value) or by_stage(value)
        return "" if is_credential else "This must be a credential as text."

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if typed or not self.stored:
            return typed
        if self.secrets is not None and self.stored not in self.secrets:
            hint = did_you_mean(self.stored, self.secrets)
            raise ValidationError(f"There is no stored credential “{self.stored}”{hint}")
        return None

    def read(self, text: str) -> Any:
        if tokens_in(text) and not whole_token(text):
            raise ValidationError("Enter either the whole credential or exactly one data element.")
        return text


class ContentSetting(TextSetting):
    """JSON, or any other text, such as the body of a request."""

    def __init__(self, spec: Field, elements: Collection[str] | None, *, stored: Any) -> None:
        self.stored = stored
        super().__init__(spec, elements)

    def make_widget(self) -> forms.Widget:
        attrs = {"rows": 8, "placeholder": self.spec.placeholder, "class": "mono", "spellcheck": "false"}
        return forms.Textarea(attrs=attrs)

    def show(self, value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        return write_json(value)

    def fits(self, value: Any) -> str:
        return "" if isinstance(value, str | dict | list) else "This must be an object, a list or text."

    def read(self, text: str) -> Any:
        """Return the value; text that was stored as text stays text, even if it is valid JSON."""
        if text == self.stored or not text.lstrip().startswith(("{", "[")) or whole_token(text):
            return text
        try:
            return read_json(text)
        except ValidationError:
            return text


class StoredSecretSetting(TextSetting):
    """One of the stored credentials, by name."""

    def __init__(
        self, spec: Field, elements: Collection[str] | None, *, stored: Any, secrets: Collection[str] | None
    ) -> None:
        self.stored, self.secrets = stored, secrets
        super().__init__(spec, elements)

    def make_widget(self) -> forms.Widget:
        kept = self.show(self.stored)
        names = sorted({*(self.secrets or ()), kept} - {""})
        return forms.Select(choices=[("", "—"), *((name, name) for name in names)])

    def show(self, value: Any) -> str:
        name = value.get("name") if isinstance(value, Mapping) else None
        return name if isinstance(name, str) else ""

    def fits(self, value: Any) -> str:
        is_choice = isinstance(value, Mapping) and set(value) <= {"id", "name"} and bool(self.show(value))
        return "" if is_choice else 'This must be a secret, such as {"name": "Ads token"}.'

    def read(self, text: str) -> Any:
        return self.stored if text == self.show(self.stored) else {"name": text}


class BooleanSetting(forms.BooleanField):
    """A check box."""

    def __init__(self, spec: Field) -> None:
        self.spec = spec
        super().__init__(required=False, label=spec.label, help_text=spec.help)

    def show(self, value: Any) -> bool:
        return value is True

    def fits(self, value: Any) -> str:
        return "" if isinstance(value, bool) else "This must be true or false."


SettingField = TextSetting | BooleanSetting

# Types whose input depends on the stored value. All other inputs of a setting are alike.
DEPENDS_ON_STORED = frozenset({"secret", "stored_secret", "content"})

_CLASSES: dict[str, type[TextSetting]] = {
    "text": TextSetting,
    "textarea": TextAreaSetting,
    "code": CodeSetting,
    "choice": ChoiceSetting,
    "combo": ComboSetting,
    "number": NumberSetting,
    "integer": IntegerSetting,
    "json": JsonSetting,
    "list": ListSetting,
}
_OF_OBJECTS: dict[str, type[TextSetting]] = {"own": OwnKeysSetting, "json": ObjectSetting}


def make_field(
    spec: Field,
    *,
    elements: Collection[str] | None,
    stored: Any = None,
    secrets: Collection[str] | None = None,
    role: str = "value",
) -> SettingField:
    """Return the form field of a leaf: of one setting, or of JSON for an object."""
    if role in _OF_OBJECTS:
        return _OF_OBJECTS[role](spec, elements)
    if spec.type == "boolean":
        return BooleanSetting(spec)
    if spec.type == "secret":
        return SecretSetting(spec, elements, stored=secret_name(stored), secrets=secrets)
    if spec.type == "stored_secret":
        return StoredSecretSetting(spec, elements, stored=stored, secrets=secrets)
    if spec.type == "content":
        return ContentSetting(spec, elements, stored=stored)
    return _CLASSES[spec.type](spec, elements)
