"""Who acts in this thread, for what Django's own forms and commands change without saying so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_actor: ContextVar[tuple[Any, int | None]] = ContextVar("actor", default=(None, None))


def acting() -> Any:
    """The user of the request or the name of the command; None when nobody has said."""
    return _actor.get()[0]


def acting_session() -> int | None:
    """Number of the session in which the user acts."""
    return _actor.get()[1]


@contextmanager
def acting_as(actor: Any, session: int | None = None) -> Iterator[None]:
    """Whatever the block changes was done by ``actor``: a user, or the name of a command."""
    token = _actor.set((actor, session))
    try:
        yield
    finally:
        _actor.reset(token)
