"""The playground: a tags property, the property that it sends to, and a shop with the library in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from properties.catalog.registry import packages, quick_starts
from properties.models import Environment, Property
from properties.resources.embedding import Embedding
from rules.documents import apply_document
from rules.publishing.build import live_build, publish
from rules.publishing.libraries import working_library
from rules.quick_start.planning import Order, plan_of

from .shop import ShopSite

DOMAIN = "shop.localhost"
"""Browsers find every name below ``localhost`` on their own machine. No page of the product has this name, so
none of its cookies reach the shop."""
EDGE_HOST = "data.shop.localhost"
"""The event endpoint under the shop's own domain, as on a real site: cookies are first-party."""
TAGS_PROPERTY = f"{DOMAIN} tags"
FORWARDING_PROPERTY = f"{DOMAIN} event forwarding"
STAGE = Environment.Stage.DEVELOPMENT
PORT = 8100
"""The first port to try."""


def folder() -> Path:
    """Return the files of the shop, from the first package that has one."""
    return next(package.shop for package in packages().values() if package.shop)


def documents() -> list[dict[str, Any]]:
    """Return both properties as property documents, the one that receives first.

    They are what a quick start makes, and each rule has the event of the shop that starts it.
    """
    package = next(iter(quick_starts()))
    plan = plan_of(Order(package, DOMAIN, _read("answers.json")))
    forwarding, tags = (dict(side.document) for side in plan.sides)
    starts = _read("starts.json")
    tags["rules"] = [{**it, "events": it["events"] or [starts[it["name"]]]} for it in tags["rules"]]
    return [forwarding, tags]


def _read(name: str) -> Any:
    return json.loads((folder() / name).read_text())


def seed() -> None:
    """Create and publish both properties unless they exist; let the library find the event endpoint."""
    for document in documents():
        if not Property.objects.filter(name=document["property"]["name"]).exists():
            apply_document(document, publish=STAGE, actor="demo")
    _follow_the_endpoint()


def _follow_the_endpoint() -> None:
    """Build again what sends to an earlier address: another start may have another port."""
    environment = _environment()
    live = live_build(environment)
    if live is not None and urlsplit(settings.TAGS_URL).netloc not in live.document:
        with transaction.atomic():
            publish(live.library or working_library(environment.prop), environment, "demo")


def shop_site() -> ShopSite:
    """Return where the shop is and what its pages lead to.

    Raises:
        Environment.DoesNotExist: The shop's tags property does not exist.
    """
    environment = _environment()
    rules = reverse("rules:rules", args=[environment.prop.uid])
    return ShopSite(
        folder=folder(),
        hosts=frozenset({DOMAIN, "localhost", "127.0.0.1"}),
        embed_code=Embedding(environment).code,
        tags_url=settings.TAGS_URL,
        rules_url=f"{settings.PUBLIC_URL}{rules}",
    )


def _environment() -> Environment:
    found: Environment = Environment.objects.filter(prop__name=TAGS_PROPERTY, stage=STAGE).earliest("id")
    return found
