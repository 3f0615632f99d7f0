"""The number of a build: its place among the builds of its property, from 1."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, OuterRef, Subquery

from rules.models import Build


def build_numbers(ids: Iterable[int | None]) -> dict[int, int]:
    """Return the numbers of builds, by id of the build. One query, however many there are."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    earlier = Build.objects.filter(prop=OuterRef("prop"), pk__lte=OuterRef("pk")).order_by()
    number = Subquery(earlier.values("prop").annotate(number=Count("pk")).values("number"))
    return dict(Build.objects.filter(pk__in=wanted).values_list("pk").annotate(number=number))
