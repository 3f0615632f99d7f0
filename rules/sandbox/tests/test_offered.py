"""The browser and Node functions that we offer work as in Node."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.sandbox import ScriptFailed

from .conftest import Run

Outcome = list[Any]
ADDRESSES = [
    "https://Shop.Example:443/a/./b/../c%20d/?q=1&r=%C3%A4#top",
    "https://www.shop.example/thank-you?utm_source=meta&fbclid=IwAR2F4-dbP0&email=a%40b.example#x?y",
    "http://user:p%40ss@shop.example:8080/ä ö/ü?ä='\"<>",
    "HTTP:shop.example/path",
    "http:\\\\shop.example\\a\\b",
    "https://münchen.example/straße",
    "https://例え.テスト/パス?クエリ=値",
    "https://faß.example/",
    "https://xn--mnchen-3ya.example/",
    "http://192.168.0.1/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://1.2.3/",
    "http://256.1.1.1/",
    "http://[::1]:80/",
    "http://[2001:DB8:0:0:1:0:0:1]/",
    "http://[::ffff:1.2.3.4]/",
    "http://[1::2::3]/",
    "file:///C:/a/../b",
    "file://host/share/x",
    "file:c:\\x",
    "file:///",
    "mailto:ada@example.org?subject=x",
    "data:text/plain,hello world",
    "javascript:alert(1)",
    "custom://Host/Path?q#f",
    "custom:opaque path",
    "custom:/a/../b",
    "custom:///x",
    "about:blank",
    "//shop.example/x",
    "/only/path",
    "?q",
    "#f",
    "",
    "  https://shop.example/\t x \n",
    "https://",
    "https://:80",
    "https://a b/",
    "https://shop.example:99999/",
    "https://shop.example:0443/",
    "https://a%00b/",
    "https://shop.example/%2e%2E/x",
    "https://shop.example/a//b",
    "https://shop.example/a|b`{}",
    "https://@shop.example/",
    "https://a:b:c@shop.example",
    "https://ex%61mple.org",
    "ht!tp://x",
    "https:shop",
    "http://shop.example.",
    "http://a..b/",
    "https://shop.example?x",
    "https://shop.example#x",
]
BASES = ["https://shop.example/a/b?q=1#f", "file:///C:/x/y", "custom://h/p/q"]
# Node 20 takes the text before a fragment as the path of such a base; the standard refuses it.
OPAQUE = "mailto:x@y.example"
SHOWN = """const u = %s;
return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port,
        u.pathname, u.search, u.hash, [...u.searchParams], String(u), JSON.stringify({u})];"""
NUMBERS = [
    0,
    -0.0,
    1234.5,
    1234567.891,
    0.5,
    1.005,
    2.5,
    1e21,
    1.5e-7,
    999999.9995,
    -1234.5,
    12,
    100000,
    0.045,
]
NUMBER_OPTIONS = [
    '"en-US"',
    "undefined",
    '["en-GB"]',
    '"en-US", {minimumFractionDigits: 2}',
    '"en", {maximumFractionDigits: 0}',
    '"en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false}',
    '"en-US", {style: "percent", maximumFractionDigits: 1}',
    '"en-US", {style: "currency", currency: "USD"}',
    '"en-US", {style: "currency", currency: "jpy"}',
    '"en-US", {style: "currency", currency: "CHF"}',
    '"en-US", {style: "currency", currency: "KWD", currencyDisplay: "code"}',
    '"en-US", {minimumIntegerDigits: 3}',
    '"en-US", {style: "currency", currency: "EUR", maximumFractionDigits: 0}',
    '"en-US", {minimumFractionDigits: 5}',
]
HASHED = ['""', '"ada@example.org"', '"ä".repeat(300)', '"a".repeat(111)', '"a".repeat(55)']
DIGEST = 'return [...new Uint8Array(await crypto.subtle.digest("%s", new TextEncoder().encode(%s)))];'


def pieces() -> list[str]:
    written = Path(__file__).with_name("offered_pieces.txt").read_text().splitlines()
    numbers = [
        f"return ({number!r}).toLocaleString({options});" for number in NUMBERS for options in NUMBER_OPTIONS
    ]
    digests = [
        DIGEST % (name, text) for name in ("SHA-1", "SHA-256", "sha-384", "SHA-512") for text in HASHED
    ]
    return [*written, *numbers, *digests]


def addresses() -> list[str]:
    """Return the addresses of the list above, and mutations of them."""
    rng = random.Random(20260301)  # noqa: S311  the same each time
    pieces = [each[cut:] for each in ADDRESSES for cut in (0, len(each) // 2)]
    return [*ADDRESSES, *(rng.choice(pieces) + rng.choice(pieces) for _ in range(400))]


def url_pieces() -> list[str]:
    made = [f"new URL({json.dumps(each)})" for each in addresses()]
    made += [f"new URL({json.dumps(each)}, {json.dumps(base)})" for each in addresses() for base in BASES]
    made += [f"new URL({json.dumps(each)}, {json.dumps(OPAQUE)})" for each in ADDRESSES]
    return [SHOWN % each for each in made] + setter_pieces()


def setter_pieces() -> list[str]:
    values = [
        "",
        "x",
        "/a/../b?#",
        "?q=1 2",
        "#h ä",
        "other.example:81",
        "81",
        "443",
        "http",
        "ftp:",
        "a@b:c",
        "[::1]",
    ]
    names = [
        "href",
        "protocol",
        "username",
        "password",
        "host",
        "hostname",
        "port",
        "pathname",
        "search",
        "hash",
    ]
    return [
        f"const u = new URL({json.dumps(base)}); u.{name} = {json.dumps(value)}; return u.href;"
        for base in ["https://u:p@shop.example:8443/a?b#c", "custom://h/p", "mailto:x@y.example", "file:///x"]
        for name in names
        for value in values
        # Node 20 drops the port if the value is not a number; the standard changes nothing.
        if name != "port" or not value.strip("0123456789")
    ]


@pytest.fixture(scope="module")
def in_node(node: str) -> Callable[[list[str]], list[Outcome]]:
    def ask(sources: list[str]) -> list[Outcome]:
        program = Path(__file__).with_name("offered.js")
        done = subprocess.run(
            [node, str(program)],
            input=json.dumps(sources),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        answers: list[Outcome] = json.loads(done.stdout)
        return answers

    return ask


def here(run: Run, source: str) -> Outcome:
    try:
        return [run(source).value, None]
    except ScriptFailed as error:
        return [None, error.message.partition(":")[0]]


@pytest.mark.node
@pytest.mark.parametrize("made", [pieces, url_pieces], ids=["pieces", "addresses"])
def test_it_gives_what_node_gives(
    run: Run, in_node: Callable[[list[str]], list[Outcome]], made: Callable[[], list[str]]
) -> None:
    sources = made()
    different = [
        (source, mine, theirs)
        for source, theirs in zip(sources, in_node(sources), strict=True)
        if (mine := here(run, source)) != theirs
    ]
    assert different == []


def test_a_random_id_is_the_same_whenever_the_event_is_run_again(run: Run) -> None:
    ids = [run("return crypto.randomUUID();", seed=seed).value for seed in ("1", "1", "2")]
    assert ids[0] == ids[1] != ids[2]


def test_console_writes_into_the_trace(run: Run) -> None:
    assert run("console.log('a', {b: 1}); console.warn('c');").logs == [("log", 'a {"b":1}'), ("warn", "c")]


def test_waiting_takes_no_time(run: Run) -> None:
    result = run("await new Promise((go) => setTimeout(go, 3_600_000)); return Date.now();")
    assert result.value == 1_700_000_000_500
    assert result.microseconds < 450_000  # The limit of a piece: an hour would have ended it.


def test_a_promise_that_nothing_settles_is_still_shown(run: Run) -> None:
    with pytest.raises(ScriptFailed, match="never settled"):
        run("setTimeout(() => {}, 5); return new Promise(() => {});")


def test_numbers_of_other_languages_are_refused_by_name(run: Run) -> None:
    with pytest.raises(ScriptFailed, match='The locale "de-DE" is not available here: only en, en-US'):
        run("return (1234.5).toLocaleString('de-DE');")
