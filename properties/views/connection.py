"""The connection test of an extension: runs the inquiry of its package with the unsaved form."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Configuration, ExtensionPackage, Inquiry
from properties.catalog.errors import Misconfigured
from properties.catalog.forms import ComponentForm, form_for
from properties.catalog.outbound import InquiryResult
from properties.catalog.registry import packages
from properties.http.transport import run_inquiry
from properties.models import Environment, Property
from properties.resources.component_settings import bound_form
from properties.resources.unsaved import Unsaved, unsaved
from properties.saving import record
from properties.secrets.credentials import names_in

from .access import property_page
from .typing import typed_so_far

PREFIX = "inquiry"


def inquiry_form(package: ExtensionPackage, data: Any = None) -> ComponentForm | None:
    """Return the form of questions before the test, or None if the package has no inquiry."""
    inquiry = package.configuration.inquiry if package.configuration else None
    return form_for(Configuration(fields=inquiry.fields), data=data, prefix=PREFIX) if inquiry else None


@require_POST
@property_page("manage_extensions")
def connection_test(request: HttpRequest, prop: Property, package_name: str) -> HttpResponse:
    package = packages().get(package_name)
    asked = inquiry_form(package, request.POST) if package else None
    if package is None or package.configuration is None or asked is None:
        raise Http404
    inquiry = package.configuration.inquiry
    assert inquiry is not None  # noqa: S101 - it has a form
    form = _form(prop, package, package.configuration, typed_so_far(request))
    problems = _problems(form) + _problems(asked)
    question = inquiry.confirm(asked.to_settings()) if inquiry.confirm and not problems else ""
    context: dict[str, Any] = {"problems": problems, "package": package}
    if question and "confirmed" not in request.POST:
        context["question"] = question
    elif not problems:
        context["result"] = _ask(inquiry, unsaved(prop, form, _tried(prop, request)), asked)
        record(prop, "extension.tested", prop, request.user, package=package.name)
    return render(request, "properties/connection_result.html", context)


def credential_environments(prop: Property, form: ComponentForm) -> list[Environment]:
    """Return the environments to choose from if their stored credentials differ, otherwise none."""
    has_own = prop.secrets.filter(name__in=names_in(form.stored)).exclude(environment=None).exists()
    return list(prop.environments.all()) if has_own else []


def _tried(prop: Property, request: HttpRequest) -> Environment | None:
    return prop.environments.filter(uid=request.POST.get(f"{PREFIX}-environment", "")).first()


def _form(
    prop: Property, package: ExtensionPackage, configuration: Configuration, data: Any
) -> ComponentForm:
    installed = prop.extensions.filter(package_name=package.name).first()
    return bound_form(prop, configuration, settings=installed.settings if installed else {}, data=data)


def _problems(form: ComponentForm) -> list[tuple[str, str]]:
    """Return (label, message) of every problem."""
    return [
        (form.label_of(path) if path in form.leaves else "", str(message))
        for path, messages in form.errors.items()
        for message in messages
    ]


def _ask(inquiry: Inquiry, given: Unsaved, asked: ComponentForm) -> InquiryResult:
    try:
        asking = inquiry.ask(given.resolved(), asked.to_settings(), _context(given.prop))
        return run_inquiry(asking, secrets=given.secrets)
    except LookupError as missing:
        return _needs_event(str(missing.args[0]))
    except Misconfigured as error:
        return InquiryResult("problem", "Not complete", error.message, code=error.code)


def _needs_event(name: str) -> InquiryResult:
    return InquiryResult(
        "unknown",
        "Needs an event",
        f"These settings use the data element “{name}”, whose value comes from an event.",
        "Send a test event from the preview of an action instead.",
    )


def _context(prop: Property) -> EventContext:
    """Return the context of an inquiry: the current time, without an event."""
    return EventContext(
        arc={"event": {"xdm": {}, "data": {}}, "request": {"header": {}}, "ruleStash": {}},
        inbound_event_id=uuid.uuid4().hex,
        received_at=time.time(),
        installation=settings.INSTALLATION,
        default_country=prop.default_country.lower(),
    )
