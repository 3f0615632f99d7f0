import pytest

from .probe import Probe


@pytest.fixture
def probe() -> Probe:
    return Probe()
