"""The people of a property, for the tests of every folder.

They belong to the ``prop`` of the test. ``owner`` is a user, ``owner_client`` a browser in which that user is
signed in, and the same for the others. Each page is tried as the stranger, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from properties.models import RIGHTS, Property
from rules.delivery.customer_sightings import sightings
from rules.delivery.log.groups import groups
from tests.people import make_user, member, signed_in
from tests.person import Person


@pytest.fixture(autouse=True)
def no_known_groups() -> Iterator[None]:
    """Forget the groups of the event log that a test has written: the next test has another database.

    Forget also which customer data it has looked at: each test may look at as much.
    """
    yield
    groups.forget()
    sightings.forget()


@pytest.fixture
def olivia(db: None) -> Any:
    """Who makes properties; ``owner`` is her with all rights in one."""
    return make_user("olivia")


@pytest.fixture
def owner(olivia: Any, prop: Property) -> Any:
    return member(olivia, prop, RIGHTS)


@pytest.fixture
def colleague(prop: Property) -> Any:
    """May develop, and nothing else."""
    return member(make_user("colin"), prop, ["develop"])


@pytest.fixture
def reader(prop: Property) -> Any:
    """Sees the property and has no right in it."""
    return member(make_user("rita"), prop, [])


@pytest.fixture
def stranger(prop: Property) -> Any:
    return make_user("sam")


@pytest.fixture
def administrator(prop: Property) -> Any:
    return get_user_model().objects.create_superuser("root")


@pytest.fixture
def owner_client(owner: Any) -> Person:
    return signed_in(owner)


@pytest.fixture
def colleague_client(colleague: Any) -> Person:
    return signed_in(colleague)


@pytest.fixture
def reader_client(reader: Any) -> Person:
    return signed_in(reader)


@pytest.fixture
def stranger_client(stranger: Any) -> Person:
    return signed_in(stranger)


@pytest.fixture
def administrator_client(administrator: Any) -> Person:
    return signed_in(administrator)
