"""The page *Customer Data*."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from properties.models import Property
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment
from rules.delivery.customer_sightings import EVENTS_A_SECOND, KEPT_DAYS

from .customer_rows import fault_rows, stream_rows
from .faults import faults_of
from .streams import prints_of, streams_of


@property_page("view")
def customer_data(request: HttpRequest, prop: Property) -> HttpResponse:
    environment = chosen_environment(request, prop)
    streams = streams_of(environment, timezone.now())
    faults = faults_of(streams, prints_of(environment))
    context = {
        "environment": environment,
        "faults": fault_rows(prop, faults),
        "streams": stream_rows(prop, streams),
        "values": sum(it.total for it in streams),
        "days": KEPT_DAYS,
        "a_second": EVENTS_A_SECOND,
    }
    return render(request, "hash_consistency/customer_data.html", context)
