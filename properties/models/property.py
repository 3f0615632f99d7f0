"""Properties, and the rights of people in them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from .identifiers import UidField

RIGHTS = ("develop", "approve", "publish", "manage_extensions", "manage_environments")


class PropertyQuerySet(models.QuerySet["Property"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> PropertyQuerySet:
        """Return every property that ``user`` may see. No other place decides this."""
        if not user.is_authenticated:
            return self.none()
        if getattr(user, "is_superuser", False):
            return self
        return self.filter(memberships__user_id=user.pk)


class Property(models.Model):
    """A container of environments, extensions, data elements and rules.

    ``code_reads_secrets`` lets custom code read the values of the secrets of the event's environment.
    Only tags use ``rule_component_sequencing_enabled`` (components of a rule wait for each other) and
    ``undefined_vars_return_empty`` (a missing data element gives an empty text).
    """

    class Platform(models.TextChoices):
        EDGE = "edge", "Event forwarding"
        WEB = "web", "Tags"
        MOBILE = "mobile", "Mobile"

    uid = UidField(prefix="PR")
    name = models.CharField(max_length=255, unique=True)
    platform = models.CharField(max_length=10, choices=Platform.choices, default=Platform.EDGE)
    enabled = models.BooleanField(default=True)
    domains = models.JSONField(default=list, blank=True)
    default_country = models.CharField(max_length=2, blank=True, default="")
    code_reads_secrets = models.BooleanField(default=False, db_default=False)
    rule_component_sequencing_enabled = models.BooleanField(default=True, db_default=True)
    undefined_vars_return_empty = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PropertyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "properties"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_tags(self) -> bool:
        """Whether it runs in browsers: its rules start with events, and its builds are files."""
        return self.platform == self.Platform.WEB

    def rights_of(self, user: Any) -> frozenset[str]:
        """Return the rights of ``user``. Without any, a person who can see the property may only read."""
        if user.is_superuser:
            return frozenset(RIGHTS)
        membership = self.memberships.filter(user_id=user.pk).first()
        return frozenset(membership.rights) if membership else frozenset()


class Membership(models.Model):
    """The rights of one user in one property. No right includes another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="memberships")
    rights = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "prop"], name="one_membership_per_user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.prop}"
