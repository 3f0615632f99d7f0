"""Environments, which run builds, and their datastreams, which receive events."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.crypto import get_random_string

from .identifiers import UidField
from .property import Property


def new_token() -> str:
    return get_random_string(Environment.TOKEN_LENGTH)


class Environment(models.Model):
    """Development, staging or production of a property. It runs one build.

    ``token`` names the file of its tag library in public addresses; audit pages show only the uid.
    ``library_seconds`` is the time for which browsers may keep that file without asking; None is the usual
    time of the stage.
    """

    TOKEN_LENGTH: ClassVar[int] = 16
    MOST_LIBRARY_SECONDS: ClassVar[int] = 86_400

    class Stage(models.TextChoices):
        DEVELOPMENT = "development", "Development"
        STAGING = "staging", "Staging"
        PRODUCTION = "production", "Production"

    uid = UidField(prefix="EN")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=255)
    stage = models.CharField(max_length=12, choices=Stage.choices)
    token = models.CharField(max_length=16, unique=True, null=True, default=new_token, db_default=None)
    library_seconds = models.PositiveIntegerField(null=True, blank=True, default=None, db_default=None)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["prop", "stage"],
                condition=~models.Q(stage="development"),
                name="one_staging_and_one_production",
            )
        ]

    def __str__(self) -> str:
        return self.name


def default_tcf_purposes() -> list[int]:
    return list(Datastream.TCF_PURPOSES)


class Datastream(models.Model):
    """The id that senders name, and the rules for who may send to it.

    ``keys`` holds references to secrets, ``[{"$secret": name}]``, never the keys themselves. ``org_id`` is
    the organization ID that the site's Web SDK is configured with, if it cannot change.
    ``write_click_cookies`` lets answers to the Web SDK set the browser IDs and click IDs of
    vendors as first-party cookies. ``fpid_cookie`` is the cookie in which the site keeps its own device ID.
    ``tcf_purposes`` and ``tcf_vendor`` are the purposes and the vendor that a consent string of IAB Europe
    must grant.
    """

    # Adobe's Edge Network asks for consent to purpose 1, storing information on the device, for Adobe.
    TCF_PURPOSES: ClassVar[tuple[int, ...]] = (1,)
    TCF_VENDOR: ClassVar[int] = 565
    MOST_TCF_PURPOSE: ClassVar[int] = 24
    MOST_TCF_VENDOR: ClassVar[int] = 65_535
    COOKIE_PATTERN: ClassVar[str] = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"

    ORG_ID_PATTERN: ClassVar[str] = r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+"

    class Access(models.TextChoices):
        OPEN = "open", "Open"
        KEY = "key", "Needs a key"

    uid = UidField(prefix="DS")
    environment = models.OneToOneField(Environment, on_delete=models.CASCADE, related_name="datastream")
    access = models.CharField(max_length=4, choices=Access.choices, default=Access.OPEN)
    keys = models.JSONField(default=list, blank=True)
    allowed_origins = models.JSONField(default=list, blank=True)
    org_id = models.CharField(max_length=100, blank=True, default="")
    write_click_cookies = models.BooleanField(default=False)
    fpid_cookie = models.CharField(max_length=100, blank=True, default="", db_default="")
    tcf_purposes = models.JSONField(
        default=default_tcf_purposes, db_default=models.Value([1], models.JSONField())
    )
    tcf_vendor = models.PositiveIntegerField(null=True, blank=True, default=565, db_default=565)

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def takes_every_site(self) -> bool:
        """Whether pages of any site may send events here, because no allowed origin is listed."""
        return self.access == self.Access.OPEN and not self.allowed_origins

    @property
    def web_sdk_org_id(self) -> str:
        """The ``orgId`` for the Web SDK. It is part of the names of the cookies for identity and consent."""
        return self.org_id or f"{self.environment.prop.uid}@AdobeOrg"


class DatastreamAlias(models.Model):
    """Another id of a datastream, such as one that a site already uses."""

    PATTERN: ClassVar[str] = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}"

    alias = models.CharField(max_length=200, unique=True)
    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return self.alias
