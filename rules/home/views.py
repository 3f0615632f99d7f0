"""Home: the page above all properties."""

from __future__ import annotations

from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from properties.models import Property
from properties.resources.shop_links import shop_url
from properties.views.access import signed_in_page
from properties.views.navigation import home_of
from rules.event_log.counted_events import late_seconds

from .attention import attention, open_in
from .lately import lately, rights_of
from .property_table import property_rows, shown_environments
from .start import go_on, offer

MOST_SHOWN = 5
LATE_SECONDS = 60.0


@signed_in_page
def home(request: HttpRequest) -> HttpResponse:
    """Show Home. A person with one property goes to its overview, unless ``?all=1`` asks for Home."""
    props = list(Property.objects.visible_to(request.user).order_by(Lower("name")))
    if len(props) == 1 and "all" not in request.GET:
        return redirect(home_of(props[0]))
    may_add = request.user.has_perm("properties.add_property")
    if not props:
        return render(request, "home/nothing_yet.html", {"may_add": may_add, "offer": offer(request.user)})
    now, rights = timezone.now(), rights_of(request.user, props)
    environments, live = shown_environments(props)
    found = attention(props, environments, rights, now)
    needs = open_in(found)
    rows = property_rows(props, environments, live, needs, now)
    offered = offer(request.user) if may_add else None
    shows_all = "issues" in request.GET
    context = {
        "attention": found if shows_all else found[:MOST_SHOWN],
        "attention_count": len(found),
        "needing": len(needs),
        "rows": rows,
        "delivering": sum(it.tone == "ok" for it in rows),
        "go_on": go_on(rows, rights, offered.run if offered else None),
        "lately": lately(request.user, rights),
        "may_add": may_add,
        "shop_url": shop_url(),
        "offer": offered,
        "now": now,
        "late_minutes": int(late // 60) if (late := late_seconds(now)) >= LATE_SECONDS else 0,
    }
    return render(request, "home/home.html", context)
