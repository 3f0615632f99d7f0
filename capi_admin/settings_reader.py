"""Reads settings from environment variables with django-environ, and collects every problem.

A reader never raises. It reports an invalid value as a ``SettingProblem`` and returns a harmless stand-in.
The system checks then stop the start and list every problem at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import environ

SWITCHES = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


@dataclass(frozen=True)
class SettingProblem:
    """One variable with an invalid value. Neither text ever holds the value of a secret."""

    id: str
    message: str
    hint: str

    @classmethod
    def numbered(cls, number: int, message: str, hint: str) -> SettingProblem:
        return cls(f"capi_admin.E{number:03}", message, hint)


@dataclass
class SettingsReader:
    """The variables of the process, and the problems found while reading them.

    Args:
        values: Usually ``os.environ``.
        base_dir: The folder that relative paths start from.
    """

    values: Mapping[str, str]
    base_dir: Path
    problems: list[SettingProblem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Treat empty variables as unset, and turn off django-environ's reading of ``$NAME`` as another
        variable: a secret may begin with a dollar sign, and the error would show it.
        """
        self.typed = environ.Env()
        self.typed.escape_proxy = True
        stripped = {name: value.strip() for name, value in self.values.items()}
        self.typed.ENVIRON = {name: value.replace("$", r"\$") for name, value in stripped.items() if value}

    def report(self, number: int | str, message: str, hint: str) -> None:
        """Record a problem. A number is one of our system checks; a text is the full id of another check."""
        if isinstance(number, str):
            self.problems.append(SettingProblem(number, message, hint))
        else:
            self.problems.append(SettingProblem.numbered(number, message, hint))

    def text(self, name: str, default: str = "") -> str:
        """Return the value without surrounding white space; unset and empty are equal."""
        return str(self.typed.str(name, default=default))

    def path(self, name: str, default: str, number: int | str) -> Path:
        """Return an absolute path; a relative one starts from the project."""
        try:
            return self.base_dir / Path(self.text(name, default)).expanduser()
        except RuntimeError:
            self.report(number, f"{name} begins with the home of an unknown user.", "Write the path in full.")
            return self.base_dir / default

    def secret(self, name: str, number: int | str) -> str:
        """Return a value from ``NAME``, or from the file that ``NAME_FILE`` names; empty if neither is set.

        ``environ.FileAwareEnv`` would read content that starts with ``$`` as the name of another variable.
        """
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
            self.report(number, f"{name}_FILE names an empty file.", f"Write the value of {name} to it.")
        return content


def read_switch(env: SettingsReader, name: str, number: int) -> bool:
    """Return true, false, 1, 0, yes, no, on or off as a bool; report anything else and return False."""
    given = env.text(name, "false")
    if given.lower() not in SWITCHES:
        env.report(number, f"{name} is {given!r}, which is neither true nor false.", "Use true or false.")
    return SWITCHES.get(given.lower(), False)


def read_number(
    env: SettingsReader, name: str, *, default: int, least: int, most: int, number: int, of: str = ""
) -> int:
    """Return a whole number from ``least`` to ``most``, such as minutes; else a problem and the default."""
    try:
        found = int(env.typed.int(name, default=default))
    except ValueError:
        found = least - 1
    if least <= found <= most:
        return found
    hint = f"Use a whole number{of and f' of {of}'} from {least} to {most:,}."
    env.report(number, f"{name} is {env.text(name)!r}.", hint)
    return default
