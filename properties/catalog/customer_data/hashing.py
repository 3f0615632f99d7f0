"""SHA-256 of normalized values, and values that are already hashed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any

from .cleaning import Hints, Normalizer, TextNormalizer, UnusableValue, as_text, clean
from .nothing import CODE, MESSAGE, NO_IDS, says_nothing

HASH_OF_NOTHING = sha256(b"").hexdigest()

# Returns the hash of a common spelling, else None.
ShortWay = Callable[[str], str | None]
LONGEST_WORD = 60
WORDS_REMEMBERED = 1024
SHORTEST_DIGEST = 64
SHORTEST_OTHER_DIGEST = 32

# Group 1 is the digest. Group 2 is the suffix that a vendor's own tools append to it.
DIGEST = re.compile(r"([0-9A-Fa-f]{64})()")
_OTHER_DIGEST = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}")


def already_hashed(text: str, pattern: re.Pattern[str] = DIGEST) -> str | None:
    """Return a SHA-256 digest in lower case with its suffix unchanged; None for other texts.

    Args:
        text: A clean text.
        pattern: The form of a digest; see ``DIGEST``.

    Raises:
        UnusableValue: The text is the hash of an empty text.
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
    """A normalizer that turns a text or a list of texts into lower-case SHA-256 hex.

    Unusable members of a list are left out, each with a warning. Equal members are sent once.

    Args:
        normalize: Returns the vendor's form of one clean, non-empty text; never "".
        short: A faster function that returns the same hash for common spellings, and None for all others.
        digest: The form of an already hashed value; see ``DIGEST``.
        foreign_digests: Accept 32 or 40 hex digits as an ordinary value (identifiers), not as a wrong hash.
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
        """Return the hash, a list of hashes, or None."""
        if isinstance(value, list | tuple):
            return each(value, hints, lambda member: self._one(member, hints))
        return self._one(value, hints)

    def _one(self, value: Any, hints: Hints) -> str | None:
        ready = self.short(value) if self.short and type(value) is str else None
        return ready or _digest(value, hints, *self._arguments)


class HashedWords:
    """A ``Hashed`` that remembers the hashes of words that do not identify a person.

    Never use it for names, addresses or dates of birth: they must not be kept in memory.

    Args:
        normalize: Depends only on the word, or also on ``hints.country`` if that is always the same.
        digest: The form of an already hashed value; see ``DIGEST``.
    """

    __slots__ = ("_compute", "_known", "short")
    takes_lists = True

    def __init__(self, normalize: TextNormalizer, *, digest: re.Pattern[str] = DIGEST) -> None:
        self._compute = Hashed(normalize, digest=digest)
        self._known: dict[str, str] = {}
        self.short: ShortWay = self._known.get

    def __call__(self, value: Any, hints: Hints) -> Any:
        """Return the hash, or a list of hashes."""
        if type(value) is not str or len(value) > LONGEST_WORD:
            return self._compute(value, hints)
        return self._known.get(value) or self._learn(value, hints)

    def _learn(self, word: str, hints: Hints) -> Any:
        noted = len(hints.warnings)
        found = self._compute(word, hints)
        if len(self._known) >= WORDS_REMEMBERED:
            self._known.clear()
        # A word that causes a warning must cause it each time.
        if isinstance(found, str) and len(hints.warnings) == noted:
            self._known[word] = found
        return found


def by_country(normalize: TextNormalizer, *, digest: re.Pattern[str] = DIGEST) -> Normalizer:
    """Return one ``HashedWords`` per country, for a normalizer that reads ``hints.country``."""
    of_country: dict[str, HashedWords] = defaultdict(lambda: HashedWords(normalize, digest=digest))

    def run(value: Any, hints: Hints) -> Any:
        words = of_country[hints.country]
        return (words.short(value) if type(value) is str else None) or words(value, hints)

    run.takes_lists = True  # type: ignore[attr-defined]
    return run


def each(values: Iterable[Any], hints: Hints, one: Callable[[Any], str | None]) -> list[str] | None:
    found: dict[str, None] = {}
    problems: list[UnusableValue] = []
    for value in _flat(values):
        try:
            result = None if value is None else one(value)
        except UnusableValue as error:
            problems.append(error)
            continue
        if result:
            found[result] = None
    hints.leave_out(problems, rest_is_sent=bool(found))
    return list(found) or None


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    """Flatten one level: a data element inside a list may itself return a list."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def has_words(text: str) -> str | None:
    """Return a text that contains a blank and so is not a hash, such as a user agent; None for all others."""
    words = text.strip()
    return text if " " in words and words not in NO_IDS else None


def never_hashed(
    normalize: Normalizer,
    *,
    short: Callable[[str], Any] | None = None,
    takes_lists: bool = False,
    digest: re.Pattern[str] = DIGEST,
) -> Normalizer:
    """Return a normalizer that rejects hashes, for values that a vendor matches unhashed."""

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
