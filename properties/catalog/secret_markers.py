"""Secret markers: texts that replace credentials until a request is sent."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from secrets import token_hex
from urllib.parse import quote, unquote

from django.conf import settings

MARK = "[[secret:"
# The second form is in deliveries from before an update of the product: see ``old_markers``.
_MARKER = re.compile(r"\[\[secret:[^\[\]]{1,4000}\]\]")
_OLD_MARKER = re.compile(r"\[\[secret:(\d+):([^:\[\]]+):([0-9a-f]{32})\]\]")


class RunMarkers:
    """The secret markers of one run, used until a request is sent.

    They survive being joined to other text and to headers. They are random: no input can contain one, and a
    marker of another run is plain text in this one.

    Args:
        names: Name of the credential by its marker; grows as the run asks for more.
    """

    __slots__ = ("names",)

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = dict(names) if names else {}

    def __call__(self, name: str) -> str:
        """Return the marker of a credential; it does not change during the run."""
        for text, known in self.names.items():
            if known == name:
                return text
        text = f"{MARK}{token_hex(16)}]]"
        self.names[text] = name
        return text


def dry_run_marker(name: str) -> str:
    """Return the marker of a credential in a dry run. It is never replaced by a value."""
    return f"[[dry-run:{quote(name, safe=' ')}]]"


def harmless(text: str) -> str:
    """Return ``text`` from outside, changed so that no part of it looks like a marker."""
    return text.replace(MARK, "[[secret :") if MARK in text else text


def reveal(text: str, names: Mapping[str, str], value_of: Callable[[str], str]) -> str:
    """Replace every marker in ``text`` with the value of its secret.

    Args:
        text: May hold markers; a text that only looks like one is kept.
        names: Name of the secret by marker.
        value_of: Returns the value of a secret by name. Its exceptions are passed on.
    """

    def value(found: re.Match[str]) -> str:
        name = names.get(found[0])
        return found[0] if name is None else value_of(name)

    return _MARKER.sub(value, text) if MARK in text else text


def old_markers(text: str, prop_id: int) -> dict[str, str]:
    """Return the genuine markers of older releases, whose markers were not random, in a waiting delivery."""
    found = ((it[0], int(it[1]), unquote(it[2])) for it in _OLD_MARKER.finditer(text))
    return {
        text: name
        for text, of, name in found
        if of == prop_id and hmac.compare_digest(text, _old_marker(of, name))
    }


def _old_marker(prop_id: int, name: str) -> str:
    key = settings.SECRET_KEY.encode()
    seal = hmac.new(key, f"secret:{prop_id}:{name}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{MARK}{prop_id}:{quote(name, safe=' ')}:{seal}]]"


def without_markers(text: str, names: Mapping[str, str]) -> str:
    """Return ``text`` for people, with the names of credentials instead of their markers."""
    if MARK not in text and not names:
        return text
    for marker, name in names.items():
        text = text.replace(marker, f"secret “{name}”")
    # Deliveries from before markers were random have the name in the marker.
    return _MARKER.sub("secret", _OLD_MARKER.sub(lambda it: f"secret “{unquote(it[2])}”", text))
