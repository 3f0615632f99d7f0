"""Code that reads a Secret: the value, in Adobe's engine as in ours when it runs for real.

Source: adobe/reactor-extension-core-edge, ``lib/dataElements/secret.js``. Adobe's engine runs it
with that secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rules.sandbox import Known, Sandbox, WatchedSandbox, Watcher

from .documents import action, call, code, document, path, rule
from .engines import Adobe, Document, Ours

pytestmark = pytest.mark.node

# The marker of a secret is its own name here: see ``Ours``.
NAME = "[[Ads token]]"
VALUES = [
    "EAABsbCS1234567890ZCZD",
    'quo"te\\back/slash',
    "two\nlines\t",
    "Grüße 世界 😀",
    "0123456789",
    "1e21",
    "$& ${x}",
]
ELEMENTS = {
    "Token": {
        "modulePath": "core::dataElements::secret",
        "settings": {"secrets": {"production": {"id": "SE1", "name": NAME}}},
    },
    "Header": code("dataElements", "return 'Bearer ' + getDataElementValue('Token');"),
    "Left": path("arc.ruleStash.core.customCode"),
}
# A keyed checksum: like a signature, it depends on each letter of the key.
SIGN = """const key = getDataElementValue('Token');
  let sum = 7;
  for (const letter of key + JSON.stringify(arc.event.data.user))
    sum = (sum * 31 + letter.codePointAt(0)) % 1000003;
  const header = getDataElementValue('Header');
  return {sum, length: key.length, type: typeof key, number: String(+key), header};"""


class OneSecret:
    """Knows the value of :data:`NAME`."""

    def __init__(self, value: str) -> None:
        self.value = value

    def revealed(self, text: str, known: Known) -> str:
        if NAME in text:
            known[self.value] = NAME
        return text.replace(NAME, json.dumps(self.value)[1:-1])

    def withheld(self) -> str:
        return ""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def signed() -> Document:
    steps = code("conditions", f"{SIGN.replace('return', 'const it =')} return it.length > 3;")
    return document(
        rule(steps, code("actions", SIGN, keyName="it"), action(value="{{Left}}")), elements=ELEMENTS
    )


def seen_by_adobe(adobe: Adobe, made: Document, value: str) -> Any:
    answer = adobe.ask(document=made, call=call(), env={"SE1": value})
    assert [status for _, status in answer["rules"]] == ["success"], answer
    return answer["seen"][-1][2]["value"]["it"]


def seen_by_ours(sandbox: Sandbox, made: Document, value: str | None) -> Any:
    credentials = None if value is None else OneSecret(value)
    ours = Ours(WatchedSandbox(sandbox, Watcher(), credentials))
    result = ours.run(made, call())
    assert list(result.statuses.values()) == ["success"], result
    (_, seen), *_ = [json.loads(it)[:2] for it in result.seen["RLR"]]
    return seen["value"]["it"]


@pytest.mark.parametrize("value", VALUES)
def test_code_gets_the_value_of_a_secret_as_in_adobes_engine(
    adobe: Adobe, sandbox: Sandbox, signed: Document, value: str
) -> None:
    theirs = seen_by_adobe(adobe, signed, value)
    ours = seen_by_ours(sandbox, signed, value)
    assert ours["header"] == f"Bearer {NAME}"
    assert {**ours, "header": ours["header"].replace(NAME, value)} == theirs


def test_code_in_a_dry_run_gets_the_marker(sandbox: Sandbox, signed: Document) -> None:
    assert seen_by_ours(sandbox, signed, None)["length"] == len(NAME)
