"""``quick_start DOMAIN``: from a domain to two published properties."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from django.core.management.base import CommandParser

from properties.catalog.descriptor import Field, QuickStart
from properties.catalog.registry import quick_starts
from properties.management.json_commands import JsonCommand
from rules.documents import InvalidDocument
from rules.documents.shapes import DocumentProblem
from rules.models import Build
from rules.quick_start.domains import NoDomain, domain_of
from rules.quick_start.making import Made, addresses, make, publish_in_development
from rules.quick_start.planning import NotPossible, Order, SetupPlan, plan_of


class Command(JsonCommand):
    """Makes what Quick Start makes. What exists never changes."""

    help = "Set up a site: a tags property and the property of event forwarding that it sends to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", help="Of the site, such as shop.example.")
        for field in _recipe()[1].fields:
            parser.add_argument(_option(field.key), dest=field.key, help=field.help, default=None)
        parser.add_argument("--forwarding-property", default="", help="Name of one that exists.")
        parser.add_argument("--dry-run", action="store_true", help="Only print what would be made.")
        parser.add_argument("--json", action="store_true", help="The output is always JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            order = _order(options)
            printed = _planned(plan_of(order)) if options["dry_run"] else _made(make(order, "quick_start"))
        except NotPossible as error:
            self._refuse([_as_option(problem) for problem in error.problems])
        except InvalidDocument as error:
            self._refuse(error.problems)
        self._print(printed)

    def _refuse(self, problems: Any) -> None:
        self._print({"errors": [problem._asdict() for problem in problems]})
        sys.exit(1)

    def _print(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def _recipe() -> tuple[str, QuickStart]:
    return next(iter(quick_starts().items()))


def _option(key: str) -> str:
    return "--" + re.sub("([A-Z])", r"-\1", key).lower()


def _as_option(problem: DocumentProblem) -> DocumentProblem:
    return problem if problem.path == "domain" else DocumentProblem(_option(problem.path), problem.message)


def _order(options: dict[str, Any]) -> Order:
    package, recipe = _recipe()
    try:
        domain = domain_of(options["domain"])
    except NoDomain as error:
        raise NotPossible(DocumentProblem("domain", str(error))) from None
    answers = {field.key: _answer(recipe, field, options[field.key]) for field in recipe.fields}
    return Order(package, domain, recipe.normalize(answers), options["forwarding_property"])


def _answer(recipe: QuickStart, field: Field, given: str | None) -> str:
    variable = recipe.variables.get(field.key, "")
    return given if given is not None else os.environ.get(variable, "") or str(field.default or "")


def _planned(plan: SetupPlan) -> dict[str, Any]:
    both = plan.tags.prop and plan.forwarding.prop
    return {
        "tags_property_id": plan.tags.prop.uid if plan.tags.prop else None,
        "forwarding_property_id": plan.forwarding.prop.uid if plan.forwarding.prop else None,
        "environments": addresses(plan.tags.prop, plan.forwarding.prop) if both else {},  # type: ignore[arg-type]
        "created": plan.names("new"),
        "skipped": plan.names("there"),
        "collisions": plan.names("other"),
        "dry_run": True,
    }


def _made(made: Made) -> dict[str, Any]:
    plan = made.plan
    for side, prop in zip(plan.sides, (made.forwarding, made.tags), strict=True):
        _publish(publish_in_development(prop, side.having("new"), "quick_start"))
    return {
        "tags_property_id": made.tags.uid,
        "forwarding_property_id": made.forwarding.uid,
        "environments": addresses(made.tags, made.forwarding),
        "created": plan.names("new"),
        "skipped": plan.names("there"),
        "collisions": plan.names("other"),
    }


def _publish(build: Build | None) -> None:
    if build is not None and build.status != Build.Status.SUCCEEDED:
        problems = [DocumentProblem("$", f"{it['where']}: {it['message']}") for it in build.problems]
        raise InvalidDocument(problems)
