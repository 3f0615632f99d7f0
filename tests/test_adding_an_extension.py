"""Follows docs/adding_an_extension.md as it is printed, in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.registry import packages
from tests.product import INHERITED, PATIENCE_SECONDS, answers, free_port, wait_for

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "adding_an_extension.md"
TEMPLATE = ROOT / "docs" / "template_vendor"
VENDOR = "properties/extensions/zephyr_ads"
NOT_COPIED = (".git", ".venv", "node_modules", "var", "__pycache__", ".*_cache", ".hypothesis")
# Ports that the page prints: other programs may have them.
STAND_IN_PORT, PRODUCT_PORT = "9000", "8000"
# The blocks that go on until somebody stops them.
STAND_IN, PRODUCT = "tests.stand_in", "manage.py up"


@dataclass
class Copy:
    """The project as git keeps it, and the results of the commands that ran there."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, str]
    said: str = ""
    requests: list[Any] = field(default_factory=list)
    ledger: dict[str, Any] = field(default_factory=dict)

    def run(self, command: str) -> str:
        """Run a block of the page and return its output."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=3 * PATIENCE_SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}"
        return done.stdout

    @contextmanager
    def running(self, command: str, name: str) -> Iterator[Path]:
        """Run a block until the others are done; gives the file with its output."""
        output = self.folder.parent / f"{name}.log"
        with output.open("w") as printed:
            process = subprocess.Popen(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self.environment,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield output
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)

    def git(self, command: str) -> list[str]:
        """The lines that git printed."""
        return self.run(f"git {command}").splitlines()


def blocks(ports: dict[str, str]) -> list[str]:
    """The commands of the page, block by block, with ports that are free."""
    page = GUIDE.read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    pattern = re.compile("|".join(ports))
    return [pattern.sub(lambda port: ports[port[0]], block) for block in found]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, curl: str) -> Copy:
    """The copy after a person has followed the page to the end of its commands."""
    folder = tmp_path_factory.mktemp("guide") / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / ".venv").symlink_to(sys.prefix)
    variables = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    ports = {printed: str(free_port()) for printed in (STAND_IN_PORT, PRODUCT_PORT)}
    copy = Copy(folder, {**INHERITED, **variables}, ports)
    copy.git("init --quiet")
    copy.git("add --all")
    follow(copy)
    return copy


def follow(copy: Copy) -> None:
    with ExitStack() as stack:
        for block in blocks(copy.ports):
            if STAND_IN in block:
                output = stack.enter_context(copy.running(block, "stand_in"))
            elif PRODUCT in block:
                wait_until_ready(copy, stack.enter_context(copy.running(block, "product")))
            else:
                copy.said += copy.run(block)
        copy.ledger = wait_for(lambda: settled(copy), "every event to be settled")
        copy.requests = [json.loads(line) for line in output.read_text().splitlines()]


def wait_until_ready(copy: Copy, log: Path) -> None:
    url = f"http://127.0.0.1:{copy.ports[PRODUCT_PORT]}/readyz"
    try:
        wait_for(lambda: answers(url), "the product to be ready")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{log.read_text()[-3000:]}") from None


def settled(copy: Copy) -> dict[str, Any] | None:
    """The ledger as soon as there are events, and none of them is open."""
    found: dict[str, Any] = json.loads(copy.run(".venv/bin/python manage.py ledger --json"))
    return found if found["accepted"] and not found["open"] else None


def sent(copy: Copy) -> list[dict[str, Any]]:
    return [event for request in copy.requests for event in request["events"]]


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]


pytestmark = pytest.mark.processes


def test_no_file_outside_of_the_folder_is_touched(followed: Copy) -> None:
    changed = followed.git("ls-files --others --modified --deleted --exclude-standard")
    assert f"{VENDOR}/extension.py" in changed
    assert [path for path in changed if not path.startswith(f"{VENDOR}/")] == []


def test_the_tests_of_the_new_vendor_and_of_the_product_pass(followed: Copy) -> None:
    assert f"{VENDOR}/tests/test_send_event.py" in followed.said
    for name in (
        "test_the_package_says_nothing_that_cannot_work[zephyr-ads]",
        "test_every_package_documents_each_of_its_types[zephyr-ads]",
        "test_every_variable_has_its_row_in_the_documentation",
    ):
        assert f"{name} PASSED" in followed.said


def test_the_new_vendor_is_in_the_catalog(followed: Copy) -> None:
    assert "test_the_package_is_in_the_catalog_and_its_page_opens[zephyr-ads] PASSED" in followed.said


def test_the_import_contracts_are_kept(followed: Copy) -> None:
    assert re.search(r"Contracts: \d+ kept, 0 broken", followed.said)


def test_nothing_is_left_of_the_name_of_the_template(followed: Copy) -> None:
    files = [path for path in (followed.folder / VENDOR).rglob("*") if path.is_file()]
    assert len(files) == len(
        [path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    )
    assert [path for path in files if "acme" in f"{path.name}{path.read_text()}".lower()] == []


def test_a_batch_reaches_the_address_of_the_installation(followed: Copy) -> None:
    assert [len(request["events"]) for request in followed.requests] == [3]
    assert followed.requests[0]["path"] == "/v1/accounts/A-1/events"
    assert followed.requests[0]["authorization"] == "Bearer example-token-of-zephyr"


def test_each_event_has_the_cookie_of_its_visitor(followed: Copy) -> None:
    assert [event["user"]["visitor_id"] for event in sent(followed)] == ["v-42"] * 3


def test_a_phone_number_is_hashed_in_the_form_of_the_vendor(followed: Copy) -> None:
    """The property's default country is the US.

    Source: docs/template_vendor/README.md, "Send Event".
    """
    numbers = {event["event_id"]: event["user"].get("phone_sha256") for event in sent(followed)}
    assert numbers == {"e-1": sha256(b"+16505551212").hexdigest(), "e-2": None, "e-3": None}


def test_one_event_is_refused_and_the_others_are_delivered_once(followed: Copy) -> None:
    assert sorted(event["event_id"] for event in sent(followed)) == ["e-1", "e-2", "e-3"]
    counts = {state: followed.ledger[state] for state in ("accepted", "delivered", "dead", "open")}
    assert counts == {"accepted": 3, "delivered": 2, "dead": 1, "open": 0}


def test_the_template_is_not_offered() -> None:
    assert "acme-ads" not in packages()
