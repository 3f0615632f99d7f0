"""One event through a build: plain Python, without Django, HTTP or input and output of its own.

Compile a build document once, run it for each event::

    build = compile_build(document, packages)
    result = build.run(call, inbound_event_id=…, received_at=…, installation=…, secret_marker=…)

Source: docs/reference/adobe.md, "How a build runs".
"""

from .build import BuildProblem, CompiledBuild, compile_build
from .execution import SECRETS, RuleState
from .masking import mask, mask_credentials, mask_lookalikes
from .results import ComponentRun, ElementRun, Outbound, Refusal, RuleRun, RunResult
from .scripts import ScriptHost, ScriptSession
from .trace import continued_trace

__all__ = [
    "SECRETS",
    "BuildProblem",
    "CompiledBuild",
    "ComponentRun",
    "ElementRun",
    "Outbound",
    "Refusal",
    "RuleRun",
    "RuleState",
    "RunResult",
    "ScriptHost",
    "ScriptSession",
    "compile_build",
    "continued_trace",
    "mask",
    "mask_credentials",
    "mask_lookalikes",
]
