"""The pool of child processes that run people's JavaScript. Plain Python, without Django."""

from .credentials import Credentials, Known
from .errors import (
    ScriptCrashed,
    ScriptDegraded,
    ScriptError,
    ScriptFailed,
    ScriptTimedOut,
    ScriptTooBig,
    SyntaxProblem,
)
from .limits import Limits
from .pool import Sandbox
from .session import ScriptResult, Session
from .watched import WatchedSandbox, WatchedSession, shared_sandbox
from .watcher import Degraded, Watcher

__all__ = [
    "Credentials",
    "Degraded",
    "Known",
    "Limits",
    "Sandbox",
    "ScriptCrashed",
    "ScriptDegraded",
    "ScriptError",
    "ScriptFailed",
    "ScriptResult",
    "ScriptTimedOut",
    "ScriptTooBig",
    "Session",
    "SyntaxProblem",
    "WatchedSandbox",
    "WatchedSession",
    "Watcher",
    "shared_sandbox",
]
