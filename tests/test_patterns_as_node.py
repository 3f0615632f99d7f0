"""Every pattern compared with Node: validity, matches, replacements and splits, run by RE2 or by us.

No expected value is copied: each is Node's result while the test runs.
"""

# ruff: noqa: SIM905 - split keeps long lists of short texts readable.

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import pytest

from properties.catalog.context import EventContext
from properties.catalog.errors import CatalogError, InvalidParameter
from properties.catalog.registry import find_type
from properties.catalog.testing import fake_context, run_component
from rules.sandbox import Sandbox, ScriptTimedOut

PATTERNS = r"""
. ^.$ \d \D \w \W \s \S [\s\d] [^\s] [^\w] [\W\d] [] [^] \bA \B \b [\b] a$ ^b ^$ a{2} a{,2} a{ { } ] a] ^ $
a++ a** * ^* \b+ ( ) [ \ (?i)a (?P<x>a) (?<x>a) (?:a|b)c? () a| | \A \z \Q \x41 \x4 \u0041 \u41 \cA \c \0 \-
[[:alpha:]] {1} \/ \ä [b-a] [a-] [-a] [\w-a] [a-\d] [^^] []a] a{3,2} a{2,} a{2}? a{2}{3} a+?b \p{L} (?:) a{0}
^|$ x* a* a*? (a)|b (?:(a)|b)* (?:(a)|(b))+ (a*)* (a*)+ (z)((a+)?(b+)?(c))* (a|ab)(c|bcd)?(d*) (|a)* (a|)*
(a??)* \d+-(\d+) (?<y>\d{4})-(?<m>\d\d) (\w+)\s(\w+) (?=a) (?!a) (?<=a)b (?<!a)b (a)\1 (?<a>.)\k<a> \k<a> \k
(?<a>x)\k (?<a>x)\k<b> \1 \8 \01 \08 \377 \400 \10 (a)\2 (a)\10 [\1] [\8] [\01] [\c1] [\c_] [\c] \c1 [\k]
(?<a>.)[\k] (?=a)* (?=a)+b (?<=a)* (?<a>x)|(?<a>y) (?<größe>a) (?<\u0061>x) (?<a (?<1>a) (?<>a) (?<a-b>a)
[\uD800-\uDBFF][\uDC00-\uDFFF] \uD83D \uD83D\uDE00 😀 😀+ [😀] [^😀] [a-😀] [\uD83C-\uDBFF\uDC00-\uDFFF]+ ^..$
(.)(.) [^a] [^a]* .* .*? s k ſ K [a-z] [^a-z] ß ẞ µ Σ ς ǆ İ ı [İı] [\u0080-\uffff] [^\u0000-\u007f] [\s\S]+
(a){0} (a){0,1} (a)? (?:a?)? (a?)? (a{0})b ((a)b?)? (?:(a)b?)?c? (?:a|(b)){2} ((a){2}) (\w+\s?)+$ a{1,2}?
,|; [,;]\s* (,)|(;) (?<=,) \. & ([^=&?]+)=([^&]*) ^(\w)(\w*)$ (?:\r\n|\n|\r) u{2} (.)\1 ((?:a|b)*?)b (((a)))
a{1000} a{1001} (?:a{100}){100} \u \x \xg [z-\u0061] [--/] [+--] [a-b-c] (?#x) (?>a) (?'a'b) (?i:a)
""".split()
CASED = ["aXbxc", "Maria Cruz", "a😀B", "ß ẞ ſ s \u212a k", "äÄ µΜμ Σσς İiıI ǅǆǄ", "AzQ p{L} a{,2} u41 x4 :]"]
TEXTS = [
    *["", "a", "aa", "aab", "abc", "zaacbbbcac", "2026-03-31", "foo?baz=1&x=", "a,b;c", "1.234,56 €", "k<a>"],
    *["a😀b", "😀😀", "\ud83d", "\U0010f83d!", "x\ny\r\nz\u2028", "{1}{2}", "\x01\x08c8", *CASED],
]
REPLACEMENTS = [
    *["", "-", "$1", "[$&]", "$`|$'", "$$", "$<a>", "$<y>$2$10$01$0", "$<$1>", "😀$1", "$00$", "$<a", "$3$"],
]
ATOMS = r"""
a b A . \d \w \s \b ^ $ [ab] [^a] [a-c] x \1 \2 \k<n> 😀 \uD83D - \u0041 ß k \B [] [^] { } ] \0 ſ
""".split()
OPENINGS = ["(", "(", "(?:", "(?<n>", "(?=", "(?!", "(?<="]
QUANTIFIERS = ["", "", "", "*", "+", "?", "*?", "{2}", "{0,2}", "{1,}", "{0}", "{,1}"]

