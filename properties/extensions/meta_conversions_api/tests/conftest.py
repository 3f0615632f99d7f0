"""One simulator for the tests of a module, without faults and requests of the test before."""

import pytest

from ..simulator import Simulator


@pytest.fixture(scope="module")
def running():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    running.clear_faults()
    running.forget_requests()
    return running
