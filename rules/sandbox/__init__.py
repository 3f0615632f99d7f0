"""The pool of child processes that run people's JavaScript. Plain Python, without Django."""

from .pool import Sandbox
from .script_credentials import Credentials, Known
from .script_errors import (
    ScriptCrashed,
    ScriptDegraded,
    ScriptError,
    ScriptFailed,
    ScriptTimedOut,
    ScriptTooBig,
    SyntaxProblem,
)
from .script_limits import Limits
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
