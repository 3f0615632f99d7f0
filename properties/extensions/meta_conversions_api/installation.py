"""Settings of the installation for the Graph API, and the simulator that replaces it in a demo."""

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

SIMULATOR = SimulatorCommand(
    title="Graph simulator",
    command="graph_simulator",
    setting=GRAPH_URL.name,
    port=8089,
    health="/_simulator/health",
)


def graph(installation: Mapping[str, str]) -> dict[str, str]:
    """Return URL and version of the Graph API, as parts of an envelope."""
    return {
        "graph_url": installation.get(GRAPH_URL.name, GRAPH_URL.default).rstrip("/"),
        "version": installation.get(GRAPH_VERSION.name, GRAPH_VERSION.default),
    }
