"""Compiled builds, cached by id and checksum."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog import registry
from rules.engine import BuildProblem, CompiledBuild, compile_build
from rules.models import Build

logger = logging.getLogger(__name__)
KEPT = 64


@dataclass(frozen=True, slots=True)
class RunnableBuild:
    """A build that is ready to run, or why it cannot run."""

    stage: str
    compiled: CompiledBuild | None
    problem: str = ""

    @property
    def has_code(self) -> bool:
        """Return whether custom code may run for an event."""
        return self.compiled is not None and self.compiled.has_code


_kept: OrderedDict[tuple[int, str], RunnableBuild] = OrderedDict()


def runnable_builds(ids: Iterable[int]) -> Mapping[int, RunnableBuild]:
    """Return the existing builds with these ids; each is compiled once per process."""
    found = Build.objects.filter(id__in=set(ids)).values_list("id", "checksum")
    return {build_id: _runnable(build_id, checksum) for build_id, checksum in found}


def _runnable(build_id: int, checksum: str) -> RunnableBuild:
    key = (build_id, checksum)
    if key not in _kept:
        _kept[key] = _compile(Build.objects.get(id=build_id))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _compile(build: Build) -> RunnableBuild:
    if not build.is_intact():
        return _broken(build, "The build document is not the one that was compiled.")
    document: dict[str, Any] = json.loads(build.document)
    stage = str(document.get("environment", {}).get("stage", ""))
    try:
        return RunnableBuild(stage, compile_build(document, registry.packages()))
    except BuildProblem as error:
        return _broken(build, "; ".join(error.problems), stage)


def _broken(build: Build, problem: str, stage: str = "") -> RunnableBuild:
    logger.error("Build %s cannot run: %s", build.uid, problem)
    return RunnableBuild(stage, None, problem)
