"""Taking one revision further: into the working library, and on to development."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from properties.models import Environment, Property, Revision
from properties.saving import Intent
from rules.models import Build

from .libraries import add_resource, working_library
from .pending import start


def take_further(prop: Property, revision: Revision, intent: Intent, actor: Any = None) -> Build | None:
    """Put a revision into the working library; with ``build`` also build that and run it in development.

    Returns:
        The build, which may have failed and then names its problems, or be pending still; None unless one
        was asked for.
    """
    if intent == "save":
        return None
    with transaction.atomic():
        library = working_library(prop, actor)
        add_resource(library, revision)
    development = prop.environments.filter(stage=Environment.Stage.DEVELOPMENT).order_by("id").first()
    if intent == "library" or development is None:
        return None
    return start(library, development, actor, goes_live=True)
