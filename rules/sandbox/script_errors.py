"""Errors of a piece of custom code.

ScriptError
├── ScriptFailed      it does not parse, it threw, or its result cannot be used
├── ScriptTimedOut    it took more time than a piece has
├── ScriptTooBig      it asked for more memory than a piece may use
├── ScriptCrashed     its process ended; the next piece gets a new one
└── ScriptDegraded    it is skipped for a while, because it was ended too often; its rule waits
"""

from __future__ import annotations

from dataclasses import dataclass

from properties.catalog.errors import CatalogError, Retry


class ScriptError(CatalogError):
    """Base of the errors that end one piece of custom code. They never affect the host or the next event.

    Args:
        message: For the person who wrote the code. May quote the text of the code's own error.
        line: Line in the code, from 1, if known.
        column: Column in that line, from 1.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})" if self.line else self.message


class ScriptFailed(ScriptError):
    """The code does not parse, threw an error, or returned a result that cannot be used.

    The event may be the cause: a missing field, or a list that is too long.
    """


class ScriptTimedOut(ScriptError):
    """The code took more time than one piece has."""


class ScriptTooBig(ScriptError):
    """The code needed more memory than an event has, or its answer was too large for the pipe."""


class ScriptCrashed(ScriptError):
    """The process that ran the code ended. That is a defect of the engine, or somebody killed it."""


class ScriptDegraded(ScriptError, Retry):
    """The code was not run: it was ended so often that it is skipped for a while. Its rule waits until then.

    Args:
        after_seconds: Seconds until it is run again.
    """

    def __init__(self, message: str, after_seconds: float) -> None:
        super().__init__(message)
        self.code, self.after_seconds = "code_skipped", after_seconds


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why code does not parse, and where; line and column count from 1."""

    message: str
    line: int | None
    column: int | None
