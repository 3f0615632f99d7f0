"""Texts that stand for credentials while rules run, and until a request is sent."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from secrets import token_hex
from urllib.parse import quote, unquote

from django.conf import settings

MARK = "[[secret:"
# The second form is that of deliveries which waited when the product was updated: see ``old_markers``.
_MARKER = re.compile(r"\[\[secret:[^\[\]]{1,4000}\]\]")
_OLD_MARKER = re.compile(r"\[\[secret:(\d+):([^:\[\]]+):([0-9a-f]{32})\]\]")


class RunMarkers:
    """Texts that stand for credentials in one run, until a request is sent.

    They survive joining into other text and into headers, and are random: nothing that comes in can be one,
    and what was one in another run is plain text in this.

    Args:
        names: Name of the credential by the text that stands for it; grows as the run asks for more.
    """

    __slots__ = ("names",)

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = dict(names) if names else {}

    def __call__(self, name: str) -> str:
        """The text for a credential; the same as long as the run takes, and goes on."""
        for text, known in self.names.items():
            if known == name:
                return text
        text = f"{MARK}{token_hex(16)}]]"
        self.names[text] = name
        return text


def dry_run_marker(name: str) -> str:
    """Text that stands for a credential where nothing is sent. It never becomes a value."""
    return f"[[dry-run:{quote(name, safe=' ')}]]"


def harmless(text: str) -> str:
    """``text`` from outside such that nothing in it looks like what stands for a credential."""
    return text.replace(MARK, "[[secret :") if MARK in text else text


def reveal(text: str, names: Mapping[str, str], value_of: Callable[[str], str]) -> str:
    """Replace every marker in ``text`` by the value of its secret.

    Args:
        text: May hold markers; what only looks like one is left as it is.
        names: Name of the secret by marker.
        value_of: Value by the name of a secret. What it raises passes through.
    """

    def value(found: re.Match[str]) -> str:
        name = names.get(found[0])
        return found[0] if name is None else value_of(name)

    return _MARKER.sub(value, text) if MARK in text else text


def old_markers(text: str, prop_id: int) -> dict[str, str]:
    """Genuine markers of releases before markers were random, in what waited when the product was updated."""
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
    """``text`` for people, with the names of credentials instead of what stands for them."""
    if MARK not in text and not names:
        return text
    for marker, name in names.items():
        text = text.replace(marker, f"secret “{name}”")
    # What was delivered before markers were random has the name inside.
    return _MARKER.sub("secret", _OLD_MARKER.sub(lambda it: f"secret “{unquote(it[2])}”", text))
