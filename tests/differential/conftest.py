from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.sandbox import Sandbox, WatchedSandbox, Watcher

from .engines import Adobe, Ours


@pytest.fixture(scope="module")
def adobe(node: str, node_modules: Path) -> Iterator[Adobe]:
    with Adobe(node, node_modules) as engine:
        yield engine


@pytest.fixture(scope="session")
def ours() -> Iterator[Ours]:
    with Sandbox() as sandbox:
        yield Ours(WatchedSandbox(sandbox, Watcher(failures=1_000_000)))
