"""Gender as one letter."""

from __future__ import annotations

from .cleaning import Hints, TextNormalizer, UnusableValue

_WORDS = {"f": ("f", "female", "woman"), "m": ("m", "male", "man"), "n": ("n", "non-binary", "nonbinary")}


def one_letter(letters: str = "fm") -> TextNormalizer:
    """Return a normalizer that returns one of these letters.

    Args:
        letters: The letters that the vendor accepts, of ``f``, ``m`` and ``n``.
    """
    known = {word: letter for letter in letters for word in _WORDS[letter]}
    message = f"Only these are accepted: {', '.join(known)}; left out."

    def gender(text: str, hints: Hints) -> str:
        letter = known.get(text.lower())
        if not letter:
            raise UnusableValue(message, "no_gender")
        return letter

    return gender
