"""Buttons that start an attempt for events that wait."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.saving import record
from properties.views.access import property_page
from properties.views.notices import say, warn
from rules.delivery.destinations.manual_retry import retry_delivery, retry_destination
from rules.delivery.in_flight import GateKey
from rules.models import Delivery, DestinationGate


@property_page("develop")
@require_POST
def delivery_retry(request: HttpRequest, prop: Property, event_id: int, delivery_id: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery, property_id=prop.pk, event_id=event_id, pk=delivery_id)
    if retry_delivery(delivery):
        record(prop, "delivery.retried", delivery, request.user)
        say(request, f"A new attempt at {delivery.destination} starts now.")
    else:
        warn(request, "This delivery no longer waits, or is being sent right now.")
    return redirect("rules:event_detail", prop.uid, event_id)


@property_page("develop")
@require_POST
def destination_retry(request: HttpRequest, prop: Property, gate_id: int) -> HttpResponse:
    gate = get_object_or_404(DestinationGate, property_id=prop.pk, pk=gate_id)
    if retry_destination(GateKey(prop.pk, gate.package_name, gate.destination)):
        record(prop, "destination.retried", gate, request.user)
        say(
            request,
            f"A new attempt at {gate.destination} starts now. If it succeeds, the waiting events follow.",
        )
    else:
        warn(request, "This destination is open, or it is held on purpose.")
    return redirect("rules:overview", prop.uid)
