"""Extension packages of other distributions, with real distributions on ``sys.path``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from capi_admin.checks import check_packages
from properties.catalog import registry
from properties.catalog.elsewhere import Distribution
from properties.resources.creation import create_property

ROOT = Path(__file__).parent.parent
SOUND = """
from properties.catalog.descriptor import DataElementType, ExtensionPackage, Setting

PAGE = "https://acme.example/docs"
region = Setting("ACME_REGION", "Where Acme is.", default="eu")
extension = ExtensionPackage(
    name="acme",
    display_name="Acme Conversions",
    version="3.2.1",
    description="Sends events to Acme.",
    help_url=PAGE,
    installation=(region,),
    data_elements=(
        DataElementType(name="region", title="Region", help_url=PAGE, run=lambda settings, context: "eu"),
    ),
)
"""
COMMAND = """
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        from django.conf import settings

        self.stdout.write(settings.INSTALLATION["ACME_REGION"])
"""

NO_FILES: Mapping[str, str] = MappingProxyType({})
Install = Callable[..., None]


def write_distribution(folder: Path, source: str, files: Mapping[str, str] = NO_FILES) -> None:
    """The distribution Acme-CAPI 0.9 with one package, as an installer leaves it."""
    for name, text in {"__init__.py": "", "extension.py": source, **files}.items():
        path = folder / "acme_capi" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    info = folder / "acme_capi-0.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme-CAPI\nVersion: 0.9\n")
    (info / "entry_points.txt").write_text("[capi_admin.extensions]\nacme = acme_capi.extension:extension\n")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs the distribution in this process until the test ends."""

    def install(source: str, files: Mapping[str, str] = NO_FILES) -> None:
        write_distribution(tmp_path, source, files)
        monkeypatch.syspath_prepend(str(tmp_path))
        registry.look_again()

    yield install
    registry.look_again()
    monkeypatch.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_capi"]:
        del sys.modules[name]
    registry.look_again()


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_package_is_found_with_its_origin(install: Install) -> None:
    install(SOUND)
    assert registry.packages()["acme"].version == "3.2.1"
    assert registry.origin("acme") == Distribution("Acme-CAPI", "0.9")
    assert registry.module_names()[-1] == "acme_capi"
    assert registry.find_type("acme::dataElements::region") is not None
    assert registry.broken_packages() == []
    assert check_packages(None) == []


def test_our_own_packages_have_no_origin() -> None:
    assert registry.origin("core") is None


@pytest.mark.django_db
def test_the_catalog_says_where_a_package_comes_from(install: Install, client: Client) -> None:
    install(SOUND)
    owner = get_user_model().objects.create_user("owner")
    prop = create_property("Shop", actor=owner)
    client.force_login(owner)
    page = client.get(reverse("properties:catalog", args=[prop.uid])).content.decode()
    assert "Acme Conversions" in page
    assert page.count("From Acme-CAPI 0.9, not part of this product.") == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_is_missing", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("raise SystemExit('stop')", "cannot be loaded: SystemExit: stop"),
        ("def broken(:", "cannot be loaded: SyntaxError"),
        ("other = 5", "cannot be loaded: AttributeError"),
        ("extension = {'name': 'acme'}", "acme_capi.extension:extension is not an ExtensionPackage."),
        (SOUND.replace('name="acme"', 'name="core"'), "core, name: Two packages are called so. Rename one."),
        (SOUND.replace("ACME_REGION", "META_GRAPH_URL"), "Both take META_GRAPH_URL."),
        (SOUND.replace("installation=", "cookies=(5,), installation="), "acme, cookies: 5 is not a text."),
        (SOUND.replace("installation=", "cookies=5, installation="), "It cannot be checked: TypeError"),
    ],
)
def test_a_package_that_cannot_be_used_is_a_warning_with_a_hint(
    install: Install, source: str, reason: str
) -> None:
    install(source)
    assert "acme_capi" not in registry.module_names()
    assert {"core", "meta-conversions-api"} <= registry.packages().keys()
    (warning,) = check_packages(None)
    assert warning.id == "capi_admin.W005"
    assert "The extension package “acme” of Acme-CAPI 0.9 is not used: " in warning.msg
    assert reason in warning.msg
    assert warning.hint == "Install a version that works, or remove it: pip uninstall Acme-CAPI."


@pytest.mark.parametrize("name", ["models", "apps"])
def test_a_package_with_tables_or_an_app_of_its_own_is_not_used(install: Install, name: str) -> None:
    install(SOUND, {f"{name}.py": ""})
    assert f"It has a module acme_capi.{name}." in registry.broken_packages()[0].message


@pytest.mark.processes
def test_a_package_is_a_django_app_and_reads_its_setting(tmp_path: Path) -> None:
    write_distribution(
        tmp_path,
        SOUND,
        {
            "management/__init__.py": "",
            "management/commands/__init__.py": "",
            "management/commands/acme_region.py": COMMAND,
        },
    )
    done = manage(tmp_path, "acme_region", ACME_REGION="us")
    assert (done.returncode, done.stdout) == (0, "us\n"), done.stderr


@pytest.mark.processes
def test_a_broken_package_does_not_stop_the_server(tmp_path: Path) -> None:
    write_distribution(tmp_path, "raise RuntimeError('not today')")
    done = manage(tmp_path, "check")
    assert done.returncode == 0, done.stderr
    assert "(capi_admin.W005) The extension package “acme” of Acme-CAPI 0.9 is not used" in done.stderr
    assert "RuntimeError: not today" in done.stderr
