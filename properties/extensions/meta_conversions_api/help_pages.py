"""The pages of help of this package; their text is in the folder ``help``."""

from __future__ import annotations

from properties.catalog.descriptor import HelpPage

TESTS = "meta-conversions-api/test-events"
APPS = "meta-conversions-api/mobile-app-events"
STORES = "meta-conversions-api/store-events"
LIVERAMP = "meta-conversions-api/liveramp"

HELP_PAGES = (
    HelpPage("test-events", "Test events of Meta", "Get a code, send with it, and see what Meta received."),
    HelpPage("mobile-app-events", "Mobile app events", "What Meta needs from an app, and how to send it."),
    HelpPage("store-events", "Store and offline events", "Orders from tills and files, up to 62 days late."),
    HelpPage("liveramp", "LiveRamp RampIDs", "Share RampIDs with Meta, if both have admitted you (alpha)."),
)
