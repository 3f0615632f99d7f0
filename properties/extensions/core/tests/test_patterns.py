"""Source: ECMA-262, patterns without the u flag, and Annex B."""

from __future__ import annotations

import pytest

from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.testing import fake_context
from tests.work import hang_limit

from .. import patterns
from ..patterns import NeedsJavaScript, Pattern, find_groups, replace, split
from ..patterns import matches as matches_pattern

CONTEXT = fake_context()


def matches(pattern: str, text: str, case_insensitive: bool) -> bool:
    return matches_pattern(Pattern(pattern, case_insensitive), text)


def problems(pattern: str) -> list[str]:
    return [problem.message for problem in pattern_problems("regexInput", "Pattern", pattern, "^a$")]


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
        (r"^..$", "😀"),
        (r"^[😀]", "😀"),
        (r"^\uD83D\uDE00{2}$", "😀\ude00"),
        (r"^[\uD800-\uDBFF][\uDC00-\uDFFF]$", "😀"),
        (r"^\1\08\377[\1][\c_]$", "\x01\x008\xff\x01\x1f"),
        (r"^(a)\2$", "a\x02"),
        (r"^\k$", "k"),
        (r"^(?<größe>a)(?<\u0061>b)$", "ab"),
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
        (r"^.$", "😀"),
        (r"^[^a]$", "😀"),
    ],
)
def test_these_do_not_match(pattern: str, text: str) -> None:
    assert not matches(pattern, text, case_insensitive=False)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^[a-z]+$", "ABC", True),
        ("ÄB", "äb", True),
        (r"\x41", "a", True),
        ("^[^a-z]$", "B", False),
        ("[α-ω]", "Σ", True),
        ("µ", "Μ", True),
        ("s", "ſ", False),
        ("[a-z]", "\u212a", False),
        ("ß", "ẞ", False),
        ("ǆ", "ǅ", True),
    ],
)
def test_case_can_be_ignored(pattern: str, text: str, found: bool) -> None:
    """ECMA-262, Canonicalize: by the upper case of one code unit; other characters never map to ASCII."""
    assert matches(pattern, text, case_insensitive=True) is found


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?i)a", "not valid in JavaScript"),
        ("(?P<x>a)", "not valid in JavaScript"),
        ("(?#x)", "not valid in JavaScript"),
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
        (r"(?<a>x)\k<b>", "does not have"),
        (r"(?<a>x)\k", "does not have"),
        (r"(?<a>x)[\k]", "references are not possible"),
        ("(?<a>x)(?<a>y)", "two groups named “a”"),
        ("(?<1>x)", "“1”, which is not a valid name"),
        (r"(?<\u{110000}>x)", r"“\u{110000}”, which is not a valid name"),
        ("(?<a", "not valid in JavaScript"),
        ("a" * 3000, "longer than 2000"),
    ],
)
def test_these_are_refused_with_their_reason(pattern: str, reason: str) -> None:
    assert [reason in message for message in problems(pattern)] == [True]


def test_a_pattern_that_is_missing_is_asked_for() -> None:
    assert problems("") == ["Enter a regular expression, such as ^a$."]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\B",
        "(?=a)*b",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        r"(a)\1",
        r"(?<n>a)\k<n>",
        "a{2000}",
        r"(?=(a|b)+)[x-z]\1{2}",
    ],
)
def test_a_pattern_only_for_javascript_is_distinguished_from_a_wrong_one(pattern: str) -> None:
    assert problems(pattern) == []
    with pytest.raises(NeedsJavaScript):
        matches(pattern, "a", case_insensitive=False)


@pytest.mark.parametrize("pattern", ["(?=a", "(?=a))", "(?<=a)*", r"(a)\1**", "(?!a)["])
def test_what_only_javascript_can_run_can_be_wrong_too(pattern: str) -> None:
    assert problems(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "result"),
    [
        ("(?<y>\\d{4})-(?<m>\\d\\d)", "2026-03", "$<m>/$<y>$<x>", "03/2026"),
        ("b", "abc", "[$`|$&|$']", "a[a|b|c]c"),
        ("(b)", "abc", "$01$10$2$0$$", "abb0$2$0$c"),
        ("b", "abc", "$<$&>", "a$<b>c"),
        ("(b)|(x)", "abc", "[$2]", "a[]c"),
        ("x*", "a😀", "-", "-a-�-�-"),
        ("a*", "aab", "-", "--b-"),
        ("[\\uD83C-\\uDBFF\\uDC00-\\uDFFF]+", "a😀👍b", "", "ab"),
        ("😀", "a😀b", "$&$&", "a😀😀b"),
        ("b$", "ab\n", "x", "ab\n"),
    ],
)
def test_a_replacement_is_filled_in_as_in_javascript(
    pattern: str, text: str, replacement: str, result: str
) -> None:
    """ECMA-262, GetSubstitution and AdvanceStringIndex."""
    assert replace(Pattern(pattern), text, replacement, CONTEXT, everywhere=True) == result


def test_only_what_is_found_first_is_replaced_unless_all_is_asked_for() -> None:
    assert replace(Pattern("a"), "aa", "b", CONTEXT) == "ba"


@pytest.mark.parametrize(
    ("pattern", "text", "parts"),
    [
        # ECMA-262, String.prototype.split, its examples.
        ("(?:)", "ab", ["a", "b"]),
        ("a*?", "ab", ["a", "b"]),
        ("a*", "ab", ["", "b"]),
        ("<(/)?([^<>]+)>", "A<B>b</B>c", ["A", None, "B", "b", "/", "B", "c"]),
        ("(?:)", "", []),
        ("a", "", [""]),
        (r"\s*[;,]\s*", "a ; b,c,", ["a", "b", "c", ""]),
    ],
)
def test_a_text_is_split_as_in_javascript(pattern: str, text: str, parts: list[str | None]) -> None:
    assert split(Pattern(pattern), text, CONTEXT) == parts


def test_a_group_that_did_not_take_part_is_none() -> None:
    assert find_groups(Pattern("(a)|(b)"), "b", CONTEXT) == ["b", None, "b"]
    assert find_groups(Pattern("(a)|(b)"), "x", CONTEXT) is None


# ECMA-262, RepeatMatcher: each round clears the groups inside, and empty rounds do not count. RE2 differs.
@pytest.mark.parametrize("pattern", ["(z)((a+)?(b+)?(c))*", "(a*)*", "(|a)*", "(a?)?", "(?:(a)|b){2}"])
def test_what_re2_would_find_otherwise_is_left_to_javascript(pattern: str) -> None:
    asked: list[tuple[str, ...]] = []

    def run_pattern(*question: str) -> list[str]:
        asked.append(question)
        return ["found"]

    context = fake_context(run_pattern=run_pattern)
    assert find_groups(Pattern(pattern, True), "ab", context) == ["found"]
    assert asked == [("exec", pattern, "i", "ab")]
    assert matches(pattern, "zaab", case_insensitive=False)


def test_a_pattern_is_never_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NeedsJavaScript):
        matches("secret{2000}", "a", case_insensitive=False)
    assert capfd.readouterr() == ("", "")


def test_a_hostile_pattern_takes_no_time() -> None:
    with hang_limit():
        assert not matches("^(a+)+$", "a" * 50_000 + "!", case_insensitive=False)


def test_what_re2_refuses_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refuse(text: str, options: object) -> None:
        tried.append(text)
        raise patterns.re2.error

    monkeypatch.setattr(patterns.re2, "compile", refuse)
    for _ in range(3):
        with pytest.raises(NeedsJavaScript):
            matches("refused{1002}", "a", case_insensitive=False)
    assert len(tried) == 1
