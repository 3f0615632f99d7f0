"""The Django baseline of the edge: parse, ``create``, answer."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone

from capi_admin.urls import urlpatterns as product_urls
from rules.forwarding.event_ids import NODES, Identifiers
from rules.models import InboundEvent

_identifiers = Identifiers(node=NODES - 1)


def store(request: HttpRequest) -> JsonResponse:
    """Write one durable row per request; the same row as the edge writes."""
    event = json.loads(request.body)["event"]
    InboundEvent.objects.create(
        id=_identifiers.next(),
        property_id=1,
        environment_id=1,
        datastream_id=1,
        name=event["xdm"]["eventType"],
        received_at=timezone.now(),
        body=json.dumps(event),
        request=json.dumps({"header": {"userAgent": request.headers.get("User-Agent")}}),
        flags="[]",
    )
    return JsonResponse({"requestId": "1"}, status=202)


# The product asks for the addresses of its own pages when it starts.
urlpatterns = [path("orm", store), *product_urls]
