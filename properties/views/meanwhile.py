"""Two people with the same form open: the later one is told before anything is replaced."""

from __future__ import annotations

from django.http import HttpRequest

from properties.models import Resource, Revision

from .notices import warn

# Hidden input of a form: number of the revision that it was filled from.
OPENED = "opened_revision"


def changed_meanwhile(request: HttpRequest, resource: Resource) -> bool:
    """Whether somebody saved ``resource`` after the form that was sent was opened; then it says so."""
    opened = request.POST.get(OPENED, "")
    if not resource.pk or opened in ("", str(resource.revision_number)):
        return False
    newest = Revision.objects.filter(resource_uid=resource.uid).order_by("-number").first()
    who = newest.created_by.get_username() if newest and newest.created_by else "Somebody"
    warn(
        request,
        f"Not saved yet: {who} saved “{resource.display_name}” after you opened it. What you typed stands"
        " below; save again to replace what is there now, or cancel to look at it.",
    )
    return True
