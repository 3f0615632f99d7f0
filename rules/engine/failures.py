"""Failures inside a rule, and their text in the event log."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from properties.catalog.errors import CatalogError, Misconfigured, Retry, SecretMissing

logger = logging.getLogger(__name__)


class RuleFailed(Exception):
    """Ends one rule; other rules continue. Its text is for the event log and holds no value of an event."""


def explain(error: Exception, delegate: str) -> str:
    """Return the part of an error that people may see.

    Our own errors are shown unchanged. The text of any other error may quote a visitor's input: only its kind
    and place are shown. The calls that led there are logged, without the text.
    """
    if isinstance(error, CatalogError | RuleFailed):
        return str(error) or "The extension triggered an error, but no error information was provided."
    frames = traceback.extract_tb(error.__traceback__)
    way = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    logger.error("%s in %s: %s", type(error).__name__, delegate, way)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    return f"An unexpected {type(error).__name__} was raised in {place}. Please report it with this line."


def as_asked(text: str, error: Exception) -> Exception:
    """Return the error of a component whose data element failed; a reason to wait stays one."""
    if isinstance(error, SecretMissing):
        return SecretMissing(error.secret, text)
    if isinstance(error, Misconfigured):
        return Misconfigured(text, code=error.code)
    if isinstance(error, Retry):
        return Retry(text, code=error.code, after_seconds=error.after_seconds)
    return RuleFailed(text)
