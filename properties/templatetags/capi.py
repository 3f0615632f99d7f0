"""Template tags and filters that pages share."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html

from properties.catalog import shown_times
from properties.catalog.form_fields import write_json
from properties.views.notices import LINK

register = template.Library()


@register.simple_tag
def icon(name: str) -> str:
    """Show an icon. For lists, where including ``capi/icon.html`` in each row takes several times as long."""
    return _icon(name)


@cache
def _icon(name: str) -> str:
    return render_to_string("capi/icon.html", {"name": name})


@register.simple_tag
def moment(at: datetime | None, style: str = "text") -> str:
    """Show a time. Every page shows times with this tag. None shows nothing.

    Args:
        style: ``text`` for sentences, ``rows`` for lists, ``ago`` for the time of last use, ``in`` for a time
            soon.
    """
    if at is None:
        return ""
    exact = shown_times.in_utc(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, exact, _STYLES[style](at))


@register.simple_tag
def status(outcome: Any) -> str:
    """Show an outcome: its sign, its word and the reason in grey.

    Args:
        outcome: ``word``, ``sign``, ``tone``, ``reason`` with ``{at}`` for ``at`` in ``at_style``, ``more``,
            ``label``.
    """
    return render_to_string("capi/status.html", {"outcome": outcome, "reason": _reason(outcome)})


def _reason(outcome: Any) -> str:
    before, found, after = outcome.reason.partition("{at}")
    if outcome.at is None or not found:
        return str(outcome.reason)
    return format_html("{}{}{}", before, moment(outcome.at, outcome.at_style), after)


@register.simple_tag
def moment_words(at: datetime) -> str:
    """Show a time without markup, such as in a name for screen readers."""
    return f"{shown_times.in_rows(at)} {shown_times.zone_name()}"


@register.simple_tag
def reader_zone() -> str:
    """Return the time zone of the times on this page."""
    return shown_times.zone_name()


_STYLES = {
    "text": shown_times.in_text,
    "rows": shown_times.in_rows,
    "ago": shown_times.ago,
    "in": shown_times.until,
}


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