RUNNER = """
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const tried = (f) => { try { return f(); } catch (e) { return 'error'; } };
process.stdout.write(JSON.stringify(cases.map(([pattern, flags, text, replacement]) => [
  tried(() => new RegExp(pattern, flags).test(text)),
  tried(() => new RegExp(pattern, flags).exec(text)),
  tried(() => text.split(new RegExp(pattern, flags))),
  tried(() => text.replace(new RegExp(pattern, flags), replacement)),
  tried(() => text.replace(new RegExp(pattern, flags + 'g'), replacement)),
])));
"""

Case = tuple[str, str, str, str]
pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def context() -> Iterator[EventContext]:
    with Sandbox() as sandbox:
        yield fake_context(run_pattern=sandbox.run_pattern)


@pytest.fixture
def javascript(node: str) -> Callable[[list[Case]], list[list[Any]]]:
    def run(cases: list[Case]) -> list[list[Any]]:
        command, given = [node, "-e", RUNNER], json.dumps(cases)
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120)
        return list(json.loads(done.stdout))

    return run


def component(delegate: str, settings: dict[str, Any], context: EventContext) -> Any:
    kind = find_type(delegate)
    assert kind is not None
    try:
        return run_component(kind, settings, context)
    except InvalidParameter:
        return "error"


def tool(operator: str, case: Case, context: EventContext, **more: Any) -> Any:
    pattern, flags, text, replacement = case
    given = {
        "operator": operator,
        "sourceValue": text,
        "regexInput": pattern,
        "caseInsensitive": flags == "i",
        "replacementValue": replacement,
    }
    return component("core::dataElements::text-tools", given | more, context)


def results(case: Case, groups: int, context: EventContext) -> list[Any]:
    """Return our results, in the order of Node's; ``groups`` has as many as Node reports."""
    pattern, flags, text, _ = case
    comparison = {"operator": "matchesRegex", "caseInsensitive": flags == "i"}
    compared = {"leftOperand": text, "comparison": comparison, "rightOperand": pattern}
    found = [tool("regexMatch", case, context, group=number) for number in range(groups)]
    return [
        component("core::conditions::value-comparison", compared, context),
        found[0] if found in ([None], ["error"]) else found,
        tool("regexSplit", case, context),
        tool("regexReplace", case, context),
        tool("regexReplace", case, context, replaceAll=True),
    ]


def whole(value: Any) -> Any:
    """Return Node's value as events can hold it: half a surrogate pair becomes U+FFFD, NUL is removed."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
    return [whole(item) for item in value] if isinstance(value, list) else value


def differences(cases: list[Case], theirs: list[list[Any]], context: EventContext) -> list[Any]:
    found = []
    for case, expected in zip(cases, theirs, strict=True):
        groups = len(expected[1]) if isinstance(expected[1], list) else 1
        ours = results(case, groups, context)
        found += [(case, a, b) for a, b in zip(ours, expected, strict=True) if whole(a) != whole(b)]
    return found


def with_replacements(cases: Iterable[tuple[str, str, str]]) -> list[Case]:
    """Return each case with one of the replacements in turn."""
    return [(*case, replacement) for case, replacement in zip(cases, itertools.cycle(REPLACEMENTS))]


@pytest.mark.parametrize(("flags", "texts"), [("", TEXTS), ("i", CASED)])
def test_every_pattern_means_what_it_means_in_javascript(
    javascript: Any, context: EventContext, flags: str, texts: list[str]
) -> None:
    cases = with_replacements(itertools.product(PATTERNS, [flags], texts))
    assert differences(cases, javascript(cases), context) == []


@pytest.mark.parametrize("seed", range(3))
def test_random_patterns_have_the_same_results_in_javascript(
    javascript: Any, context: EventContext, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - the same ones each time
    patterns = [random_pattern(chance, 3)[:60] for _ in range(100)]
    cases = with_replacements(itertools.product(patterns, chance.choices(["", "i"]), chance.sample(TEXTS, 6)))
    assert differences(cases, javascript(cases), context) == []


def random_pattern(chance: Random, depth: int) -> str:
    alternatives = []
    for _ in range(chance.choice([1, 1, 1, 2])):
        terms = [random_term(chance, depth) for _ in range(chance.randint(0, 3))]
        alternatives.append("".join(terms))
    return "|".join(alternatives)


def random_term(chance: Random, depth: int) -> str:
    if depth and chance.random() < 0.4:
        term = f"{chance.choice(OPENINGS)}{random_pattern(chance, depth - 1)})"
    else:
        term = chance.choice(ATOMS)
    return term + chance.choice(QUANTIFIERS)


SLOW = {"regexInput": r"(?=(a+)+$)x", "sourceValue": "a" * 40 + "b"}


@pytest.mark.parametrize("operator", ["regexReplace", "regexMatch", "regexSplit"])
def test_a_pattern_that_takes_too_long_says_so(context: EventContext, operator: str) -> None:
    kind = find_type("core::dataElements::text-tools")
    assert kind is not None
    with pytest.raises(ScriptTimedOut, match="The pattern takes too long on this text") as caught:
        run_component(kind, {"operator": operator, **SLOW}, context)
    assert isinstance(caught.value, CatalogError)
