"""Makes Django forms from the descriptors of component types. Pages and documents use the same form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django import forms

from . import dotted
from .case_sensitive_fields import letter_case_advice
from .component_advice import advice_on
from .descriptor import ComponentType, Field
from .element_usage import leaks
from .errors import Cure, Problem
from .form_changes import change_asked, changed_data
from .form_fields import DEPENDS_ON_STORED, SettingField, make_field, spelling_cure, unknown_tokens
from .form_layout import OWN_KEYS, WHOLE, Group, Leaf, Node, Rows, input_text, layout
from .form_levels import View, views
from .form_places import NAME, SHOWN, Places
from .form_sections import SectionView, sections
from .references import SECRET, by_stage, secret_name
from .settings_shape import shape_problems
from .tokens import tokens_in, whole_token

REMOVE = "~remove"
# Problems that only the property can find.
Judge = Callable[[Mapping[str, Any]], Iterable[Problem]]


class ComponentForm(forms.Form):
    """Settings of one component. Make it with :func:`form_for`."""

    use_required_attribute = False  # A browser would stop at inputs that ``show_if`` hides.

    def __init__(
        self,
        component_type: ComponentType,
        *,
        settings: Mapping[str, Any] | None = None,
        data: Any = None,
        elements: Collection[str] | None = (),
        secrets: Collection[str] | None = None,
        credentials: Collection[str] = (),
        lowered: Collection[str] = (),
        prefix: str = "",
        places: Places | None = None,
        judge: Judge | None = None,
    ) -> None:
        super().__init__(data=data, prefix=prefix or None)
        self.places, self._judge = places, judge
        self.component_type, self.stored = component_type, settings or {}
        self.secrets, self.credentials, self.lowered = secrets, credentials, lowered
        # Path → text that a person should check; pages mark it.
        self.suggested: Mapping[str, str] = {}
        # Path of the input that a button changes: the form is shown again, and not saved.
        self.changing = ""
        self._references: Mapping[str, str] = {}
        self.nodes = layout(component_type.fields, self.stored, self._sent_paths())
        self.leaves = {leaf.path: leaf for node in self.nodes for leaf in node.leaves()}
        for path, leaf in self.leaves.items():
            field = self._make_field(leaf, elements)
            self.fields[path] = field
            self.initial[path] = field.show(leaf.stored)
            self._dress(path, leaf)

    def _make_field(self, leaf: Leaf, elements: Collection[str] | None) -> SettingField:
        return make_field(
            leaf.spec,
            elements=elements,
            stored=leaf.stored,
            secrets=self.secrets,
            role=leaf.role,
        )

    def _sent_paths(self) -> list[str]:
        start = f"{self.prefix}-" if self.prefix else ""
        return [name.removeprefix(start) for name in self.data if name.startswith(start)]

    def _dress(self, path: str, leaf: Leaf) -> None:
        attrs = self.fields[path].widget.attrs
        attrs["data-path"] = path
        if leaf.spec.required and leaf.spec.type != "boolean":
            attrs["aria-required"] = "true"

    # Which inputs matter

    def raw(self, path: str) -> str:
        """Return the text of an input on the page; ``true`` or ``false`` for a check box."""
        value = self[path].value()
        return str(value).lower() if isinstance(value, bool) else str(value or "")

    def conditions(self, path: str, spec: Field) -> dict[str, list[str]]:
        """Return the path of each controlling input → values (as text) for which this field matters."""
        base = path.removesuffix(spec.key)
        found = {}
        for key, values in spec.show_if.items():
            controller = base + key if base + key in self.leaves else key
            found[controller] = [input_text(value) for value in values]
        return found

    def is_shown(self, path: str, spec: Field) -> bool:
        """Return whether this field matters, given the values of other fields."""
        return all(
            controller not in self.leaves
            or (self._may_be(controller, values) and self.is_shown(controller, self.leaves[controller].spec))
            for controller, values in self.conditions(path, spec).items()
        )

    def _may_be(self, path: str, values: Collection[str]) -> bool:
        """Return whether an input holds one of these values, or a value that depends on the event."""
        raw, spec = self.raw(path), self.leaves[path].spec
        known = spec.type != "combo" or raw in ("", *(str(value) for value, _ in spec.options))
        return raw in values or bool(tokens_in(raw)) or not known

    @cached_property
    def advice_now(self) -> list[Problem]:
        """Return the advice when the form is first shown."""
        return self.advice()

    def advice(self) -> list[Problem]:
        """Return advice on these settings, which work but are most likely not meant; empty for a new form."""
        settings = self.to_settings() if self.is_bound and self.is_valid() else self.stored
        return self.advice_about(settings)

    def advice_about(self, settings: Mapping[str, Any]) -> list[Problem]:
        """Return advice on settings, including the effects of data elements on letter case."""
        kind = self.component_type
        return [*advice_on(kind, settings), *letter_case_advice(kind.fields, settings, self.lowered)]

    # Validation

    def clean(self) -> dict[str, Any]:
        self._forget_removed()
        for node in self.nodes:
            self._forget_hidden(node)
            self._forget_empty_rows(node)
        for group in self._groups(self.nodes):
            self._check_group(group)
        self._check_addresses()
        self._check_together()
        self._check_places()
        self._forget_while_changing()
        return self.cleaned_data

    def _forget_while_changing(self) -> None:
        """A form that is only changed has not been finished: report what stops the change, nothing else."""
        ends = (f".{OWN_KEYS}", f".{WHOLE}")
        for path in list(self.errors) if self.changing else ():
            if not (path.startswith(f"{self.changing}.") and path.endswith(ends)):
                del self.errors[path]

    def _check_places(self) -> None:
        """Refuse a credential without an environment: it could never be used."""
        for path in self.typed_credentials() if self.places and not self.chosen_places() else ():
            self.add_error(path, "Choose at least one environment for this credential.")

    def _check_addresses(self) -> None:
        for path, leaf in self.leaves.items() if self.credentials else ():
            for message in leaks(leaf.spec, self.cleaned_data.get(path), self.credentials):
                self.add_error(path, message)

    def _check_together(self) -> None:
        """Check fields together. An object with an error of its own is reported only once."""
        settings = self.to_settings()
        checks = (self.component_type.check, self._judge)
        found = (problem for check in checks if check for problem in check(settings))
        for problem in found if not self.changing else ():
            name = self._nearest(problem.path)
            if name is None or name not in self.errors:
                self.add_error(name, _sentence(problem, self.leaves))

    def _forget_removed(self) -> None:
        """Ignore errors about a credential that is being removed."""
        for path, leaf in self.leaves.items():
            if self.is_removed(path) and not leaf.spec.required and not self.raw(path):
                self.errors.pop(path, None)

    def _forget_hidden(self, node: Node) -> None:
        if not self.is_shown(node.path, node.spec):
            self._forget(node)
            return
        children = (
            [n for row in node.rows for n in row] if isinstance(node, Rows) else getattr(node, "nodes", [])
        )
        for child in children:
            self._forget_hidden(child)

    def _forget(self, node: Node) -> None:
        for leaf in node.leaves():
            self.errors.pop(leaf.path, None)
            self.cleaned_data.pop(leaf.path, None)

    def _forget_empty_rows(self, node: Node) -> None:
        for row in node.rows if isinstance(node, Rows) else []:
            if not any(self._is_filled(leaf) for item in row for leaf in item.leaves()):
                for item in row:
                    self._forget(item)

    def _is_filled(self, leaf: Leaf) -> bool:
        """Return whether a person filled this input; a default does not count."""
        raw = self.raw(leaf.path)
        return raw not in ("", "false") and (
            leaf.spec.default is None or raw != input_text(leaf.spec.default)
        )

    def _groups(self, nodes: Iterable[Node]) -> Iterator[Group]:
        for node in nodes:
            if isinstance(node, Group):
                yield node
                yield from self._groups(node.nodes)
            elif isinstance(node, Rows):
                yield from (group for row in node.rows for group in self._groups(row))

    def _check_group(self, group: Group) -> None:
        last = group.whole or group.own
        if group.spec.required and self.is_shown(group.path, group.spec) and self.value_of(group) is None:
            self.add_error(last.path, f"{group.spec.label} is needed.")
        if group.whole:
            self._check_keys(group, group.whole)

    def _check_keys(self, group: Group, whole: Leaf) -> None:
        if self.cleaned_data.get(whole.path) and self._object(group):
            self.add_error(whole.path, "Enter either one data element for the whole, or single values.")
        own = self.cleaned_data.get(group.own.path) or {}
        laid_out = {child.spec.key for child in group.nodes}
        if doubled := sorted(laid_out & set(own)):
            self.add_error(group.own.path, f"“{doubled[0]}” has its own field. Use that field instead.")

    def _nearest(self, path: str) -> str | None:
        """Return the input of ``path`` or of the object around it; None if the problem concerns the whole."""
        while path:
            for candidate in (path, f"{path}.{WHOLE}", f"{path}.{OWN_KEYS}"):
                if candidate in self.fields:
                    return candidate
            path = path.rpartition(".")[0]
        return None

    # Values

    def to_settings(self, references: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the settings to store, without empty values.

        Args:
            references: Path of a typed credential → name of the secret that now holds it. A credential
                without a name appears as a reference to its own path; the typed value never appears.
        """
        self._references = references or {}
        settings: dict[str, Any] = {}
        for node in self.nodes:
            if (value := self.value_of(node)) is not None:
                dotted.put(settings, node.spec.key, value)
        return settings

    def typed_credentials(self) -> dict[str, str]:
        """Return path → plain value of each newly typed credential, for the caller to store."""
        return {
            leaf.path: value
            for leaf in self.leaves.values()
            if leaf.spec.type == "secret"
            and (value := self.cleaned_data.get(leaf.path))
            and not whole_token(value)
        }

    def chosen_places(self) -> list[str]:
        """Return the keys of the environments for which typed credentials are stored."""
        return self.places.sent(self.data, f"{self.prefix}-" if self.prefix else "") if self.places else []

    def stored_credential(self, path: str) -> str | None:
        """Return the name of the secret that this input referred to before."""
        return secret_name(self.leaves[path].stored)

    def label_of(self, path: str) -> str:
        """Return the label of an input."""
        return self.leaves[path].spec.label

    def value_of(self, node: Node) -> Any:
        """Return the value to store of one input, object or list; None if it is empty."""
        if isinstance(node, Rows):
            rows = [_nested((item.spec.key, self.value_of(item)) for item in row) for row in node.rows]
            return [row for row in rows if row] or None
        if isinstance(node, Group):
            whole = self.cleaned_data.get(node.whole.path) if node.whole else None
            return whole or self._object(node) or None
        return self._leaf_value(node)

    def _object(self, group: Group) -> Any:
        own = self.cleaned_data.get(group.own.path) or {}
        if group.is_json:
            return own
        return _nested((node.spec.key, self.value_of(node)) for node in group.nodes) | own

    def _leaf_value(self, leaf: Leaf) -> Any:
        if leaf.path not in self.cleaned_data:
            return None
        value = self.cleaned_data[leaf.path]
        if leaf.spec.type == "secret":
            return self._credential(leaf, value)
        if leaf.spec.type == "boolean":
            return value if value or leaf.spec.default is True else None
        return leaf.stored if self._is_unchanged(leaf) and value is not None else value

    def _is_unchanged(self, leaf: Leaf) -> bool:
        return (
            leaf.stored is not None and self.data.get(self.add_prefix(leaf.path)) == self.initial[leaf.path]
        )

    def _credential(self, leaf: Leaf, typed: str | None) -> Any:
        if typed:
            return typed if whole_token(typed) else {SECRET: self._references.get(leaf.path, leaf.path)}
        return leaf.stored if secret_name(leaf.stored) and not self.is_removed(leaf.path) else None

    def removal_name(self, path: str) -> str:
        """Return the name of the check box that removes a credential."""
        return self.add_prefix(path) + REMOVE

    def is_removed(self, path: str) -> bool:
        """Return whether a person asked to remove this credential."""
        return self.removal_name(path) in self.data

    # Cures

    def input_of(self, path: str) -> str:
        """Return the input of a setting, or of the object around it; empty if no input has it."""
        return self._nearest(path) or ""

    def raw_at(self, path: str) -> str:
        """Return the text of the input of exactly this setting; empty if it is part of an object."""
        return self.raw(path) if path in self.leaves else ""

    def may_set(self, path: str) -> bool:
        """Return whether a cure may fill this setting: it holds no data element."""
        return not tokens_in(self.raw_at(path)) and bool(self.input_of(path))

    def spelling_cure(self, path: str) -> Cure | None:
        """Return the cure of a data element that does not exist, if one with a similar name does."""
        return spelling_cure(self.raw_at(path), getattr(self.fields.get(path), "elements", None))

    # Display

    def sections(self) -> list[SectionView]:
        """Return the sections for the template, in the order of the page."""
        return sections(self)

    def views(self) -> list[View]:
        """Return the views of a long form; empty for a short one."""
        return views(it for section in self.sections() for it in section.inputs)

    def place_boxes(self) -> list[tuple[str, str, bool]]:
        """Return (key, name, ticked) for each environment; empty if no credential can be typed."""
        takes_any = any(leaf.spec.type == "secret" for leaf in self.leaves.values())
        ticked = self.chosen_places()
        return [(*it, it[0] in ticked) for it in self.places.choices] if self.places and takes_any else []

    @property
    def typed_any(self) -> bool:
        """Whether a credential was typed and is not saved."""
        return any(self.raw(path) for path, leaf in self.leaves.items() if leaf.spec.type == "secret")

    @property
    def place_names(self) -> tuple[str, str]:
        """Return the names of two inputs: the mark that the form asked, and the boxes."""
        return self.add_prefix(SHOWN), self.add_prefix(NAME)


