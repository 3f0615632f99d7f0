"""How log lines look, and what never gets into one."""

from __future__ import annotations

import re
import sys
from typing import Any

import structlog

MASK = "[masked]"
CREDENTIALS = "access_?token|appsecret_proof|authorization|client_secret|password|refresh_token|secret_key"
"""Names whose values are masked, as a regular expression."""

SPEAKING = ["capi_admin", "rules", "properties", "celery.apps.worker", "celery.worker.consumer"]
"""Loggers whose everyday lines are shown; a line per wake-up would drown them."""

_PATTERNS = [
    (
        re.compile(rf"(?i)\b({CREDENTIALS})([\"']?\s*[=:]\s*[\"']?)(?:Bearer\s+)?[^\s\"'&,}}]+"),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\bBearer\s+[^\s\"',]+"), f"Bearer {MASK}"),
    (re.compile(r"\bEAA[A-Za-z0-9]{8,}"), MASK),
    (re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), MASK),
]
_SECRET_KEY = re.compile(rf"(?i)^({CREDENTIALS})$")


def masked(text: str) -> str:
    """The text without access tokens, bearer values, ``password=…`` and e-mail addresses."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def mask_event(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Structlog processor: mask every text of a log event, tracebacks included."""
    return {key: _masked_value(key, value) for key, value in event.items()}


def _masked_value(key: str, value: Any) -> Any:
    if _SECRET_KEY.match(key):
        return MASK
    if key.startswith("_") or isinstance(value, int | float | None):
        return value
    return masked(value if isinstance(value, str) else str(value))


def logging_config(level: str) -> dict[str, Any]:
    """The value of Django's ``LOGGING``: one readable line per record on standard error, masked.

    Args:
        level: Lowest level shown of the product's own loggers; libraries show warnings.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"readable": {"()": "capi_admin.logs.formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "readable"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": level} for name in SPEAKING},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """Formats records of the standard library: masked, then readable, in colour on a terminal."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        ],
        processors=[
            structlog.processors.format_exc_info,
            mask_event,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False),
        ],
    )
