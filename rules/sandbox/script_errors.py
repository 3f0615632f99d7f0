"""What can go wrong with a piece of custom code.

ScriptError
├── ScriptFailed      it does not parse, it threw, it gave what cannot be used
├── ScriptTimedOut    it took more time than a piece has
├── ScriptTooBig      it asked for more memory than a piece may
├── ScriptCrashed     its process ended; the next piece gets a new one
└── ScriptDegraded    it is skipped for a while, because it was ended too often; its rule waits
"""

from __future__ import annotations

from dataclasses import dataclass

from properties.catalog.errors import CatalogError, Retry


class ScriptError(CatalogError):
    """Base of what ends one piece of custom code. The host and the next event are never touched by it.

    Args:
        message: For the person who wrote the code. May quote what the code put into its own error.
        line: Line in the code, from 1, where that is known.
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
    """The code does not parse, threw an error, or gave a result that cannot be used.

    That may be the event's doing: a field that is not there, a list that is too long.
    """


class ScriptTimedOut(ScriptError):
    """The code took more time than one piece has."""


class ScriptTooBig(ScriptError):
    """The code needed more memory than an event has, or its answer did not even fit between processes."""


class ScriptCrashed(ScriptError):
    """The process that ran the code ended. That is a defect of the engine, or somebody ended it."""


class ScriptDegraded(ScriptError, Retry):
    """The code was not run: it was ended so often that it is skipped for a while. Its rule waits as long.

    Args:
        after_seconds: Until it is run again.
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
