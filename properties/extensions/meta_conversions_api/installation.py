"""Settings of the installation for Meta's servers and app, and the simulator that replaces them in a demo."""

from __future__ import annotations

from collections.abc import Mapping

from properties.catalog.installation import UNREACHABLE_URL, Setting, SimulatorCommand, matching, server_url

GRAPH_URL = Setting(
    "META_GRAPH_URL",
    "Base URL of the Graph API. It receives access tokens, so `http://` is accepted for this machine only.",
    default="https://graph.facebook.com",
    read=server_url,
    stand_in=UNREACHABLE_URL,
    check_id="capi_admin.E007",
)
GRAPH_VERSION = Setting(
    "META_GRAPH_VERSION",
    "Version of the Graph API.",
    default="v25.0",
    read=matching(r"v[0-9]+\.[0-9]+", "Write it as v25.0."),
    check_id="capi_admin.E008",
)

APP_ID = Setting(
    "META_APP_ID",
    "ID of your own app at Meta, for *Connect to Meta*.",
    read=matching(r"[0-9]{0,30}", "It is the number on the dashboard of the app."),
)
APP_SECRET = Setting("META_APP_SECRET", "App secret of that app.", is_secret=True)
LOGIN_CONFIG_ID = Setting(
    "META_LOGIN_CONFIG_ID",
    "ID of the configuration of Facebook Login for Business in that app.",
    read=matching(r"[0-9]{0,30}", "It is the number beside the configuration."),
)
BUSINESS_EXTENSION = Setting(
    "META_BUSINESS_EXTENSION",
    "`true` if Meta has approved the app for the Meta Business Extension: *Connect to Meta* then uses it "
    "instead of Facebook Login for Business.",
    default="false",
    read=matching(r"true|false", "Use true or false."),
)
DIALOG_URL = Setting(
    "META_DIALOG_URL",
    "Address of the sign-in dialog. `http://` is accepted for this machine only.",
    default="https://www.facebook.com",
    read=server_url,
    stand_in=UNREACHABLE_URL,
)

SIMULATOR = SimulatorCommand(
    title="Graph simulator",
    command="graph_simulator",
    setting=GRAPH_URL.name,
    port=8089,
    health="/_simulator/health",
    also={
        DIALOG_URL.name: "{url}",
        APP_ID.name: "1000000000000001",
        APP_SECRET.name: "demo-app-secret",
        LOGIN_CONFIG_ID.name: "1000000000000002",
    },
)


def graph(installation: Mapping[str, str]) -> dict[str, str]:
    """Return URL and version of the Graph API, as parts of an envelope."""
    return {
        "graph_url": installation.get(GRAPH_URL.name, GRAPH_URL.default).rstrip("/"),
        "version": installation.get(GRAPH_VERSION.name, GRAPH_VERSION.default),
    }
