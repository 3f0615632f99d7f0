"""The format of log lines, and the masking of secrets and customer data in them."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any

import structlog

MASK = "[masked]"
CREDENTIALS = (
    "access_?token|api_?secret|appsecret_proof|authorization|client_secret|password|refresh_token|secret_key"
)
"""Names whose values are masked, as a regular expression."""

SPEAKING = ["capi_admin", "rules", "properties", "celery.apps.worker", "celery.worker.consumer"]
"""Loggers whose routine lines are shown; one line per wake-up would hide them."""

TEXT_LETTERS = 2_048
TRACEBACK_LETTERS = 16_384
REQUEST_LETTERS = 200
"""The number of letters that are shown; far fewer from a client's path or header."""

# A word at the cut is dropped whole, because no pattern recognises half an e-mail address.
LONGEST_WORD = 320

# Each pattern passes over a text once: a run of letters is never given back (``++``).
PATTERNS = [
    (
        re.compile(
            rf"(?i)\b({CREDENTIALS})([\"']?\s{{0,9}}[=:]\s{{0,9}}[\"']?)(?:Bearer\s{{1,9}})?+[^\s\"'&,}}]++"
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\bBearer\s{1,9}[^\s\"',]++"), f"Bearer {MASK}"),
    (re.compile(r"\bEAA[A-Za-z0-9]{8,}+"), MASK),
    (re.compile(r"(?<![\w.+-])[\w.+-]++(?:@|%40)[\w-]++(?:\.[\w-]++)+"), MASK),
]
_SECRET_KEY = re.compile(rf"(?i)^({CREDENTIALS})$")


def masked(text: str) -> str:
    """Return the text without access tokens, bearer values, ``password=…`` and e-mail addresses."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def shortened(text: str, most: int = TEXT_LETTERS) -> str:
    """Return at most so many letters, cut between words, with the original number of letters."""
    if len(text) <= most:
        return text
    kept = text[:most]
    spare = min(LONGEST_WORD, most // 2)
    ends = [kept.rfind(sign, most - spare) for sign in " \n\"'<>,;"]
    return f"{kept[: max(*ends, most - spare)]}… ({len(text)} letters)"


def _shortened_traceback(text: str) -> str:
    """Return the beginning and the end of a traceback; the end is longer, because it shows the error."""
    text = "\n".join(shortened(line) for line in text.split("\n"))
    if len(text) <= TRACEBACK_LETTERS:
        return text
    begin, end = text[: TRACEBACK_LETTERS // 4], text[-TRACEBACK_LETTERS // 2 :]
    return f"{begin[: begin.rfind(chr(10))]}\n  …{end[max(end.find(chr(10)), 0) :]}"


def mask_event(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Structlog processor: mask every text of a log event, tracebacks included."""
    return {key: _masked_value(key, value) for key, value in event.items()}


def _masked_value(key: str, value: Any) -> Any:
    if _SECRET_KEY.match(key):
        return MASK
    if key.startswith("_") or isinstance(value, int | float | None):
        return value
    text = value if isinstance(value, str) else str(value)
    return masked(_shortened_traceback(text) if key == "exception" else shortened(text))


def name_person(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Structlog processor for refused requests: add the person, and drop the useless traceback."""
    record: logging.LogRecord = event["_record"]
    status = getattr(record, "status_code", 0)
    if not 400 <= status < 500:
        return event
    _, error, _ = event.pop("exc_info", None) or (None, None, None)
    request = getattr(record, "request", None)
    if status == 403 and request is not None:
        event.update(_person(request))
    if error is not None and str(error) not in event["event"]:
        event["reason"] = shortened(str(error), REQUEST_LETTERS)
    return event


def _person(request: Any) -> dict[str, str]:
    from capi_admin.page_client import client_address_of

    try:
        user = request.user
        name = f"{user.pk} ({user.get_username()})" if user.is_authenticated else "nobody"
    except Exception:  # An error here, such as an unreachable database, must not lose the line.
        name = "unknown"
    return {
        "user": shortened(name, REQUEST_LETTERS),
        "address": shortened(client_address_of(request), REQUEST_LETTERS),
    }


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's ``LOGGING``: one readable, dated, masked line per record on standard error.

    Args:
        level: Lowest level of the product's own loggers; libraries show warnings.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"readable": {"()": "capi_admin.logs.Formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "readable"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": level} for name in SPEAKING},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # The command line sets its level. Requests are left to the proxy's log: a line for each
            # would cost an event more than its acceptance does.
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": False},
            # Its warnings quote a server's answer, and servers quote the request.
            "urllib3": {"level": "ERROR"},
        },
    }


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Formats records of the standard library: dated, masked, readable, and coloured on a terminal.

    The further lines of a record, such as a traceback, are indented. Every line that is not indented starts
    with a date.
    """

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                name_person,
            ],
            processors=[
                structlog.processors.format_exc_info,
                mask_event,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=has_colours(), sort_keys=False),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("django."):
            record = _of_request(record)
        return super().format(record).replace("\n", "\n    ")


def has_colours() -> bool:
    """Return whether a person reads the output. ``FORCE_COLOR`` says so for lines that are passed on."""
    return sys.stderr.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _of_request(record: logging.LogRecord) -> logging.LogRecord:
    """Shorten the paths and headers in Django's records, which are unchanged input."""
    short = logging.makeLogRecord(record.__dict__)
    if isinstance(record.args, tuple):
        short.args = tuple(_short_argument(value) for value in record.args)
    short.msg, short.args = shortened(short.getMessage(), 2 * REQUEST_LETTERS), ()
    return short


def _short_argument(value: Any) -> Any:
    return shortened(value, REQUEST_LETTERS) if isinstance(value, str) else value
