"""SHA-256 of normalized values, and values that are hashed already."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any

from .cleaning import Hints, Normalizer, TextNormalizer, UnusableValue, as_text, clean
from .nothing import CODE, MESSAGE, NO_IDS, says_nothing

HASH_OF_NOTHING = sha256(b"").hexdigest()

# Returns the hash of a usual spelling, or nothing.
ShortWay = Callable[[str], str | None]
LONGEST_WORD = 60
WORDS_REMEMBERED = 1024
SHORTEST_DIGEST = 64
SHORTEST_OTHER_DIGEST = 32

# Group 1 is the digest. A vendor whose own tools put something behind it has a pattern with a second group.
DIGEST = re.compile(r"([0-9A-Fa-f]{64})()")
_OTHER_DIGEST = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}")


def already_hashed(text: str, pattern: re.Pattern[str] = DIGEST) -> str | None:
    """Return a SHA-256 digest in lower case, with what follows it as it came; None for other texts.

    Args:
        text: A clean text.
        pattern: What counts as a digest; see ``DIGEST``.

    Raises:
        UnusableValue: It is the hash of an empty text.
    """
    match = pattern.fullmatch(text) if len(text) >= SHORTEST_DIGEST else None
    if match is None:
        return None
    digest = match[1].lower()
    if digest == HASH_OF_NOTHING:
        raise UnusableValue("It is the hash of an empty text; left out.", "hash_of_nothing")
    return digest + (match[2] or "")


def _digest(
    value: Any, hints: Hints, normalize: TextNormalizer, digest: re.Pattern[str], foreign_digests: bool
) -> str | None:
    text = clean(value if isinstance(value, str) else as_text(value))
    if not text:
        return None
    if says_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    if len(text) >= SHORTEST_OTHER_DIGEST:
        ready = already_hashed(text, digest)
        if ready:
            return ready
        if not foreign_digests and _OTHER_DIGEST.fullmatch(text):
            raise UnusableValue("It looks like an MD5 or SHA-1 hash, not SHA-256; left out.", "not_sha256")
    return sha256(normalize(text, hints).encode()).hexdigest()


class Hashed:
    """A normalizer for a text or a list of texts that gives lower-case SHA-256 hex.

    Bad members of a list are left out with a warning each, equal ones sent once.

    Args:
        normalize: Brings one clean, non-empty text to the vendor's form; never returns "".
        short: The hash of usual spellings, the same as the long way gives; nothing for all others.
        digest: What counts as hashed already; see ``DIGEST``.
        foreign_digests: 32 or 40 hex digits are a value like any other (identifiers), not a wrong hash.
    """

    __slots__ = ("_arguments", "short")
    takes_lists = True

    def __init__(
        self,
        normalize: TextNormalizer,
        *,
        short: ShortWay | None = None,
        digest: re.Pattern[str] = DIGEST,
        foreign_digests: bool = False,
    ) -> None:
        self.short, self._arguments = short, (normalize, digest, foreign_digests)

    def __call__(self, value: Any, hints: Hints) -> str | list[str] | None:
        """The hash, a list of them, or nothing."""
        if isinstance(value, list | tuple):
            return each(value, hints, lambda member: self._one(member, hints))
        return self._one(value, hints)

    def _one(self, value: Any, hints: Hints) -> str | None:
        ready = self.short(value) if self.short and type(value) is str else None
        return ready or _digest(value, hints, *self._arguments)


class HashedWords:
    """What ``Hashed`` gives, for the few words that tell nothing of a person, whose hashes are remembered.

    Names, addresses and dates of birth are never kept in memory.

    Args:
        normalize: Knows nothing but the word, and the country of the hints when it is always the same.
        digest: What counts as hashed already; see ``DIGEST``.
    """

    __slots__ = ("_compute", "_known", "short")
    takes_lists = True

    def __init__(self, normalize: TextNormalizer, *, digest: re.Pattern[str] = DIGEST) -> None:
        self._compute = Hashed(normalize, digest=digest)
        self._known: dict[str, str] = {}
        self.short: ShortWay = self._known.get

    def __call__(self, value: Any, hints: Hints) -> Any:
        """The hash, or a list of them."""
        if type(value) is not str or len(value) > LONGEST_WORD:
            return self._compute(value, hints)
        return self._known.get(value) or self._learn(value, hints)

    def _learn(self, word: str, hints: Hints) -> Any:
        noted = len(hints.warnings)
        found = self._compute(word, hints)
        if len(self._known) >= WORDS_REMEMBERED:
            self._known.clear()
        # What was said about a word must be said each time.
        if isinstance(found, str) and len(hints.warnings) == noted:
            self._known[word] = found
        return found


def by_country(normalize: TextNormalizer, *, digest: re.Pattern[str] = DIGEST) -> Normalizer:
    """Return ``HashedWords`` for a normalizer that reads the country of the hints, too."""
    of_country: dict[str, HashedWords] = defaultdict(lambda: HashedWords(normalize, digest=digest))

    def run(value: Any, hints: Hints) -> Any:
        words = of_country[hints.country]
        return (words.short(value) if type(value) is str else None) or words(value, hints)

    run.takes_lists = True  # type: ignore[attr-defined]
    return run


def each(values: Iterable[Any], hints: Hints, one: Callable[[Any], str | None]) -> list[str] | None:
    found: dict[str, None] = {}
    for value in _flat(values):
        try:
            result = None if value is None else one(value)
        except UnusableValue as error:
            hints.note(str(error), error.code)
            continue
        if result:
            found[result] = None
    return list(found) or None


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    """Members, and the members of lists among them: a data element in a list may give a list itself."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def has_words(text: str) -> str | None:
    """A text that is no hash because of a blank in it, as every user agent has; nothing for all others."""
    words = text.strip()
    return text if " " in words and words not in NO_IDS else None


def never_hashed(
    normalize: Normalizer,
    *,
    short: Callable[[str], Any] | None = None,
    takes_lists: bool = False,
    digest: re.Pattern[str] = DIGEST,
) -> Normalizer:
    """Return a normalizer that leaves out hashes, for what a vendor matches as it is."""

    def run(value: Any, hints: Hints) -> Any:
        result = normalize(value, hints)
        if isinstance(result, str) and len(result) >= SHORTEST_DIGEST and digest.fullmatch(result.strip()):
            raise UnusableValue(
                "It is a hash; only the plain value is accepted. Left out.", "must_not_be_hashed"
            )
        return result

    run.short = short  # type: ignore[attr-defined]
    run.takes_lists = takes_lists  # type: ignore[attr-defined]
    return run
