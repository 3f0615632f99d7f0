"""One event through a build: plain Python, without Django, HTTP or input and output of its own.

Compile a build document once, run it for each event::

    build = compile_build(document, packages)
    result = run_build(build, call, inbound_event_id=…, received_at=…, installation=…, secret_marker=…)

Modules, from data to what is done with it: ``build`` and ``compiled`` are a compiled build, ``records`` and
``results`` what a run gives, ``scope`` what one event can see, ``execution`` one rule, ``running`` all rules,
``trace`` a run as JSON. ``compiling`` and ``compiler`` make a build.

Source: docs/reference/adobe.md, "How a build runs".
"""

from .build import CompiledBuild
from .compiling import BuildProblem, compile_build
from .masking import mask, mask_credentials, mask_lookalikes
from .records import ComponentRun, ElementRun, RuleRun
from .results import Outbound, Refusal, RunResult
from .running import resume_rule, run_build
from .scripts import ScriptHost, ScriptSession
from .trace import continued_trace, masked_trace
from .waiting import SECRETS, RuleState

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
    "masked_trace",
    "resume_rule",
    "run_build",
]
