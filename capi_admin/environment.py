"""Typed readers of environment variables.

A reader never raises. What it cannot read becomes a ``Problem``, and the reader gives a stand-in that does no
harm: the system checks then stop the start with every problem at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BOOLEANS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


@dataclass(frozen=True)
class Problem:
    """One variable that could not be read. Neither text ever holds the value of a secret."""

    id: str
    message: str
    hint: str


@dataclass
class Environment:
    """The variables of the process and the problems met while reading them.

    Args:
        values: Usually ``os.environ``.
        base_dir: What relative paths are relative to.
    """

    values: Mapping[str, str]
    base_dir: Path
    problems: list[Problem] = field(default_factory=list)

    def report(self, number: int | str, message: str, hint: str) -> None:
        """Note a problem. A number is one of our system checks, a text the whole id of another one."""
        id = number if isinstance(number, str) else f"capi_admin.E{number:03}"
        self.problems.append(Problem(id, message, hint))

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding white space; unset and empty are the same."""
        return self.values.get(name, "").strip() or default

    def path(self, name: str, default: str, number: int | str) -> Path:
        """An absolute path; a relative one is relative to the project."""
        try:
            return self.base_dir / Path(self.text(name, default)).expanduser()
        except RuntimeError:
            self.report(number, f"{name} begins with the home of nobody.", "Write the path in full.")
            return self.base_dir / default

    def secret(self, name: str, number: int | str) -> str:
        """A value given as ``NAME`` or in the file that ``NAME_FILE`` names. Empty when neither is set."""
        value, file = self.text(name), self.text(f"{name}_FILE")
        if value and file:
            self.report(number, f"Both {name} and {name}_FILE are set.", "Keep one of them.")
        if value or not file:
            return value
        return self._file_content(name, self.path(f"{name}_FILE", "", number), number)

    def _file_content(self, name: str, file: Path, number: int | str) -> str:
        try:
            content = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self.report(number, f"{name}_FILE names a file that cannot be read.", "Check its path and owner.")
            return ""
        if not content:
            self.report(number, f"{name}_FILE names an empty file.", f"Write the value of {name} into it.")
        return content


def read_boolean(env: Environment, name: str, number: int) -> bool:
    """True, false, 1, 0, yes, no, on, off; anything else is a problem and reads as false."""
    given = env.text(name, "false")
    if given.lower() not in BOOLEANS:
        env.report(number, f"{name} is {given!r}, which is neither true nor false.", "Use true or false.")
    return BOOLEANS.get(given.lower(), False)


def read_count(env: Environment, name: str, number: int) -> int:
    """A whole number from 0 to 99."""
    given = env.text(name, "0")
    if not re.fullmatch(r"[0-9]{1,2}", given):
        env.report(number, f"{name} is {given!r}.", "Use a whole number, 0 or more.")
        return 0
    return int(given)


def read_minutes(env: Environment, name: str, *, default: int, least: int, most: int, number: int) -> int:
    """A whole number of minutes from ``least`` to ``most``; else a problem and the default."""
    given = env.text(name, str(default))
    if re.fullmatch(r"[0-9]{1,6}", given) and least <= int(given) <= most:
        return int(given)
    env.report(number, f"{name} is {given!r}.", f"Use a whole number of minutes from {least} to {most:,}.")
    return default
