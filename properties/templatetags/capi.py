"""Template tags and filters that pages share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from properties.catalog import shown_times
from properties.catalog.form_fields import write_json
from properties.views.notices import LINK

register = template.Library()

RECENTLY_SECONDS = 60


@register.simple_tag
def moment(at: datetime | None, style: str = "text") -> str:
    """Show a time. Every page shows times with this tag. None shows nothing.

    Args:
        style: ``text`` for sentences, ``rows`` for lists, ``ago`` for the time of last use.
    """
    if at is None:
        return ""
    exact = shown_times.in_utc(at)
    machine = f"{exact[:10]}T{exact[11:23]}Z"
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, _STYLES[style](at))


@register.simple_tag
def moment_words(at: datetime) -> str:
    """Show a time without markup, such as in a name for screen readers."""
    return f"{shown_times.in_rows(at)} {shown_times.zone_name()}"


@register.simple_tag
def reader_zone() -> str:
    """Return the time zone of the times on this page."""
    return shown_times.zone_name()


def _ago(moment: datetime) -> str:
    is_recent = abs((timezone.now() - moment).total_seconds()) < RECENTLY_SECONDS
    return "just now" if is_recent else f"{timesince(moment, depth=1)} ago"


_STYLES = {"text": shown_times.in_text, "rows": shown_times.in_rows, "ago": _ago}


@register.filter
def notice_link(message: Message) -> tuple[str, str] | None:
    """Return the address and label of the link in a notice, or None."""
    tags = str(message.extra_tags or "")
    if not tags.startswith(LINK):
        return None
    url, _, label = tags.removeprefix(LINK).partition(" ")
    return url, label


@register.filter
def is_kept(field: BoundField) -> bool:
    """Return whether a credential was typed into this input earlier and is kept without being shown."""
    return field.html_name in getattr(field.form.data, "kept", ())


@register.filter
def as_json(value: Any) -> str:
    """Format JSON for people."""
    return write_json(value)
