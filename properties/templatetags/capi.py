"""Filters that pages share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.timesince import timesince

from properties.catalog.form_fields import write_json
from properties.views.notices import LINK

register = template.Library()

RECENTLY_SECONDS = 60


@register.filter
def ago(moment: datetime | None) -> str:
    """``just now``, ``5 minutes ago``; nothing for None."""
    if moment is None:
        return ""
    is_recent = abs((timezone.now() - moment).total_seconds()) < RECENTLY_SECONDS
    return "just now" if is_recent else f"{timesince(moment, depth=1)} ago"


@register.filter
def notice_link(message: Message) -> tuple[str, str] | None:
    """Address and label of the link in a notice, if it has one."""
    tags = str(message.extra_tags or "")
    if not tags.startswith(LINK):
        return None
    url, _, label = tags.removeprefix(LINK).partition(" ")
    return url, label


@register.filter
def is_kept(field: BoundField) -> bool:
    """Whether a credential was typed into this input before, and is kept without being shown."""
    return field.html_name in getattr(field.form.data, "kept", ())


@register.filter
def as_json(value: Any) -> str:
    """JSON as a person reads it."""
    return write_json(value)
