"""A shop whose vendor answers with figures, and what it was asked."""

from __future__ import annotations

import copy
import importlib
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import Environment, Property

ANSWERS: Any = importlib.import_module("properties.extensions.meta_conversions_api.tests.quality")


@dataclass
class Vendor:
    """Answers each question; ``asked`` are the requests with the credentials that they were sent with."""

    answer: Any = field(default_factory=lambda: copy.deepcopy(ANSWERS.SAMPLE))
    status: int = 200
    asked: list[tuple[OutboundRequest, str]] = field(default_factory=list)

    def send(self, request: OutboundRequest, *, secrets: Any, **_: Any) -> Answer:
        token = transport.reveal(request.headers["Authorization"], secrets.names, secrets.value_of)
        self.asked.append((request, token))
        if isinstance(self.answer, Answer):
            return self.answer
        return Answer(self.status, body=json.dumps(self.answer))

    def refuse(self, code: int, status: int = 400) -> None:
        self.answer, self.status = {"error": {"code": code, "message": "No", "fbtrace_id": "Abc"}}, status


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    found = Vendor()
    monkeypatch.setattr(transport, "send", found.send)
    return found


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")
