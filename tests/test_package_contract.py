"""The promises of every extension package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from properties.catalog.context import EventContext, RunScript, ScriptKind
from properties.catalog.contract import refusals, shared_names
from properties.catalog.descriptor import ActionType, ComponentType, ExtensionPackage, Field
from properties.catalog.examples import Example
from properties.catalog.forms import check_settings, form_for
from properties.catalog.outbound import BatchItem, OutboundRequest, Outcome, Signature
from properties.catalog.registry import FOLDER, find_package, find_type, packages
from properties.catalog.testing import (
    MakeScript,
    example_output,
    example_warnings,
    fake_context,
    replaced_twice,
    run_example,
    unsendable,
)
from properties.catalog.tokens import tokens_of
from properties.resources.creation import create_property
from rules.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
DELEGATE = re.compile(
    r"[a-z][a-z0-9-]*::(events|conditions|actions|dataElements|extensionConfiguration)::[a-z][a-z0-9-]*"
)
CREDENTIAL = re.compile(r"EAA[A-Za-z0-9]{20,}|Bearer [A-Za-z0-9._-]{20,}|-----BEGIN")
SHORTEST_CREDENTIAL = 16

PACKAGES = list(packages().values())
TYPES = [(package, kind) for package in PACKAGES for kind in package.types()]
OFFERS = [(package, kind) for package, kind in TYPES if kind is not package.configuration]
EXAMPLES = [(package, kind, example) for package, kind in OFFERS for example in kind.examples]
# Those of web packages run in tests/browser/test_client_examples.py.
RUN_HERE = [it for it in EXAMPLES if it[0].platform != "web"]

each_package = pytest.mark.parametrize("package", PACKAGES, ids=[it.name for it in PACKAGES])
each_type = pytest.mark.parametrize(("package", "kind"), TYPES, ids=[p.delegate_id(k) for p, k in TYPES])
each_offer = pytest.mark.parametrize(("package", "kind"), OFFERS, ids=[p.delegate_id(k) for p, k in OFFERS])
each_example = pytest.mark.parametrize(
    ("package", "kind", "example"), EXAMPLES, ids=[f"{p.name}: {e.title}" for p, _, e in EXAMPLES]
)
each_example_run_here = pytest.mark.parametrize(
    ("package", "kind", "example"), RUN_HERE, ids=[f"{p.name}: {e.title}" for p, _, e in RUN_HERE]
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def make_script(sandbox: Sandbox) -> MakeScript:
    """Runs the code and the patterns of examples."""

    def make(context: EventContext) -> RunScript:
        session = sandbox.session(context.arc, seed="1", clock=context.received_at)
        ask = context.get_data_element
        assert ask is not None
        context.run_pattern = sandbox.run_pattern

        def run(source: str, kind: ScriptKind, settings: Mapping[str, Any]) -> Any:
            with session:
                return session.run(source, kind=kind, arc=context.arc, resolve=ask, settings=settings).value

        return run

    return make


def folder_of(package: ExtensionPackage) -> Path:
    return FOLDER / package.name.replace("-", "_")


def all_fields(fields: Any) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from all_fields(field.properties)


@each_package
def test_the_folder_has_the_name_of_the_package(package: ExtensionPackage) -> None:
    assert (folder_of(package) / "extension.py").is_file()


@each_package
def test_the_package_says_what_it_is(package: ExtensionPackage) -> None:
    assert package.display_name
    assert package.description
    assert package.platform in {"edge", "web", "mobile"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)


@each_package
def test_the_package_says_nothing_that_cannot_work(package: ExtensionPackage) -> None:
    assert refusals(package) == []


def test_packages_share_no_name() -> None:
    assert shared_names(PACKAGES) == []


@each_package
def test_the_page_of_the_package_names_its_settings_and_cookies(package: ExtensionPackage) -> None:
    page = (folder_of(package) / "README.md").read_text(encoding="utf-8")
    names = [*(setting.name for setting in package.installation), *package.cookies]
    assert [name for name in names if f"`{name}`" not in page] == []


@each_package
def test_the_package_has_a_page_for_its_users_that_names_everything_it_offers(
    package: ExtensionPackage,
) -> None:
    page = (folder_of(package) / "README.md").read_text(encoding="utf-8")
    assert [kind.title for _, kind in OFFERS if kind in [*package.types()] and kind.title not in page] == []


@each_package
def test_the_package_has_tests(package: ExtensionPackage) -> None:
    assert list((folder_of(package) / "tests").glob("test_*.py"))


@each_type
def test_a_delegate_is_found_by_its_id(package: ExtensionPackage, kind: ComponentType) -> None:
    delegate = package.delegate_id(kind)
    assert DELEGATE.fullmatch(delegate)
    assert find_type(delegate) is kind
    assert find_package(delegate) is package


@each_type
def test_names_and_keys_are_unique(package: ExtensionPackage, kind: ComponentType) -> None:
    assert [package.delegate_id(it) for it in package.types()].count(package.delegate_id(kind)) == 1
    keys = [field.key for field in kind.fields]
    assert sorted(set(keys)) == sorted(keys)


@each_type
def test_every_field_has_a_label_and_a_section(package: ExtensionPackage, kind: ComponentType) -> None:
    sections = {section.key for section in kind.sections} or {""}
    assert [field.key for field in all_fields(kind.fields) if not field.label.strip()] == []
    assert [field.key for field in kind.fields if field.section not in sections] == []


@each_type
def test_a_field_depends_only_on_fields_that_exist(package: ExtensionPackage, kind: ComponentType) -> None:
    keys = {field.key for field in kind.fields}
    named = {
        key for field in kind.fields for key in (*field.show_if, *field.required_for, *field.recommended_for)
    }
    assert named <= keys


@each_type
def test_it_has_a_form(package: ExtensionPackage, kind: ComponentType) -> None:
    form = form_for(kind, settings={}, elements=[])
    assert len(form.fields) >= len(kind.fields)


@each_offer
def test_it_is_explained_in_words(package: ExtensionPackage, kind: ComponentType) -> None:
    assert kind.title
    assert kind.description


@each_type
def test_the_browser_module_of_a_type_is_there(package: ExtensionPackage, kind: ComponentType) -> None:
    assert package.platform == "web" or not kind.client
    assert not kind.client or (folder_of(package) / "client" / kind.client).is_file()


@each_offer
def test_it_has_an_example(package: ExtensionPackage, kind: ComponentType) -> None:
    assert kind.examples


@each_example_run_here
def test_an_example_has_its_stated_result(
    package: ExtensionPackage, kind: ComponentType, example: Example, make_script: MakeScript
) -> None:
    assert run_example(package, kind, example, make_script) == example.result
    assert example_warnings(package, kind, example, make_script) == list(example.warnings)


@each_example_run_here
def test_the_result_of_an_example_can_be_sent(
    package: ExtensionPackage, kind: ComponentType, example: Example, make_script: MakeScript
) -> None:
    assert unsendable(kind, example_output(package, kind, example, make_script)) == []


def test_each_id_of_another_system_is_replaced_by_one_type() -> None:
    assert replaced_twice(PACKAGES) == []


ITEM = BatchItem("1", {"url": "https://vendor.example/"}, {"name": "x"}, name="x")
REQUEST = OutboundRequest("POST", "https://vendor.example/")
DELIVERED = Outcome("delivered")


def _sends(**parts: Any) -> ActionType:
    return ActionType(name="send", title="Send", run=lambda settings, context: ITEM, max_batch=9, **parts)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({}, "no batch_request"),
        ({"read_answer": lambda answer, count: DELIVERED}, "no batch_request"),
        ({"batch_request": lambda envelope, payloads: REQUEST}, "no read_answer"),
        (
            {"batch_request": lambda *_: {"url": "x"}, "read_answer": lambda *_: Outcome("retry")},
            "does not return an OutboundRequest",
        ),
        ({"batch_request": lambda *_: REQUEST, "read_answer": lambda *_: None}, "neither an Outcome"),
        ({"batch_request": lambda *_: REQUEST, "read_answer": lambda *_: DELIVERED}, "as delivered"),
    ],
)
def test_an_action_whose_batches_cannot_be_sent_is_refused(parts: dict[str, Any], problem: str) -> None:
    kind = _sends(**parts)
    assert kind.run is not None
    assert problem in " ".join(unsendable(kind, kind.run({}, fake_context())))


def test_an_action_that_awaits_an_answer_it_cannot_read_is_refused() -> None:
    assert unsendable(_sends(), REQUEST) == ["Send sends, but has no read_answer."]


def test_an_action_that_can_send_its_batches_passes() -> None:
    kind = _sends(
        batch_request=lambda envelope, payloads: REQUEST,
        read_answer=lambda answer, count: Outcome("delivered" if answer.status == 200 else "retry"),
    )
    assert unsendable(kind, [ITEM, ITEM]) == []


READS = {"read_answer": lambda answer, count: Outcome("delivered" if answer.status == 200 else "retry")}
ASKS = {
    "batch_request": lambda envelope, payloads: REQUEST,
    "read_answer": lambda answer, count: Outcome(
        "accepted" if answer.status == 200 else "retry", receipt="1"
    ),
    "follow_up": lambda envelope, receipt: REQUEST,
    "read_follow_up": lambda answer, count: [Outcome("retry")] * count,
}


def _problems(output: Any = ITEM, **parts: Any) -> str:
    return " ".join(unsendable(_sends(**parts), output))


def test_an_action_that_answers_for_each_event_and_asks_for_answers_passes() -> None:
    assert _problems(**ASKS) == ""
    each = {"read_answer": lambda answer, count: [Outcome("retry")] * count}
    assert _problems(**{**ASKS, **each}) == ""


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"read_answer": lambda answer, count: [DELIVERED]}, "nor a list of 2 outcomes"),
        ({"read_answer": lambda answer, count: [DELIVERED] * count}, "without an answer as delivered"),
        ({"read_answer": lambda answer, count: ["delivered"] * count}, "neither an Outcome"),
        ({"read_answer": lambda answer, count: Outcome("accepted")}, "without a receipt"),
        ({"read_answer": lambda answer, count: Outcome("accepted", receipt="1" * 256)}, "without a receipt"),
        ({"follow_up": None}, "needs both follow_up and read_follow_up"),
        ({"follow_up": None, "read_follow_up": None}, "nothing asks for the answer"),
        (
            {"follow_up": lambda envelope, receipt: "https://x"},
            "follow_up of Send does not return an OutboundRequest",
        ),
        ({"read_follow_up": lambda answer, count: [Outcome("retry")]}, "nor a list of 2 outcomes"),
        ({"read_follow_up": lambda answer, count: DELIVERED}, "read_follow_up of Send reads a request"),
        ({"answer_within": 0}, "must stop asking"),
        ({"answer_within": 8 * 86_400}, "must stop asking"),
    ],
)
def test_answers_that_cannot_be_read_or_asked_for_are_refused(parts: dict[str, Any], problem: str) -> None:
    assert problem in _problems(**{**ASKS, **parts})


def test_an_awaited_request_holds_one_event_and_its_answer_comes_at_once() -> None:
    each = {"read_answer": lambda answer, count: [Outcome("retry")] * count}
    assert "a list of outcomes, but its request holds a single event" in _problems(REQUEST, **each)
    assert "needs batch_request" in _problems(REQUEST, **{**ASKS, "batch_request": None})


SIGNED = Signature("X-Signature", "[[secret:Key]]")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"secret_query": {"key": ""}}, "empty or not text"),
        ({"secret_query": {"": "x"}}, "empty or not text"),
        (
            {"url": "https://vendor.example/?a=1&key=2", "secret_query": {"key": "x"}},
            "has key in the address",
        ),
        ({"signature": replace(SIGNED, secret="")}, "has no secret"),
        ({"signature": replace(SIGNED, message="{timestamp}")}, "needs {body}"),
        ({"signature": replace(SIGNED, value="v1")}, "needs {body}"),
        ({"signature": replace(SIGNED, header="")}, "headers of its own"),
        ({"signature": replace(SIGNED, timestamp_header="x-signature")}, "headers of its own"),
        ({"signature": SIGNED, "headers": {"x-signature": "1"}}, "headers of its own"),
    ],
)
def test_a_request_that_cannot_carry_its_credential_is_refused(parts: dict[str, Any], problem: str) -> None:
    request = replace(REQUEST, **parts)
    assert problem in _problems(request, **READS)
    assert problem in _problems(batch_request=lambda envelope, payloads: request, **READS)
    assert problem in _problems(**{**ASKS, "follow_up": lambda envelope, receipt: request})


def test_a_request_that_carries_its_credential_passes() -> None:
    request = replace(REQUEST, secret_query={"key": "[[secret:Key]]"}, signature=SIGNED)
    assert _problems(request, **READS) == ""


def test_two_types_that_replace_the_same_id_are_refused() -> None:
    old = "vendor::actions::send"
    package = ExtensionPackage(
        name="acme",
        display_name="Acme",
        version="1.0.0",
        actions=(
            _sends(replaces=(old,)),
            replace(_sends(replaces=(old, "vendor::actions::other")), name="b"),
        ),
    )
    assert replaced_twice([package]) == [old]


@each_example_run_here
def test_a_setting_that_is_absent_means_its_default(
    package: ExtensionPackage, kind: ComponentType, example: Example, make_script: MakeScript
) -> None:
    for field in kind.fields:
        if field.default not in (None, "") and not field.required:
            given, absent = with_setting(example.settings, field), without_setting(example.settings, field)
            results = [
                run_example(package, kind, replace(example, settings=settings), make_script)
                for settings in (given, absent)
            ]
            assert results[0] == results[1], field.key


def with_setting(settings: Mapping[str, Any], field: Field) -> dict[str, Any]:
    head, _, rest = field.key.partition(".")
    inner = replace(field, key=rest) if rest else field
    return {**settings, head: with_setting(settings.get(head) or {}, inner) if rest else field.default}


def without_setting(settings: Mapping[str, Any], field: Field) -> dict[str, Any]:
    head, _, rest = field.key.partition(".")
    kept = {key: value for key, value in settings.items() if key != head or rest}
    if rest and head in kept:
        kept[head] = without_setting(kept[head], replace(field, key=rest))
    return kept


@each_example
def test_an_example_could_be_saved(package: ExtensionPackage, kind: ComponentType, example: Example) -> None:
    with tokens_of(package.platform):
        known = [*example.data_elements, *example.elements]
        assert check_settings(kind, example.settings, elements=known, secrets=None) == []


@each_example
def test_an_example_names_its_source(
    package: ExtensionPackage, kind: ComponentType, example: Example
) -> None:
    assert example.title
    assert example.source


@each_example
def test_an_example_holds_no_credential(
    package: ExtensionPackage, kind: ComponentType, example: Example
) -> None:
    assert not CREDENTIAL.search(repr(example))
    configuration = package.configuration.fields if package.configuration else []
    for fields, settings in [(kind.fields, example.settings), (configuration, example.extension_settings)]:
        given = [settings.get(field.key) for field in fields if field.type == "secret"]
        assert all(len(value) < SHORTEST_CREDENTIAL for value in given if isinstance(value, str))


@each_package
@pytest.mark.django_db
def test_the_package_is_in_the_catalog_and_its_page_opens(package: ExtensionPackage, client: Client) -> None:
    owner = get_user_model().objects.create_user("owner")
    prop = create_property("Shop", platform=package.platform, actor=owner)
    client.force_login(owner)
    catalog = client.get(reverse("properties:catalog", args=[prop.uid]))
    assert package.display_name in catalog.content.decode()
    page = client.get(reverse("properties:extension_install", args=[prop.uid, package.name]), follow=True)
    assert page.status_code == 200
    assert package.display_name in page.content.decode()
