"""Expected values: ECMA-262, patterns without the u flag, and Annex B."""

from __future__ import annotations

import re
import time

import pytest

from properties.catalog.errors import InvalidParameter

from ..patterns import NeedsJavaScript, compile_pattern, group_names, matches


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.c", "xabcx"),
        ("^$", ""),
        ("", "anything"),
        (r"^\s$", "\ufeff"),
        (r"^[\s]$", "\u3000"),
        (r"^[^\S]$", "\u00a0"),
        (r"^[\S]$", "x"),
        (r"^[\w-]+$", "a-b_9"),
        (r"^[\w-x]+$", "a-x"),
        (r"\bcat\b", "the cat."),
        (r"^[\b]$", "\x08"),
        (r"^\/path\/$", "/path/"),
        (r"^[^]$", "\n"),
        (r"^a{2,3}?$", "aaa"),
        (r"^a{,2}$", "a{,2}"),
        (r"^{a}$", "{a}"),
        (r"^a]$", "a]"),
        (r"^[[:alpha:]]$", "a]"),
        (r"^\u00e4\x41\cA\0$", "ä" + "A\x01\x00"),
        (r"^\uD83D\uDE00$", "😀"),
        (r"^\u{3}$", "uuu"),
        (r"^\p{2}$", "pp"),
        (r"^\A\z\Q\-$", "AzQ-"),
        (r"^(?<year>\d{4})-(?:01|02)$", "2026-02"),
        (r"^(a|)*b+?$", "aab"),
        ("^ä{2}$", "ää"),
        (r"^a\$b$", "a$b"),
        (r"^.$", "\u0085"),
    ],
)
def test_these_match(pattern: str, text: str) -> None:
    assert matches(pattern, text, case_insensitive=False)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\d+$", "١٢"),
        (r"^\w+$", "ä"),
        (r"\b", "ä"),
        ("a$", "a\n"),
        ("^b", "a\nb"),
        (r"^.$", "\n"),
        (r"^.$", "\r"),
        (r"^.$", "\u2028"),
        ("[]", "a"),
        (r"^\s$", "\u0085"),
        ("abc", "ABC"),
    ],
)
def test_these_do_not_match(pattern: str, text: str) -> None:
    assert not matches(pattern, text, case_insensitive=False)


@pytest.mark.parametrize(("pattern", "text"), [("^[a-z]+$", "ABC"), ("ÄB", "äb"), (r"\x41", "a")])
def test_case_can_be_ignored(pattern: str, text: str) -> None:
    assert matches(pattern, text, case_insensitive=True)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)", "looks around"),
        ("(?!a)", "looks around"),
        ("(?<=a)b", "looks around"),
        ("(?<!a)b", "looks around"),
        (r"(a)\1", "refers back"),
        (r"(?<n>a)\k<n>", "refers back"),
        ("(?i)a", "JavaScript does not know"),
        ("(?P<x>a)", "JavaScript does not know"),
        ("(?#x)", "JavaScript does not know"),
        ("a++", "nothing to repeat"),
        ("a{2}{3}", "nothing to repeat"),
        ("*a", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("(*)", "nothing to repeat"),
        ("{1}", "nothing to repeat"),
        ("a{3,2}", "out of order"),
        ("[b-a]", "out of order"),
        ("(a", "without a “)”"),
        ("a)", "without a “(”"),
        ("[a", "without a “]”"),
        ("a\\", "ends with a backslash"),
        ("[\\", "ends with a backslash"),
        (r"\uD83D", "one half"),
        ("a{2000}", "repeats too much"),
        ("a" * 3000, "longer than 2000"),
    ],
)
def test_these_are_refused_with_their_reason(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidParameter, match=re.escape(reason)):
        compile_pattern(pattern, case_insensitive=False)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)*b", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", r"(?<n>a)\k<n>", "a{2000}", r"(?=(a|b)+)[x-z]\1{2}"],
)
def test_what_only_javascript_can_run_is_told_from_what_is_wrong(pattern: str) -> None:
    with pytest.raises(NeedsJavaScript):
        compile_pattern(pattern, case_insensitive=False)


@pytest.mark.parametrize("pattern", ["(?=a", "(?=a))", "(?<=a)*", r"(a)\1**", "(?!a)["])
def test_what_only_javascript_can_run_can_be_wrong_too(pattern: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        compile_pattern(pattern, case_insensitive=False)
    assert not isinstance(caught.value, NeedsJavaScript)


def test_groups_are_known_by_number_and_name() -> None:
    assert group_names("(a)(?:b)(?<c>d)") == ("", "c")
    found = compile_pattern("(a)(?:b)(?<c>d)", case_insensitive=False, capturing=True).search("abd")
    assert found.groups() == ("a", "d")


def test_a_pattern_is_never_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidParameter):
        compile_pattern("secret{2000}", case_insensitive=False)
    assert capfd.readouterr() == ("", "")


def test_a_hostile_pattern_takes_no_time() -> None:
    started = time.perf_counter()
    assert not matches("^(a+)+$", "a" * 50_000 + "!", case_insensitive=False)
    assert time.perf_counter() - started < 2
