"""The state of each property in the navigation of the pages above all properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from properties.models import Property
from properties.views.frame import PropertySign, signs_asked_for
from rules.issues.issue_list import open_counts

from .property_table import shown_environments


@receiver(signs_asked_for, dispatch_uid="rules.home.nav_signs")
def property_signs(sender: type[Property], *, props: Sequence[Property], **_: Any) -> dict[int, PropertySign]:
    """Return whether each property has open issues, runs a build, or neither."""
    environments, live = shown_environments(props)
    counts = open_counts(environments, timezone.now())
    return {it.prop_id: _sign(counts[it.pk], is_live=it.pk in live) for it in environments}


def _sign(count: int, *, is_live: bool) -> PropertySign:
    return PropertySign("notsent" if count else "ok" if is_live else "wait", count)
