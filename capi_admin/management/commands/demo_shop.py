"""``manage.py demo_shop``: serves the shop of the demo, which ``manage.py up --demo`` starts."""

from __future__ import annotations

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from capi_admin.demo import playground
from capi_admin.demo.shop import Shop
from capi_admin.demo.shop_log import ShopLog
from properties.models import Environment

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Serve the shop of the demo on this machine alone. `up --demo` makes its properties and starts it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=playground.PORT, help=f"port ({playground.PORT})")

    def handle(self, *, port: int, **options: Any) -> None:
        try:
            site = playground.shop_site()
        except Environment.DoesNotExist:
            raise CommandError("The shop has no tags property. Start `manage.py up --demo`.") from None
        log = ShopLog(playground.FORWARDING_PROPERTY, settings.PUBLIC_URL)
        connections.close_all()
        # It serves one person at a time; what it prints becomes lines of the log.
        uvicorn.run(Shop(site, log), host=HOST, port=port, lifespan="off", ws="none", log_level="warning")
