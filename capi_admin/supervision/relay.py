"""Passes on the output of a child process, so that every line looks like a log line."""

from __future__ import annotations

import logging
import re
import sys
import threading
from typing import IO

LONGEST_LINE = 64 * 1024
# One of our lines, in colour or not; or one that continues the line before.
FINISHED = re.compile(rb"(?:\x1b\[\d+m){0,3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|[ \t]")


def relay(stream: IO[bytes], name: str) -> threading.Thread:
    """Pass on lines until the child closes ``stream``: dated lines unchanged, others as lines of the log.

    Interpreters and libraries print others, such as a traceback before logging is set up.
    """
    thread = threading.Thread(target=_pass_on, args=(stream, name), name=f"output of {name}", daemon=True)
    thread.start()
    return thread


def _pass_on(stream: IO[bytes], name: str) -> None:
    logger = logging.getLogger(f"capi_admin.{name}")
    with stream:
        while line := stream.readline(LONGEST_LINE):
            text = line.decode("utf-8", "replace").rstrip("\n")
            if FINISHED.match(line):
                # One call per line, so that the line of another child does not split it.
                sys.stderr.write(f"{text}\n")
                sys.stderr.flush()
            elif text:
                logger.info("%s", text)
