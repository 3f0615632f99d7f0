"""Creating, copying and deleting several data elements at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.resources.element_batches import (
    Batch,
    copy_elements,
    create_from_paths,
    delete_elements,
    undo_batch,
)
from properties.resources.readers import readers_of

from .access import property_page, rights_in
from .notices import say, warn
from .typing import one_at_a_time

MOST_NAMED = 3


@require_POST
@property_page("develop")
def data_elements_create(request: HttpRequest, prop: Property) -> HttpResponse:
    """Create a data element for each chosen path of received events."""
    with one_at_a_time(prop):
        made = create_from_paths(prop, request.POST.getlist("path"), request.user)
    if made.names:
        say(request, f"Created {_counted(made)}: {_listed(made.names)}.", undo=_undo(prop, made))
    else:
        warn(request, "Nothing was created. Tick the keys that no data element reads yet.")
    return redirect("properties:data_elements", prop.uid)


@require_POST
@property_page("develop")
def data_elements_delete(request: HttpRequest, prop: Property) -> HttpResponse:
    uids = request.POST.getlist("element")
    with one_at_a_time(prop):
        broken = _broken(prop, uids)
        gone = delete_elements(prop, uids, request.user)
    if gone.names:
        say(request, f"Deleted {_listed(gone.names)}.{broken}", undo=_undo(prop, gone))
    else:
        warn(request, "Nothing was deleted. Tick data elements first.")
    return redirect("properties:data_elements", prop.uid)


@require_POST
@property_page("develop")
def data_elements_copy(request: HttpRequest, prop: Property) -> HttpResponse:
    """Copy data elements to a property in which the person may develop, too."""
    visible = Property.objects.visible_to(request.user).exclude(pk=prop.pk)
    target = get_object_or_404(visible, uid=request.POST.get("target", ""))
    if "develop" not in rights_in(target, request.user):
        warn(request, f"You may look at {target}, not change it. Ask the person who manages it.")
        return redirect("properties:data_elements", prop.uid)
    with one_at_a_time(target):
        made = copy_elements(prop, request.POST.getlist("element"), target, request.user)
    left = "; ".join(f"{name}: {why}" for name, why in made.left_out.items())
    if made.names:
        text = f"Copied {_counted(made)} to {target}: {_listed(made.names)}."
        say(request, f"{text} Not copied: {left}." if left else text, undo=_undo(target, made))
    else:
        warn(request, f"Nothing was copied to {target}. {left or 'Tick data elements first'}.")
    return redirect("properties:data_elements", prop.uid)


@require_POST
@property_page("develop")
def data_elements_undo(request: HttpRequest, prop: Property, first: int, last: int) -> HttpResponse:
    with one_at_a_time(prop):
        names = undo_batch(prop, first, last, request.user)
    if names:
        say(request, f"Undone: {_listed(names)}.")
    else:
        warn(request, "Nothing was undone: it was changed since.")
    return redirect("properties:data_elements", prop.uid)


def _broken(prop: Property, uids: list[str]) -> str:
    """Return a sentence about what uses these data elements and stays, or ""."""
    names = list(prop.dataelements.filter(uid__in=uids).values_list("name", flat=True))
    readers = {reader: None for name in names for reader in readers_of(prop, name)}
    left = [it.name for it in readers if it.kind != "Data element" or it.name not in names]
    return f" {users_of(left)}" if left else ""


def users_of(names: list[str]) -> str:
    """Return a sentence such as “MetaConversion_Purchase and 2 more use it.”."""
    return f"{_listed(names)} use{'s' if len(names) == 1 else ''} it."


def _listed(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"


def _counted(batch: Batch) -> str:
    return f"{len(batch.names)} data element{'' if len(batch.names) == 1 else 's'}"


def _undo(prop: Property, batch: Batch) -> str:
    return reverse("properties:data_elements_undo", args=[prop.uid, *batch.entries])
