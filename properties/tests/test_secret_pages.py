"""The pages of secrets never show a credential."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import AuditEvent, DataElement, Extension, Property, Secret
from properties.saving import save_resource
from properties.secrets import credentials

CLIENT_SECRET = "canary-client-secret-77aa"
TOKEN = "canary-access-token-9f3e"


def page(name: str, prop: Property, *arguments: object) -> str:
    return reverse(f"properties:{name}", args=[prop.uid, *arguments])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """Return the answers of the token server, which it gives in this order."""
    left = [Answer(200, body=json.dumps({"access_token": TOKEN, "expires_in": 86_400}))]

    def send(request: OutboundRequest, **_: Any) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(transport, "send", send)
    return left


def oauth2(prop: Property, **names: str) -> dict[str, str]:
    named = {
        f"names-{prop.environments.get(stage=stage).uid}": name
        for stage, name in (names or {"production": "Ads token"}).items()
    }
    return {
        **named,
        "credentials-client_id": "shop",
        "credentials-client_secret": CLIENT_SECRET,
        "credentials-authorization_url": "https://login.example.com/token",
        "credentials-client_authentication": "body",
        "credentials-refresh_offset": "14400",
    }


def make(owner_client: Client, prop: Property, **names: str) -> Secret:
    answer = owner_client.post(page("secret_new", prop) + "?type=oauth2", oauth2(prop, **names))
    assert answer.status_code == 302, answer.content.decode()
    return prop.secrets.get(name=next(iter((names or {"production": "Ads token"}).values())))


def test_every_type_has_its_form(owner_client: Client, prop: Property) -> None:
    types = owner_client.get(page("secret_new", prop)).content.decode()
    for type_of, title in Secret.Type.choices:
        assert title in types
        assert owner_client.get(page("secret_new", prop) + f"?type={type_of}").status_code == 200


def test_a_new_secret_is_exchanged_at_once(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    secret = make(owner_client, prop)
    assert (secret.status, secret.value, secret.environment.stage) == ("succeeded", TOKEN, "production")  # type: ignore[union-attr]
    assert secret.read_credentials() == {
        "client_id": "shop",
        "client_secret": CLIENT_SECRET,
        "authorization_url": "https://login.example.com/token",
        "client_authentication": "body",
        "refresh_offset": 14_400,
    }


def test_one_form_makes_a_secret_for_each_environment_that_is_named(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    make(owner_client, prop, development="Ads token, test", production="Ads token")
    found = prop.secrets.values_list("name", "environment__stage")
    assert set(found) == {("Ads token, test", "development"), ("Ads token", "production")}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"production": ""}, "Enter a name for at least one environment."),
        ({"production": "A", "staging": "A"}, "a different name for each"),
        ({"production": "Taken"}, "has this name"),
    ],
)
def test_names_are_needed_and_unique(
    owner_client: Client, prop: Property, answers: list[Answer], names: dict[str, str], message: str
) -> None:
    credentials.store(prop, "Taken", "a token of the settings")
    answer = owner_client.post(page("secret_new", prop) + "?type=oauth2", oauth2(prop, **names))
    assert message in answer.content.decode()
    assert prop.secrets.count() == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://login.example.com/token", "must start with https://"),
        ("https://localhost/token", "host name with a dot"),
        ("https://a:b@login.example.com/", "must not contain a user name"),
        ("https://[::1/", "cannot be read"),
    ],
)
def test_a_credential_is_sent_to_a_proper_address_only(
    owner_client: Client, prop: Property, url: str, message: str
) -> None:
    data = oauth2(prop) | {"credentials-authorization_url": url}
    assert message in owner_client.post(page("secret_new", prop) + "?type=oauth2", data).content.decode()


def test_a_user_name_with_a_colon_is_refused(owner_client: Client, prop: Property) -> None:
    """Source: RFC 7617 2: after a colon in the user-id, the rest would be read as part of the password."""
    data = {"credentials-username": "shop:eu", "credentials-password": "pass:word"}
    data[f"names-{prop.environments.get(stage='production').uid}"] = "Basic"
    address = page("secret_new", prop) + "?type=simple-http"
    assert "A user name for HTTP cannot contain a colon." in owner_client.post(address, data).content.decode()
    assert owner_client.post(address, data | {"credentials-username": "shop"}).status_code == 302
    assert prop.secrets.get().value == base64.b64encode(b"shop:pass:word").decode()


def test_a_key_that_cannot_be_read_is_shown_before_it_is_saved(owner_client: Client, prop: Property) -> None:
    uid = prop.environments.get(stage="production").uid
    cases = {
        "oauth2-google": {"credentials-service_account": "nonsense", "credentials-scope": "s"},
        "certificate": {"credentials-certificate": "nonsense", "credentials-private_key": "nonsense"},
    }
    for type_of, data in cases.items():
        address = page("secret_new", prop) + f"?type={type_of}"
        content = owner_client.post(address, {f"names-{uid}": "Key", **data}).content.decode()
        assert "This is not the JSON key file" in content or "not in PEM format" in content
        assert "nonsense" not in content
    assert not prop.secrets.exists()


def test_what_is_secret_is_on_no_page_in_no_message_and_in_no_audit_entry(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    secret = make(owner_client, prop)
    owner_client.post(page("secret_test", prop, secret.uid))
    wrong = oauth2(prop) | {"credentials-authorization_url": "wrong"}
    seen = [
        owner_client.get(page("secrets", prop)),
        owner_client.get(page("secret_edit", prop, secret.uid)),
        owner_client.post(page("secret_edit", prop, secret.uid), wrong),
        owner_client.post(page("secret_new", prop) + "?type=oauth2", wrong),
    ]
    shown = "".join(answer.content.decode() for answer in seen) + str(list(AuditEvent.objects.values()))
    assert CLIENT_SECRET not in shown
    assert TOKEN not in shown
    assert TOKEN[-4:] in seen[0].content.decode()


def test_a_failure_is_on_the_page_with_its_reason(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    answers[:] = [Answer(401, body='{"error": "invalid_client"}')]
    secret = make(owner_client, prop)
    content = owner_client.get(page("secret_edit", prop, secret.uid)).content.decode()
    assert "Failed" in content
    assert "The token server answered 401: invalid_client" in content


def test_a_retry_gets_a_token(owner_client: Client, prop: Property, answers: list[Answer]) -> None:
    good = answers[0]
    answers[:] = [Answer(503)]
    secret = make(owner_client, prop)
    answers[:] = [good]
    answer = owner_client.post(page("secret_retry", prop, secret.uid), follow=True)
    assert "has a new token" in answer.content.decode()
    secret.refresh_from_db()
    assert secret.status == "succeeded"


def test_a_test_keeps_nothing(owner_client: Client, prop: Property, answers: list[Answer]) -> None:
    secret = make(owner_client, prop)
    answers[:] = [Answer(200, body='{"access_token": "another long token", "expires_in": 60}')]
    content = owner_client.post(page("secret_test", prop, secret.uid), follow=True).content.decode()
    assert "It works: the server returned a token, ending in oken, valid until" in content
    answers[:] = [Answer(500)]
    assert "It does not work. The token server answered 500." in (
        owner_client.post(page("secret_test", prop, secret.uid), follow=True).content.decode()
    )
    secret.refresh_from_db()
    assert (secret.value, secret.status) == (TOKEN, "succeeded")


def test_an_empty_secret_field_keeps_what_is_stored(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    secret = make(owner_client, prop)
    data = oauth2(prop) | {"credentials-client_secret": "", "credentials-client_id": "other shop"}
    owner_client.post(page("secret_edit", prop, secret.uid), data)
    secret.refresh_from_db()
    kept = secret.read_credentials()
    assert (kept["client_id"], kept["client_secret"]) == ("other shop", CLIENT_SECRET)


def test_a_token_of_the_settings_of_an_extension_can_be_changed_here(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    secret = prop.secrets.get()
    empty = {"credentials-token": "", "binding-environment": ""}
    owner_client.post(page("secret_edit", prop, secret.uid), empty)
    secret.refresh_from_db()
    assert secret.value.startswith("EAAB")
    owner_client.post(page("secret_edit", prop, secret.uid), empty | {"credentials-token": "EAAC new token"})
    secret.refresh_from_db()
    assert (secret.value, secret.status, secret.environment) == ("EAAC new token", "succeeded", None)


def test_the_page_lists_what_uses_a_secret_and_keeps_it(
    owner_client: Client, prop: Property, meta: Extension, answers: list[Answer]
) -> None:
    secret = make(owner_client, prop)
    element = DataElement(
        prop=prop,
        name="Ads secret",
        delegate="core::dataElements::secret",
        settings={"secrets": {"production": {"name": "Ads token"}}},
    )
    save_resource(element)
    content = owner_client.get(page("secret_edit", prop, secret.uid)).content.decode()
    assert page("data_element_edit", prop, element.uid) in content
    answer = owner_client.post(page("secret_delete", prop, secret.uid), follow=True)
    assert "was not deleted: it is used by data element “Ads secret”" in answer.content.decode()
    token = prop.secrets.get(name="Meta Conversions API Access Token")
    assert page("extension_edit", prop, meta.uid) in (
        owner_client.get(page("secret_edit", prop, token.uid)).content.decode()
    )
    element.delete()
    owner_client.post(page("secret_delete", prop, secret.uid))
    assert not prop.secrets.filter(pk=secret.pk).exists()


def test_the_form_of_a_secret_data_element_offers_the_secrets(
    owner_client: Client, prop: Property, answers: list[Answer]
) -> None:
    make(owner_client, prop)
    address = page("data_element_new", prop) + "?type=core::dataElements::secret"
    assert "Ads token" in owner_client.get(address).content.decode()
    data = {"element-name": "Ads", "element-enabled": "on", "secrets.production": "Ads token"}
    assert owner_client.post(address, data).status_code == 302
    element = prop.dataelements.get(name="Ads")
    assert element.settings == {"secrets": {"production": {"name": "Ads token"}}}
