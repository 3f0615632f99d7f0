"""Runs one event through a build. Plain Python: no Django, no HTTP, no input and output of its own.

Compile a build document once, run it for each event::

    build = compile_build(document, packages)
    result = run_build(build, call, inbound_event_id=…, received_at=…, installation=…, secret_marker=…)

Modules, data first: ``build`` and ``compiled`` hold a compiled build, ``records`` and ``results`` the result
of a run, ``scope`` the values that one event can see. ``execution`` runs one rule, ``running`` all rules, and
``trace`` writes a run as JSON. ``compiling`` and ``compiler`` make a build.

Source: docs/reference/adobe.md, "How a build runs".
"""

from .build import CompiledBuild
from .compiling import BuildProblem, compile_build
from .masking import mask, mask_credentials, mask_lookalikes
from .records import ComponentRun, ElementRun, RuleRun
from .results import Outbound, Refusal, RunResult
from .running import judge_rule, read_elements, resume_rule, run_build
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
    "judge_rule",
    "mask",
    "mask_credentials",
    "mask_lookalikes",
    "masked_trace",
    "read_elements",
    "resume_rule",
    "run_build",
]
