"""Libraries, their builds, and the build that an environment runs."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models

from properties.models.environment import Environment
from properties.models.identifiers import UidField
from properties.models.property import Property
from properties.models.resource import Revision


class Library(models.Model):
    """A set of changes on its way to production."""

    class State(models.TextChoices):
        DEVELOPMENT = "development", "Development"
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "Published"

    uid = UidField(prefix="LB")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="libraries")
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DEVELOPMENT)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "libraries"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class LibraryResource(models.Model):
    """One revision in a library, at most one of each resource.

    ``taken_for`` is the uid of the resource that needed it; empty if a person added it.
    """

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="resources")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="library_resources")
    resource_uid = models.CharField(max_length=40)
    taken_for = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["library", "resource_uid"], name="one_revision_per_library")
        ]

    def __str__(self) -> str:
        return f"{self.revision} in {self.library}"


class Build(models.Model):
    """A compiled library for one environment. Immutable once it has succeeded."""

    # The file of a build of tags from when it is compiled until ``TagLibrary`` holds it.
    library_text = ""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    uid = UidField(prefix="BL")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="builds")
    library = models.ForeignKey(Library, null=True, on_delete=models.SET_NULL, related_name="builds")
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="builds")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    document = models.TextField(blank=True)
    checksum = models.CharField(max_length=64, blank=True)
    revisions = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    # While it is pending: its progress, its claim, and whether it goes live when it succeeds.
    progress = models.JSONField(default=dict)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    goes_live = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.uid)

    def is_intact(self) -> bool:
        """Return whether the document is still the one that was compiled."""
        return hashlib.sha256(self.document.encode()).hexdigest() == self.checksum


class TagLibrary(models.Model):
    """The file of a build of tags, as browsers load it. The build's document can make it again.

    ``body`` is compressed by gzip; ``checksum`` is the SHA-256 of the plain file as hexadecimal digits.
    """

    build = models.OneToOneField(Build, on_delete=models.CASCADE, related_name="tag_library")
    checksum = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        verbose_name_plural = "tag libraries"
        indexes = [models.Index(fields=["checksum"])]

    def __str__(self) -> str:
        return f"Tag library of {self.build}"


class Activation(models.Model):
    """One build going live in an environment. The newest one counts, the others are history."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="activations")
    build = models.ForeignKey(Build, on_delete=models.RESTRICT, related_name="activations")
    activated_at = models.DateTimeField(auto_now_add=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["environment", "-id"])]

    def __str__(self) -> str:
        return f"{self.build} in {self.environment}"