def _sentence(problem: Problem, leaves: Mapping[str, Leaf]) -> str:
    is_shown_at_its_input = problem.path in leaves or not problem.label
    return problem.message if is_shown_at_its_input else f"{problem.label}: {problem.message}"


def _nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if value is not None:
            dotted.put(made, key, value)
    return made


def form_for(
    component_type: ComponentType,
    *,
    settings: Mapping[str, Any] | None = None,
    data: Any = None,
    elements: Collection[str] | None = (),
    secrets: Collection[str] | None = None,
    credentials: Collection[str] = (),
    lowered: Collection[str] = (),
    prefix: str = "",
    places: Places | None = None,
    judge: Judge | None = None,
) -> ComponentForm:
    """Return the form of a component type.

    Args:
        component_type: Its descriptor.
        settings: Stored settings: the initial values, and the credentials that empty inputs keep.
        data: The submitted data (``request.POST``), or None.
        elements: Names of the data elements that tokens may name; None accepts every name.
        secrets: Names of the stored credentials, or name → last four characters; None accepts every name.
        credentials: Names of the data elements that return a credential; addresses may not use them.
        lowered: Names of the data elements that force lower case; advice names them if case counts.
        prefix: Precedes the names of all inputs.
        places: The environments for which typed credentials can be stored; None if nothing is stored.
        judge: Returns further problems, which depend on the property.
    """

    def make(sent: Any) -> ComponentForm:
        return ComponentForm(
            component_type,
            settings=settings,
            data=sent,
            elements=elements,
            secrets=secrets,
            credentials=credentials,
            lowered=lowered,
            prefix=prefix,
            places=places,
            judge=judge,
        )

    form = make(data)
    _, path, _ = change_asked(form)
    if path:
        form = make(changed_data(form))
        form.changing = path
    return form


