"""Run by ``test_on_postgres`` with ``DATABASE_URL`` set: two people change one library on one PostgreSQL."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from properties.models import DataElement, Environment, Property  # noqa: E402
from properties.saving import save_resource  # noqa: E402
from rules.conftest import SHOP, apply_document  # noqa: E402
from rules.models import Library  # noqa: E402
from rules.publishing.build import activate, build  # noqa: E402
from rules.publishing.libraries import NotEditable, add_all_changed, add_resource, working_library  # noqa: E402

BEGINNERS = 8


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def begin_together(prop: Property) -> int:
    """Let several people make the first change at the same moment; return the number of libraries."""
    all_here = threading.Barrier(BEGINNERS)

    def begin() -> None:
        connection.ensure_connection()
        all_here.wait()
        working_library(prop)

    for thread in [in_thread(begin) for _ in range(BEGINNERS)]:
        thread.join()
    return Library.objects.filter(prop=prop).count()


def add_while_it_is_published(prop: Property, production: Environment) -> list[str]:
    """Add a change while another thread publishes; return refusals and unbuilt resources."""
    library = working_library(prop)
    add_all_changed(library)
    made = build(library, production)
    late = DataElement(
        prop=prop, name="Late", delegate="core::dataElements::constant", settings={"value": "1"}
    )
    save_resource(late)

    def add() -> None:
        try:
            add_resource(library, late)
        except NotEditable as error:
            refused.append(str(error))

    refused: list[str] = []
    with transaction.atomic():
        activate(made)
        thread = in_thread(add)
        time.sleep(0.5)
    thread.join()
    held = set(library.resources.values_list("resource_uid", flat=True))
    return [*refused, *(held - {entry["uid"] for entry in made.revisions})]


def main() -> None:
    call_command("migrate", verbosity=0)
    prop = apply_document(SHOP).prop
    libraries = begin_together(prop)
    beyond = add_while_it_is_published(prop, prop.environments.get(stage="production"))
    print(json.dumps({"libraries": libraries, "beyond": beyond}))


if __name__ == "__main__":
    main()
