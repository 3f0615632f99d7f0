"""The figure of match quality on the overview: the event that matters most, as its vendor scores it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from rules.match_quality.offers import QualityOffer, offers
from rules.match_quality.readings import newest_scores

from .charts import SPARK_POINTS, small_line
from .key_figures import KeyFigure

NAME = "Match quality"


def quality_figures(prop: Property, environment: Environment) -> list[KeyFigure]:
    """Return the figure of the first extension that reads match quality; nothing without one."""
    return [_figure(prop, environment, offer) for offer in offers(prop)[:1]]


def _figure(prop: Property, environment: Environment, offer: QualityOffer) -> KeyFigure:
    scores, quality = newest_scores(environment, offer.package.name), offer.quality
    newest = scores[max(scores)] if scores else {}
    known = {name: score for name, score in newest.items() if score is not None}
    name = (
        quality.main_event if quality.main_event in known else min(known, key=known.__getitem__, default="")
    )
    days = (timezone.now().date() - timedelta(days=before) for before in range(SPARK_POINTS - 1, -1, -1))
    line = small_line([scores.get(day, {}).get(name) for day in days], least_top=quality.most)
    url = f"{reverse('rules:match_quality', args=[prop.uid])}?{urlencode({'env': environment.uid})}"
    if not name:
        return KeyFigure(NAME, "–", "", line, f"{NAME} over time: nothing to show", "not read yet", url=url)
    tone = "bad" if known[name] < quality.goal else ""
    words = (
        f"{NAME} of {name}, last {SPARK_POINTS} days: first {line.first or 0:.1f}, last {line.last or 0:.1f}"
    )
    more = f"{name}, by {quality.vendor}"
    return KeyFigure(NAME, f"{known[name]:.1f}", f"of {quality.most:g}", line, words, more, tone, url)