def check_settings(
    component_type: ComponentType,
    settings: Mapping[str, Any],
    *,
    elements: Collection[str] | None = (),
    secrets: Collection[str] | None = None,
) -> list[Problem]:
    """Return every problem of stored settings, or of settings in a document.

    Args:
        component_type: Its descriptor.
        settings: As stored; credentials may be plain text or a reference to a secret.
        elements: Names of the data elements that tokens may name; None accepts every name.
        secrets: Names of the stored credentials; None accepts every name.

    Returns:
        Problems with paths inside the settings, in the order of the fields; empty if there are none.
    """
    return SettingsCheck()(component_type, settings, elements=elements, secrets=secrets)


class SettingsCheck:
    """``check_settings`` for many components: the inputs of a type are made once and shared.

    Use one for one task: the collections of data element and secret names must remain the same objects.
    """

    def __init__(self) -> None:
        self._names: tuple[Any, Any] = (None, None)
        self._inputs: dict[int, dict[str, SettingField]] = {}

    def __call__(
        self,
        component_type: ComponentType,
        settings: Mapping[str, Any],
        *,
        elements: Collection[str] | None = (),
        secrets: Collection[str] | None = None,
    ) -> list[Problem]:
        if self._names[0] is not elements or self._names[1] is not secrets:
            self._names, self._inputs = (elements, secrets), {}
        found = list(shape_problems(component_type.fields, settings))
        inputs = self._inputs.setdefault(id(component_type), {})
        form = _JudgedForm(component_type, inputs, settings=settings, elements=elements, secrets=secrets)
        wrong = {problem.path for problem in found}
        found += (p for p in _problems_of(form) if not _is_within(p.path, wrong))
        return found + list(_hidden_problems(form, elements))


