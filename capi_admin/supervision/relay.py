"""Passes on what a child process prints, so that every line of it looks like a log line."""

from __future__ import annotations

import logging
import re
import sys
import threading
from typing import IO

LONGEST_LINE = 64 * 1024
# A line of ours, in colour or not; or one that goes on with the line before.
FINISHED = re.compile(rb"(?:\x1b\[\d+m){0,3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|[ \t]")


def relay(stream: IO[bytes], name: str) -> threading.Thread:
    """Until the child closes ``stream``: lines with a date as they are, others as lines of the log.

    Others are what an interpreter or a library prints by itself, such as a traceback before there is a log.
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
                # One call for a line: another child's may not come between.
                sys.stderr.write(f"{text}\n")
                sys.stderr.flush()
            elif text:
                logger.info("%s", text)
