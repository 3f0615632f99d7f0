"""SHA-256 of normalized values, and what is hashed already.

Source: Meta, Customer Information Parameters, "Hashing required".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any

from .cleaning import Hints, Normalizer, TextNormalizer, UnusableValue, as_text, clean

HASH_OF_NOTHING = sha256(b"").hexdigest()

_DIGEST = re.compile(r"([0-9A-Fa-f]{64})(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")
_OTHER_DIGEST = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}")


def already_hashed(text: str) -> str | None:
    """Return a SHA-256 digest in lower case with the suffix of Meta's parameter builder kept, else None.

    Raises:
        UnusableValue: It is the hash of an empty text.

    Source: Meta, Parameter Builder Library (suffix); product rule "already hashed".
    """
    match = _DIGEST.fullmatch(text) if len(text) >= 64 else None
    if match is None:
        return None
    digest = match[1].lower()
    if digest == HASH_OF_NOTHING:
        raise UnusableValue("It is the hash of an empty text; left out.", "hash_of_nothing")
    return digest + (match[2] or "")


def _digest(value: Any, hints: Hints, normalize: TextNormalizer, foreign_digests: bool) -> str | None:
    text = clean(value if isinstance(value, str) else as_text(value))
    if not text:
        return None
    ready = already_hashed(text)
    if ready:
        return ready
    if len(text) in (32, 40) and not foreign_digests and _OTHER_DIGEST.fullmatch(text):
        raise UnusableValue("It looks like an MD5 or SHA-1 hash, not SHA-256; left out.", "not_sha256")
    return sha256(normalize(text, hints).encode()).hexdigest()


def hashed(normalize: TextNormalizer, *, plain: str = r"(?!)", foreign_digests: bool = False) -> Normalizer:
    """Return a normalizer for a text or a list of texts that gives lower-case SHA-256 hex.

    Bad members of a list are left out with a warning each, equal ones sent once.

    Args:
        normalize: Brings one clean, non-empty text to Meta's form; never returns "".
        plain: Pattern of values whose first group only needs lower case, the short way for most of them.
        foreign_digests: 32 or 40 hex digits are a value like any other (identifiers), not a wrong hash.

    Source: Meta, Customer Information Parameters, "Hashing required".
    """

    match_plain = re.compile(plain).fullmatch

    def run(value: Any, hints: Hints) -> str | list[str] | None:
        if type(value) is str:
            match = match_plain(value)
            if match:
                return sha256(match[1].lower().encode()).hexdigest()
        if isinstance(value, list | tuple):
            return each(value, hints, lambda member: _digest(member, hints, normalize, foreign_digests))
        return _digest(value, hints, normalize, foreign_digests)

    return run


def hashed_words(normalize: Callable[[str], str]) -> Normalizer:
    """Return what ``hashed`` returns, for the few words that name no person, whose hashes are remembered."""
    compute = hashed(lambda text, hints: normalize(text))

    @lru_cache(maxsize=1024)
    def remembered(word: str) -> Any:
        return compute(word, Hints(0))

    def run(value: Any, hints: Hints) -> Any:
        return remembered(value) if type(value) is str else compute(value, hints)

    return run


def each(values: Iterable[Any], hints: Hints, one: Callable[[Any], str | None]) -> list[str] | None:
    found: dict[str, None] = {}
    for value in values:
        try:
            result = None if value is None else one(value)
        except UnusableValue as error:
            hints.note(str(error), error.code)
            continue
        if result:
            found[result] = None
    return list(found) or None


def never_hashed(normalize: Normalizer) -> Normalizer:
    """Return a normalizer that leaves out hashes: Meta matches these parameters as they are.

    Source: Meta, Customer Information Parameters, "Do not hash".
    """

    def run(value: Any, hints: Hints) -> Any:
        result = normalize(value, hints)
        if isinstance(result, str) and _DIGEST.fullmatch(result.strip()):
            raise UnusableValue("It is a hash, but Meta takes it plain only; left out.", "must_not_be_hashed")
        return result

    return run
