"""Finds the browser modules that a library needs: those of its components, and what they require.

Plain Python. A module is a file in the folder ``client`` of its package. In a library its path is
``<package>/<file>``; ``require("./queue.js")`` names another one by its place, and
``require("@capi/web-sdk")`` the prebuilt Web SDK.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from properties.catalog.registry import package_folder
from properties.web_runtime import WEB_SDK, text_of

from .shortened_code import shortened

ReadModule = Callable[[str, str], str | None]
"""(package name, file) → text of a browser module, or None if there is no such file."""

# Source: @adobe/reactor-turbine, createPublicRequire.
ENGINE_MODULES = frozenset(
    f"@adobe/reactor-{name}"
    for name in ("cookie", "document", "load-script", "object-assign", "promise", "query-string", "window")
)
_PREBUILT = {"@capi/web-sdk": WEB_SDK}
_REQUIRED = re.compile(r"""\brequire\(\s{0,9}(["'])([^"'\n]{1,200})\1\s{0,9}\)""")


class ModuleMissing(Exception):
    """A package names a browser module that it does not have; the message names both."""


def modules_needed(package: str, files: Iterable[str], read: ReadModule) -> dict[str, str]:
    """Return path → text of these files of a package and of everything that they require, sorted by path.

    Raises:
        ModuleMissing: One of them does not exist.
    """
    found: dict[str, str] = {}
    waiting = [(file, "a component type") for file in files]
    while waiting:
        file, asked_by = waiting.pop()
        if file not in found:
            text = found[file] = _text(package, file, asked_by, read)
            waiting += ((required, file) for required in _required(package, file, text))
    prebuilt = {name for text in found.values() for name in _PREBUILT if _asks_for(name, text)}
    made = {f"{package}/{file}": _with_places(file, text) for file, text in found.items()}
    made |= {f"{package}/{_PREBUILT[name]}": text_of(_PREBUILT[name]) for name in prebuilt}
    return dict(sorted(made.items()))


@cache
def read_client_module(package: str, file: str) -> str | None:
    """Return the shortened text of a browser module."""
    folder = package_folder(package)
    path = folder / "client" / file if folder else None
    return shortened(path.read_text(encoding="utf-8")) if path and path.is_file() else None


def _text(package: str, file: str, asked_by: str, read: ReadModule) -> str:
    text = read(package, file)
    if text is None:
        raise ModuleMissing(f"The package “{package}” has no file client/{file}, which {asked_by} needs.")
    return text


def _required(package: str, file: str, text: str) -> Iterator[str]:
    """Yield the files of the package that a module requires."""
    for _, name in _REQUIRED.findall(text):
        if name.startswith("."):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(file), name))
        elif name not in ENGINE_MODULES and name not in _PREBUILT:
            raise ModuleMissing(
                f"client/{file} of the package “{package}” requires “{name}”, which no library has."
            )


def _asks_for(name: str, text: str) -> bool:
    return any(found == name for _, found in _REQUIRED.findall(text))


def _with_places(file: str, text: str) -> str:
    """Return a module that requires prebuilt files by their place: the engine knows no other names."""

    def place(match: re.Match[str]) -> str:
        prebuilt = _PREBUILT.get(match[2])
        if prebuilt is None:
            return match[0]
        path = posixpath.relpath(prebuilt, posixpath.dirname(file) or ".")
        return f"require('{path if path.startswith('.') else f'./{path}'}')"

    return _REQUIRED.sub(place, text)