def _is_within(path: str, wrong: Collection[str]) -> bool:
    """Return whether a setting or the object around it already has an error: further ones are left out."""
    return path in wrong or any(path.startswith(f"{outer}.") for outer in wrong if outer)


class _JudgedForm(ComponentForm):
    """A form without a page: it receives stored settings as a browser would send them, and shares inputs."""

    def __init__(
        self,
        component_type: ComponentType,
        inputs: dict[str, SettingField],
        *,
        settings: Mapping[str, Any],
        elements: Collection[str] | None,
        secrets: Collection[str] | None,
    ) -> None:
        self._inputs = inputs
        super().__init__(component_type, settings=settings, data={}, elements=elements, secrets=secrets)
        sent = {path: _text_sent(leaf, self.initial[path]) for path, leaf in self.leaves.items()}
        self.data = {path: text for path, text in sent.items() if text is not False}

    def _make_field(self, leaf: Leaf, elements: Collection[str] | None) -> SettingField:
        if leaf.spec.type in DEPENDS_ON_STORED:
            return super()._make_field(leaf, elements)
        if leaf.path not in self._inputs:
            self._inputs[leaf.path] = super()._make_field(leaf, elements)
        return self._inputs[leaf.path]

    def _dress(self, path: str, leaf: Leaf) -> None:
        pass


def _text_sent(leaf: Leaf, shown: Any) -> Any:
    if leaf.spec.type != "secret":
        return shown
    given = next(iter(by_stage(leaf.stored).values()), leaf.stored)
    return given if isinstance(given, str) else shown


def _problems_of(form: ComponentForm) -> Iterator[Problem]:
    for path, errors in form.errors.items():
        leaf = form.leaves.get(path)
        label = leaf.spec.label if leaf else ""
        yield from (Problem(_public(path) if leaf else "", label, str(text)) for text in errors)


def _hidden_problems(form: ComponentForm, elements: Collection[str] | None) -> Iterator[Problem]:
    """Yield unknown data elements in hidden settings too: the engine resolves all settings."""
    for path, leaf in form.leaves.items():
        is_judged = path in form.cleaned_data or path in form.errors
        for text in [] if is_judged or elements is None else unknown_tokens(leaf.stored, elements):
            yield Problem(_public(path), leaf.spec.label, text)


def _public(path: str) -> str:
    return path.removesuffix(".*").removesuffix(".=")


__all__ = ["ComponentForm", "SectionView", "SettingsCheck", "check_settings", "form_for"]
