"""Reads what must stay secret, and keeps the keys of embedded mode."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

from .settings_reader import SettingsReader

FERNET_HINT = "Each key is 32 bytes in URL-safe base64; a comma separates keys, the first encrypts."


def read_metrics_token(env: SettingsReader, number: int) -> str:
    """Bearer for ``/metrics``; empty means that only this machine may ask."""
    token = env.secret("METRICS_TOKEN", number)
    if not token or re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,}", token):
        return token
    env.report(
        number,
        "METRICS_TOKEN cannot be sent as a Bearer, or is shorter than 16 characters.",
        "Use 16 or more letters, digits and . _ ~ + / = -",
    )
    return ""


def prepare_data_dir(env: SettingsReader, data_dir: Path, number: int) -> bool:
    """Make the folder for this user alone. False, with a problem, when nothing can be written there."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        env.report(number, f"DATA_DIR {data_dir} cannot be made.", "Name a folder that may be written.")
        return False
    if not os.access(data_dir, os.W_OK | os.X_OK):
        env.report(number, f"DATA_DIR {data_dir} cannot be written.", "Change its owner or name another.")
        return False
    return True


def read_secret_key(env: SettingsReader, data_dir: Path | None, number: int) -> str:
    """``SECRET_KEY``, or the one kept in the data folder.

    Args:
        data_dir: Where embedded mode keeps its keys; None when the variable is required.
    """
    given = env.secret("SECRET_KEY", number) or _kept(env, data_dir, "secret_key", _new_secret_key, number)
    if not given:
        _report_missing(env, "SECRET_KEY", "secrets.token_urlsafe(64)", number)
    return given or _new_secret_key()


def read_encryption_keys(env: SettingsReader, data_dir: Path | None, number: int) -> list[str]:
    """``ENCRYPTION_KEYS``, or those kept in the data folder. The first encrypts, all decrypt.

    Args:
        data_dir: Where embedded mode keeps its keys; None when the variable is required.
    """
    given = env.secret("ENCRYPTION_KEYS", number)
    given = given or _kept(env, data_dir, "encryption_keys", _new_fernet_key, number)
    keys = [key.strip() for key in given.split(",") if key.strip()]
    broken = [position for position, key in enumerate(keys, 1) if not _is_fernet_key(key)]
    for position in broken:
        env.report(number, f"Key {position} of ENCRYPTION_KEYS is not a Fernet key.", FERNET_HINT)
    if not keys:
        _report_missing(env, "ENCRYPTION_KEYS", "base64.urlsafe_b64encode(os.urandom(32)).decode()", number)
    return keys if keys and not broken else [_new_fernet_key()]


def _report_missing(env: SettingsReader, name: str, expression: str, number: int) -> None:
    if any(problem.id == f"capi_admin.E{number:03}" for problem in env.problems):
        return
    env.report(
        number,
        f"{name} is not set.",
        f"Set {name} or {name}_FILE; python -c 'import base64, os, secrets; print({expression})' makes one.",
    )


def _new_secret_key() -> str:
    return secrets.token_urlsafe(64)


def _new_fernet_key() -> str:
    return Fernet.generate_key().decode("ascii")


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _kept(env: SettingsReader, data_dir: Path | None, name: str, make: Callable[[], str], number: int) -> str:
    """The value in the file of that name, made once. Empty when there is no folder or it cannot be read."""
    if data_dir is None:
        return ""
    try:
        value = keep_once(data_dir / name, make)
    except OSError:
        env.report(number, f"The key file {data_dir / name} cannot be read.", "Check its owner.")
        return ""
    if not value:
        env.report(number, f"The key file {data_dir / name} is empty.", "Put the key back from a backup.")
    return value


def keep_once(file: Path, make: Callable[[], str]) -> str:
    """Content of a file that is written once, whole, mode 0600, however many processes start together.

    Raises:
        OSError: The file can be neither written nor read.
    """
    if not file.exists():
        _write_if_absent(file, make())
    return file.read_text(encoding="ascii", errors="replace").strip()


def _write_if_absent(file: Path, content: str) -> None:
    """A complete file appears under its name or the other process's does: a hard link never overwrites."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(content + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
