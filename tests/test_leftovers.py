"""The check after every test finds leftover threads and processes."""

from __future__ import annotations

import subprocess
import threading

import pytest

from tests.leftovers import keeping, leaving_only, running


def test_a_thread_that_keeps_running_is_named() -> None:
    stopped = threading.Event()
    thread = threading.Thread(target=stopped.wait, name="forgotten")
    with pytest.raises(pytest.fail.Exception, match="thread forgotten"), leaving_only(running(), 0.05):
        thread.start()
    stopped.set()
    thread.join()


def test_a_child_process_that_keeps_running_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"process \d+ cat"), leaving_only(running(), 0.05):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    child.communicate()


def test_a_thread_that_is_about_to_end_is_waited_for() -> None:
    with leaving_only(running()):
        threading.Timer(0.1, lambda: None).start()


def test_threads_and_processes_of_the_session_are_left_alone() -> None:
    with leaving_only(running(), 0.05), keeping():
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    child.communicate()
