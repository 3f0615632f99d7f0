"""Converts the configuration of Adobe's Web SDK extension, which may hold several instances.

Source: adobe/reactor-extension-alloy, extension.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from properties.catalog.descriptor import Settings

KEPT = (
    *(
        "edgeConfigId",
        "stagingEdgeConfigId",
        "developmentEdgeConfigId",
        "orgId",
        "edgeDomain",
        "edgeBasePath",
    ),
    "defaultConsent",
)
OTHERS = "It has several instances. Only the first one was kept: rules of this library share one."
NOTHING_TO_SEND_TO = (
    "Its events go to Adobe until you name the property of event forwarding that should get them."
)
_OF_EVENTS = (
    *("renderDecisions", "decisionScopes", "personalization", "advertising", "guidedEvent"),
    "edgeConfigOverrides",
)
_ALWAYS = {"name", "idMigrationEnabled", "thirdPartyCookiesEnabled", "libraryCode"}
_IDS = ("edgeConfigId", "stagingEdgeConfigId", "developmentEdgeConfigId")
# Where a Web SDK sends that names no domain. Source: @adobe/alloy-core, createCoreConfigs.
_USUAL_DOMAIN = "edge.adobedc.net"
_OTHER_INSTANCE = (
    "It uses the instance “{}” of the Web SDK. Here, all rules of a library share the first instance, “{}”,"
    " so this would reach another datastream."
)


def adopt_configuration(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the first instance's settings; settings of ours stay as they are."""
    instances = settings.get("instances")
    if not isinstance(instances, list) or not instances or not isinstance(instances[0], Mapping):
        return dict(settings), []
    first = instances[0]
    kept = _where_to(settings, {key: first[key] for key in KEPT if first.get(key) not in (None, "")})
    code = settings.get("libraryCode")
    if isinstance(code, Mapping) and code.get("type") == "preinstalled":
        kept = {"libraryCode": {"type": "preinstalled"}, "name": first.get("name", "alloy")}
    notes = [OTHERS] if len(instances) > 1 else []
    left_out = sorted(key for key in first if key not in (*KEPT, *_ALWAYS))
    if left_out:
        notes.append(f"These settings are unknown here and were left out: {', '.join(left_out)}.")
    is_sent_to_adobe = not kept.keys() & {"libraryCode", "forwardingProperty"}
    return kept, [*notes, NOTHING_TO_SEND_TO] if is_sent_to_adobe else notes


def _where_to(settings: Settings, kept: dict[str, Any]) -> dict[str, Any]:
    """Return an instance's settings that send to the named property, or else where they sent before."""
    if name := settings.get("forwardingProperty"):
        rest = {key: value for key, value in kept.items() if key in ("orgId", "defaultConsent")}
        return {"forwardingProperty": name, **rest}
    return {"edgeDomain": _USUAL_DOMAIN, **kept} if kept.keys() & set(_IDS) else kept


def uses_another_instance(settings: Settings, configuration: Settings) -> Iterator[str]:
    """Yield a sentence if settings of Adobe's name an instance that is not kept."""
    instances = configuration.get("instances")
    rows = instances if isinstance(instances, list) else []
    names = [it.get("name") for it in rows if isinstance(it, Mapping)]
    wanted = settings.get("instanceName")
    if len(names) > 1 and wanted in names[1:]:
        yield _OTHER_INSTANCE.format(wanted, names[0])


def adopt_event(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of Send event without those of Adobe's that this one lacks, and their names."""
    return _without(settings, _OF_EVENTS, ("instanceName", "datasetId", "guidedEventsEnabled"))


def adopt_consent(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of Set consent without those of Adobe's that this one lacks."""
    return _without(settings, ("edgeConfigOverrides",), ("instanceName",))


def adopt_xdm(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the data of an XDM object; its schema belongs to a sandbox of Adobe's."""
    return _without(settings, (), ("sandbox", "schema"))


def adopt_variable(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return no settings: those of Adobe's say which schema its form shows."""
    return _without(settings, (), ("cacheId", "sandbox", "schema", "solutions"))


def adopt_update(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of Update variable without those that only Adobe's form uses."""
    return _without(settings, (), ("dataElementCacheId", "schema"))


def _without(
    settings: Settings, named: Sequence[str], silent: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    kept = {key: value for key, value in settings.items() if key not in (*named, *silent)}
    left_out = sorted(key for key in named if settings.get(key))
    notes = [f"These settings are unknown here and were left out: {', '.join(left_out)}."] if left_out else []
    return kept, notes
