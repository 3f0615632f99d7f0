"""One simulator for the tests of a module, reset before each test."""

import pytest

from ..simulator import Simulator


@pytest.fixture(scope="module")
def running():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    running.clear_faults()
    running.reset_state()
    running.forget_requests()
    return running
