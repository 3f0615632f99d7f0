"""Reads keys and tokens, and stores the keys of embedded mode."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

from .settings_reader import SettingsReader

FERNET_HINT = "Each key is 32 bytes in URL-safe base64; separate keys with commas. The first key encrypts."


def read_metrics_token(env: SettingsReader, number: int) -> str:
    """Return the Bearer for ``/metrics``; empty means that only this machine has access."""
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
    """Create the folder for this user alone. Return False, and report a problem, if it is not writable."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        env.report(number, f"DATA_DIR {data_dir} cannot be created.", "Name a writable folder.")
        return False
    if not os.access(data_dir, os.W_OK | os.X_OK):
        env.report(number, f"DATA_DIR {data_dir} is not writable.", "Change its owner or name another.")
        return False
    return True


def read_secret_key(env: SettingsReader, data_dir: Path | None, number: int) -> str:
    """Return ``SECRET_KEY``, or the one in the data folder.

    Args:
        data_dir: The folder with the keys of embedded mode; None if the variable is required.
    """
    given = env.secret("SECRET_KEY", number) or _kept(env, data_dir, "secret_key", _new_secret_key, number)
    if not given:
        _report_missing(env, "SECRET_KEY", "secrets.token_urlsafe(64)", number)
    return given or _new_secret_key()


def read_encryption_keys(env: SettingsReader, data_dir: Path | None, number: int) -> list[str]:
    """Return ``ENCRYPTION_KEYS``, or those in the data folder. The first encrypts, all decrypt.

    Args:
        data_dir: The folder with the keys of embedded mode; None if the variable is required.
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
    """Return the value in the file of that name, created if missing; empty without a folder or on error."""
    if data_dir is None:
        return ""
    try:
        value = keep_once(data_dir / name, make)
    except OSError:
        env.report(number, f"The key file {data_dir / name} cannot be read.", "Check its owner.")
        return ""
    if not value:
        env.report(number, f"The key file {data_dir / name} is empty.", "Restore the key from a backup.")
    return value


def keep_once(file: Path, make: Callable[[], str]) -> str:
    """Return the content of a file that is written once, whole, mode 0600, even if processes start together.

    Raises:
        OSError: The file can be neither written nor read.
    """
    if not file.exists():
        _write_if_absent(file, make())
    return file.read_text(encoding="ascii", errors="replace").strip()


def _write_if_absent(file: Path, content: str) -> None:
    """Write a complete file, unless another process was first: a hard link never overwrites."""
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
