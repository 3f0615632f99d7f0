"""One use of Quick Start by one person: the answers, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from properties.models.encryption import EncryptedTextField
from properties.models.identifiers import UidField


class QuickStartRun(models.Model):
    """A person's way through the screens, kept so that it can be left and continued.

    ``package`` names the package whose quick start it is. ``answers`` are those to its questions;
    credentials are kept apart, encrypted, until the properties are made, at most for a day.

    ``forwarding_name`` names a property that exists; empty for a new one. ``adds`` says that the person
    agreed to add to properties that exist. ``reached`` is the number of the farthest screen. ``trouble`` is
    a sentence about the last step that failed. ``items`` are the resources by property (``forwarding``,
    ``tags``) and state, each as ``[kind, name]``; empty until they are made.
    """

    class Work(models.TextChoices):
        """What is done next, in this order."""

        PROPERTIES = "properties", "Properties, extensions, data elements and rules"
        FORWARDING = "forwarding", "Build of event forwarding, live in Development"
        TAGS = "tags", "Build of the tags, live in Development"
        DONE = "done", "Done"

    SCREENS = (
        ("domain", "Domain"),
        ("setup", "Initial Setup"),
        ("created", "What was created"),
        ("code", "Add Code on Your Site"),
        ("validation", "Validation Results"),
        ("next", "Next Steps"),
    )
    CREDENTIALS_KEPT = timedelta(days=1)

    uid = UidField(prefix="QS")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    package = models.CharField(max_length=214)
    domain = models.CharField(max_length=253)
    forwarding_name = models.CharField(max_length=255, blank=True, default="")
    adds = models.BooleanField(default=False)
    answers = models.JSONField(default=dict, blank=True)
    credentials = EncryptedTextField(blank=True, default="")
    reached = models.PositiveSmallIntegerField(default=1)
    work = models.CharField(max_length=12, choices=Work.choices, default=Work.PROPERTIES)
    claimed_until = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True, default="")
    items = models.JSONField(default=dict, blank=True)
    forwarding = models.ForeignKey(
        Property, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    tags = models.ForeignKey(Property, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.domain

    @property
    def is_made(self) -> bool:
        """Whether the properties exist. The answers no longer change anything then."""
        return self.work != self.Work.PROPERTIES

    @property
    def is_set_up(self) -> bool:
        """Whether the answers were accepted."""
        return self.reached > 2

    @property
    def screen(self) -> tuple[str, str]:
        """The farthest screen: its name and its title."""
        return self.SCREENS[self.reached - 1]

    @property
    def url(self) -> str:
        """The address at which the person goes on."""
        name = "created" if self.is_made and self.tags_id is None else self.screen[0]
        return reverse(f"quick_start:quick_start_{name}", args=[self.uid])

    @property
    def percent(self) -> int:
        """How far the person has come."""
        return round(100 * self.reached / len(self.SCREENS))

    def read_credentials(self) -> dict[str, str]:
        """Return the credentials among the answers; empty after they were used or have expired."""
        typed: dict[str, str] = json.loads(self.credentials) if self.credentials else {}
        return typed

    def set_credentials(self, credentials: Mapping[str, str]) -> None:
        self.credentials = json.dumps(dict(credentials)) if credentials else ""

    def reach(self, name: str) -> None:
        """Note that the person has come to a screen."""
        number = next(index for index, screen in enumerate(self.SCREENS, 1) if screen[0] == name)
        if number > self.reached:
            self.reached = number
            self.save(update_fields=["reached", "updated_at"])

    def listed(self, side: str, state: str) -> Sequence[tuple[str, str]]:
        """Return kind and name of the resources of a property in a state."""
        found: Any = self.items.get(side, {}).get(state, [])
        return [(kind, name) for kind, name in found]

    @classmethod
    def forget_credentials(cls) -> None:
        """Delete credentials that nobody has used for a day."""
        old = timezone.now() - cls.CREDENTIALS_KEPT
        cls.objects.filter(updated_at__lte=old).exclude(credentials="").update(credentials="")
