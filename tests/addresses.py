"""Every route of the pages, by kind. A new route needs a line here, and then the tests ask for its rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# What a person opens and reads.
PAGES = {
    "login",
    "password_change",
    "password_change_done",
    "documents:import_adobe",
    "documents:import_report",
    "properties:property_list",
    "properties:property_new",
    "properties:extensions",
    "properties:catalog",
    "properties:extension_install",
    "properties:extension_edit",
    "properties:data_elements",
    "properties:data_element_new",
    "properties:data_element_edit",
    "properties:environments",
    "properties:datastream_edit",
    "properties:secrets",
    "properties:secret_new",
    "properties:secret_edit",
    "properties:property_settings",
    "properties:people",
    "properties:sessions",
    "properties:audit_log",
    "properties:audit_everywhere",
    "rules:overview",
    "rules:rules",
    "rules:rule_new",
    "rules:rule_edit",
    "rules:component_picker",
    "rules:component_new",
    "rules:component_edit",
    "rules:publishing",
    "rules:build_detail",
    "rules:event_log",
    "rules:event_detail",
    "rules:states",
    "rules:replay_detail",
    "rules:replay_new",
    "rules:test_event",
    "rules:dry_run",
}
# Former addresses of pages that people have bookmarked.
MOVED = {"rules:dry_run_moved"}
# Fragments that an open page requests and shows.
PARTS = {
    "properties:data_element_picker",
    "rules:build_progress",
    "rules:event_live",
    "rules:last_event",
    "rules:replay_progress",
    "rules:test_event_outcome",
}
# Actions of buttons: they change nothing by GET.
BUTTONS = {
    "logout",
    "properties:draft_keep",
    "properties:draft_forget",
    "properties:connection_test",
    "properties:extension_toggle",
    "properties:extension_uninstall",
    "properties:data_element_delete",
    "properties:data_elements_usual",
    "properties:datastream_key_new",
    "properties:datastream_key_remove",
    "properties:secret_retry",
    "properties:secret_test",
    "properties:secret_delete",
    "properties:property_delete",
    "properties:person_remove",
    "properties:session_end",
    "properties:sessions_end_others",
    "properties:audit_export",
    "properties:audit_everywhere_export",
    "properties:restore",
    "rules:dry_run_element",
    "rules:dry_run_condition",
    "rules:preview",
    "rules:preview_send",
    "rules:rule_delete",
    "rules:rule_copy",
    "rules:rule_restore",
    "rules:component_move",
    "rules:component_copy",
    "rules:component_delete",
    "rules:library_change",
    "rules:build_library",
    "rules:publish_library",
    "rules:publish_build",
    "rules:delivery_retry",
    "rules:destination_retry",
    "rules:replay_cancel",
}


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """Names of all routes with their namespace. Django's back office has its own namespace."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLPattern):
            yield f"{namespace}{found.name}"
        elif found.namespace != "admin":
            yield from routes(found, f"{namespace}{found.namespace}:" if found.namespace else namespace)
