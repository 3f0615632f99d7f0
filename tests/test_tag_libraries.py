"""Tag libraries over HTTP, from the product itself. Contract: "Tags (web) properties"."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest
import requests

from tests.product import PATIENCE_SECONDS as PATIENCE
from tests.product import Product, wait_for
from tests.tags_shop import tags_shop

pytestmark = pytest.mark.processes
NO_CODING = {"Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Served:
    """The running product, with a tags property that is live in production."""

    product: Product
    answer: dict[str, Any]

    def url(self, stage: str) -> str:
        found: str = self.answer["environments"][stage]["library_url"]
        return found

    def publish(self, title: str, stage: str = "production") -> dict[str, Any]:
        """Publish a build whose rule sets this title."""
        document = tags_shop()
        document["rules"][0]["actions"][0]["settings"]["source"] = f"document.title = '{title}';"
        return self.product.apply(document, "--publish", stage)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    product = Product(tmp_path_factory.mktemp("served"))
    product.environment["PUBLIC_URL"] = product.url
    product.migrate()
    product.start()
    try:
        yield Served(product, product.apply(tags_shop(), "--publish", "production"))
    finally:
        product.stop()


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=PATIENCE)


def live(url: str) -> requests.Response:
    """The file, once the server has seen the publication."""
    return wait_for(lambda: answer if "ETag" in (answer := get(url)).headers else None, "the library")


def with_title(url: str, title: str) -> requests.Response:
    def look() -> requests.Response | None:
        answer = get(url)
        return answer if f"'{title}'" in answer.text else None

    return wait_for(look, f"the title {title}")


def test_the_library_is_a_script_for_every_site(served: Served) -> None:
    answer = live(served.url("production"))
    assert answer.status_code == 200
    assert ".greet" in answer.text
    expected = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Timing-Allow-Origin": "*",
        "ETag": f'"{hashlib.sha256(answer.content).hexdigest()}"',
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"'])
def test_a_browser_that_has_the_file_gets_304_without_a_body(served: Served, form: str) -> None:
    url = served.url("production")
    checksum = live(url).headers["ETag"].strip('"')
    answer = get(url, **{"If-None-Match": form.format(checksum)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == f'"{checksum}"'
    assert get(url, **{"If-None-Match": '"other"'}).status_code == 200


def test_each_coding_holds_the_same_file(served: Served) -> None:
    url = served.url("production")
    plain = live(url).content
    identity = get(url, **NO_CODING)
    assert "Content-Encoding" not in identity.headers
    assert identity.content == plain
    with requests.get(url, headers={"Accept-Encoding": "gzip;q=0.5"}, stream=True, timeout=PATIENCE) as sent:
        assert sent.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(sent.raw.read()) == plain
    assert "Content-Encoding" not in get(url, **{"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.skipif(find_spec("brotli") is None, reason="the optional module brotli is not installed")
def test_brotli_is_sent_to_those_who_read_it(served: Served) -> None:
    url = served.url("production")
    with requests.get(url, headers={"Accept-Encoding": "gzip, br"}, stream=True, timeout=PATIENCE) as sent:
        import brotli

        assert sent.headers["Content-Encoding"] == "br"
        assert brotli.decompress(sent.raw.read()) == live(url).content


def test_head_answers_like_get_without_a_body(served: Served) -> None:
    url = served.url("production")
    answer = requests.head(url, headers=NO_CODING, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(get(url, **NO_CODING).content)


def test_other_methods_are_refused(served: Served) -> None:
    answer = requests.post(served.url("production"), timeout=PATIENCE)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_publication_and_a_roll_back_reach_the_next_request(served: Served) -> None:
    url = served.url("production")
    served.publish("second")
    second = with_title(url, "second")
    served.publish("third")
    third = with_title(url, "third")
    assert third.headers["ETag"] != second.headers["ETag"]
    served.product.manage(
        "shell",
        "--no-imports",
        "-c",
        "from rules.models import Build; from rules.publishing.build import activate;"
        "activate(Build.objects.order_by('-id')[1])",
    )
    assert with_title(url, "second").content == second.content
    assert get(url, **{"If-None-Match": third.headers["ETag"]}).status_code == 200
    assert get(url, **{"If-None-Match": second.headers["ETag"]}).status_code == 304


def test_development_asks_each_time_until_a_person_sets_a_time(served: Served) -> None:
    served.publish("in development", "development")
    url = served.url("development")
    assert with_title(url, "in development").headers["Cache-Control"] == "no-cache"
    served.product.manage(
        "shell",
        "--no-imports",
        "-c",
        "from properties.models import Environment;"
        "Environment.objects.filter(stage='development').update(library_seconds=60)",
    )
    wait_for(lambda: "max-age=60," in get(url).headers["Cache-Control"], "the new time")


def test_a_pinned_file_never_changes_and_has_the_integrity_of_its_code(served: Served) -> None:
    url = served.url("production")
    checksum = live(url).headers["ETag"].strip('"')
    pinned = url.removesuffix(".js") + f"/{checksum}.js"
    served.publish("after the pin")
    with_title(url, "after the pin")
    answer = get(pinned)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(answer.content).hexdigest() == checksum
    assert get(pinned, **{"If-None-Match": f'"{checksum}"'}).status_code == 304


def test_a_pin_of_another_environment_or_build_is_not_found(served: Served) -> None:
    checksum = live(served.url("production")).headers["ETag"].strip('"')
    for stage, pin in (("staging", checksum), ("production", "0" * 64)):
        answer = get(served.url(stage).removesuffix(".js") + f"/{pin}.js")
        assert answer.status_code == 404
        assert re.fullmatch(r"/\* .* \*/\n", answer.text)


def test_without_a_build_or_an_environment_the_file_is_only_a_comment(served: Served) -> None:
    host = served.url("staging").rpartition("/")[0]
    for url in (served.url("staging"), f"{host}/abcdefghij123456.js"):
        answer = get(url)
        assert answer.status_code == 200
        assert re.fullmatch(r"/\* .* \*/\n", answer.text)
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_licences_are_served(served: Served) -> None:
    answer = get(f"{served.url('production').rpartition('/')[0]}/licences.txt")
    assert answer.status_code == 200
    assert "Apache License" in answer.text


def test_a_site_that_passes_on_a_path_gets_the_file_too(served: Served) -> None:
    host, _, file = served.url("production").partition("/t/")
    assert get(f"{host}/x/t/{file}").content == live(served.url("production")).content


@pytest.mark.parametrize("path", ["t/", "t/a-b.js", "t/abcdefghij123456.css", "t/abcdefghij123456/x.js"])
def test_other_paths_are_pages(served: Served, path: str) -> None:
    assert get(f"{served.product.url}/{path}").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("purpose", ["script", "serviceworker", "worker"])
def test_a_page_of_this_server_cannot_run_a_library(served: Served, purpose: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": purpose}
    answer = get(served.url("production"), **headers)
    assert answer.status_code == 403
    assert ".greet" not in answer.text
    assert get(served.url("production"), **headers | {"Sec-Fetch-Site": "same-site"}).status_code == 200
