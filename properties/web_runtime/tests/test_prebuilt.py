"""The prebuilt files are what their makers published, but for the changes that the notice names."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from properties.web_runtime import ENGINE, ENGINE_NAME, WEB_SDK, licences_text, prebuilt_files, text_of

FOLDER = Path(__file__).parent.parent
MAKING = FOLDER / "making"
MADE = (ENGINE, WEB_SDK, "versions.json")


@pytest.mark.parametrize("name", [ENGINE, WEB_SDK])
def test_a_file_has_the_checksum_that_is_written_beside_it(name: str) -> None:
    assert prebuilt_files()[name].sha256 == hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()


def test_the_packages_are_those_that_the_maker_has_locked() -> None:
    locked = json.loads((MAKING / "package-lock.json").read_text("utf-8"))["packages"]
    origins = [origin for file in prebuilt_files().values() for origin in file.origins]
    assert {origin.package for origin in origins} >= {
        "@adobe/reactor-turbine",
        "@adobe/alloy",
        "@adobe/alloy-core",
    }
    for origin in origins:
        entry = locked[f"node_modules/{origin.package}"]
        assert (origin.version, origin.integrity) == (entry["version"], entry["integrity"])


def test_the_notice_names_each_package_with_its_version() -> None:
    text = licences_text()
    for file in prebuilt_files().values():
        for origin in file.origins:
            assert f"{origin.package} {origin.version}" in text
    assert "making/changed.mjs" in text


def test_the_licences_are_complete() -> None:
    text = licences_text()
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert text.count("Permission is hereby granted, free of charge") == 1


@pytest.mark.parametrize("name", [ENGINE, WEB_SDK])
def test_a_page_may_hold_a_file_in_a_script_of_its_own(name: str) -> None:
    assert not re.search("</script|<!--|[\u2028\u2029]", text_of(name), re.IGNORECASE)


def test_the_engine_writes_one_global_of_its_own() -> None:
    text = text_of(ENGINE)
    assert text.startswith(f"(function(){{var {ENGINE_NAME}=")
    assert "__satelliteLoaded" not in text
    assert "_satellite" not in text


def test_the_web_sdk_tells_events_its_version() -> None:
    [sdk] = [origin for origin in prebuilt_files()[WEB_SDK].origins if origin.package == "@adobe/alloy"]
    assert f'"{sdk.version}"' in text_of(WEB_SDK)
    assert "__VERSION__" not in text_of(WEB_SDK)


@pytest.mark.node
def test_making_the_files_again_gives_the_same_bytes(
    node: str, web_runtime_packages: Path, tmp_path: Path
) -> None:
    subprocess.run([node, str(MAKING / "make.mjs"), str(tmp_path)], check=True, cwd=MAKING, timeout=120)
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


@pytest.mark.node
def test_the_packages_are_as_npm_has_locked_them(web_runtime_packages: Path) -> None:
    installed = json.loads((web_runtime_packages / ".package-lock.json").read_text("utf-8"))["packages"]
    for file in prebuilt_files().values():
        for origin in file.origins:
            assert installed[f"node_modules/{origin.package}"]["integrity"] == origin.integrity


@pytest.mark.node
def test_the_notice_names_everything_that_is_left_out(node: str) -> None:
    script = "import('./left_out.mjs').then((it) => console.log(Object.keys(it.LEFT_OUT).join(' ')))"
    ran = subprocess.run([node, "-e", script], cwd=MAKING, check=True, capture_output=True, text=True)
    for word in (
        "Visitor",
        "LegacyIdentity",
        "ProcessIdSyncs",
        "getBrowser",
        "cookieJar",
        "querystring",
        "uuid",
    ):
        assert word.lower() in ran.stdout.lower()
    for word in ("oneTimeAnalyticsReferrer", "highEntropyUserAgentHints", "Assurance"):
        assert word.lower() in ran.stdout.lower()
        assert word in licences_text()
    assert len(ran.stdout.split()) == 13


@pytest.mark.node
def test_the_engine_is_the_published_file_but_for_its_names(web_runtime_packages: Path) -> None:
    published = (web_runtime_packages / "@adobe/reactor-turbine/dist/engine.min.js").read_text("utf-8")
    ours = text_of(ENGINE).removeprefix("(function(){").removesuffix("\n})();\n")
    named = ours.replace(f"window.{ENGINE_NAME}._loaded", "window.__satelliteLoaded")
    assert named.replace(ENGINE_NAME, "_satellite") == published.strip()


def test_make_has_a_command_for_it() -> None:
    if not shutil.which("make"):
        pytest.skip("no make")
    command = ["make", "--dry-run", "web-runtime"]
    said = subprocess.run(
        command, cwd=FOLDER.parent.parent, check=True, capture_output=True, text=True
    ).stdout
    assert "node make.mjs" in said
