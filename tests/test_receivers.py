"""Every receiver of a signal is connected when Django has started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ASK = "import sys, django; django.setup(); print(*sorted(sys.modules))"


def receivers() -> set[str]:
    """Dotted names of the modules that receive signals."""
    found = set()
    for room in ("capi_admin", "properties", "rules"):
        for file in (ROOT / room).rglob("*.py"):
            if "tests" not in file.parts and "\n@receiver(" in file.read_text():
                found.add(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return found


def test_starting_django_imports_every_module_that_receives_signals(tmp_path: Path) -> None:
    """A module that nothing imports receives nothing, without an error."""
    loaded = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "capi_admin.settings", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert receivers()
    assert receivers() - set(loaded) == set()
