"""Copies of events: what the page gave to a vendor's script, and what we sent to the vendor.

No table here has foreign keys: rows are written in bulk, and an event may be gone before its copies are.
"""

from __future__ import annotations

from django.db import models


class EventCopy(models.Model):
    """One copy of one event at one destination; two equal ones if its side is ``BOTH``.

    Ids are kept as keyed hashes, never as text.
    ``id_hash`` is None if the copy has no id. ``plain_hash`` is the hash of its plain form: without blanks,
    in small letters, numbers without leading zeros and ``.0``. ``form`` says in which ways the id differs
    from its plain form: a sum of ``FORM_*``. ``event_id`` is the inbound event that brought the copy or told
    of it; its time is in its high bits.
    """

    class Side(models.IntegerChoices):
        SCRIPT = 1, "Given to the vendor's script by the page"
        PAGE = 2, "Sent by us for an event of a page"
        SERVER = 3, "Sent by us for an event of a server"
        BOTH = 4, "Given to the vendor's script by the page, and sent by us"

    FORM_SPACE, FORM_CASE, FORM_TYPE = 1, 2, 4

    event_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    side = models.PositiveSmallIntegerField(choices=Side.choices)
    destination = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    id_hash = models.BigIntegerField(null=True)
    plain_hash = models.BigIntegerField(null=True)
    form = models.PositiveSmallIntegerField(default=0, db_default=0)
    order_hash = models.BigIntegerField(null=True)
    browser_hash = models.BigIntegerField(null=True)
    person_hash = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "event copies"
        indexes = [models.Index(fields=["environment_id", "event_id"], name="event_copy_environment")]

    def __str__(self) -> str:
        return f"{self.name} at {self.destination}"
