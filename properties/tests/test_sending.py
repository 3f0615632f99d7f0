"""The command that sends an event, run by a shell with a replacement for curl."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from properties.http.curl import NOW, curl_line
from properties.models import Datastream


@pytest.fixture
def arguments(tmp_path: Path) -> Any:
    """Return ``arguments(line)``: the arguments of curl, and the event in them."""
    (tmp_path / "curl").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    (tmp_path / "date").write_text("#!/bin/sh\necho 1700000000\n")
    for name in ("curl", "date"):
        (tmp_path / name).chmod(0o700)

    def run(line: str) -> tuple[list[str], Any]:
        said = subprocess.run(
            ["/bin/sh", "-c", line], env={"PATH": str(tmp_path)}, capture_output=True, text=True
        )
        assert not said.stderr
        found = said.stdout.splitlines()
        return found, json.loads(found[found.index("-d") + 1])["event"]

    return run


def test_a_shell_sends_the_event_as_it_is_with_the_time_in_its_id(arguments: Any) -> None:
    event = {"xdm": {}, "data": {"name": 'O\'Neil "$HOME" `ls` \\ ü', "event_id": f"order-{NOW}"}}
    given, sent = arguments(curl_line(Datastream(uid="DS1"), event, "https://events.shop.example"))
    assert sent == {**event, "data": {**event["data"], "event_id": "order-1700000000"}}
    assert "https://events.shop.example/ee/v2/interact?datastreamId=DS1" in given
    assert "Authorization: Bearer YOUR_KEY" not in given


def test_a_datastream_that_needs_a_key_has_a_place_for_one(arguments: Any) -> None:
    given, _ = arguments(
        curl_line(Datastream(uid="DS1", access="key"), {"data": {}}, "http://localhost:8000")
    )
    assert "Authorization: Bearer YOUR_KEY" in given
