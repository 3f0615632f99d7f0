"""The actor of this thread. Django's own forms and commands do not name the actor of a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_actor: ContextVar[tuple[Any, int | None]] = ContextVar("actor", default=(None, None))


def acting() -> Any:
    """Return the user of the request or the name of the command, or None if it is unknown."""
    return _actor.get()[0]


def acting_session() -> int | None:
    """Return the id of the session in which the user acts."""
    return _actor.get()[1]


@contextmanager
def acting_as(actor: Any, session: int | None = None) -> Iterator[None]:
    """Attribute every change in the block to ``actor``: a user, or the name of a command."""
    token = _actor.set((actor, session))
    try:
        yield
    finally:
        _actor.reset(token)
