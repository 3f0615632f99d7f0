"""Addresses of dry runs, below a property."""

from django.urls import path

from . import action_views, build_views, component_views

RULE = "rules/<slug:rule_uid>/"

urlpatterns = [
    path("events/dry-run/", build_views.build_dry_run, name="dry_run"),
    path("events/trial/", build_views.moved, name="dry_run_moved"),
    path("data-elements/dry-run/<str:delegate>/", component_views.element_dry_run, name="dry_run_element"),
    path(f"{RULE}preview/<str:delegate>/", action_views.action_preview, name="preview"),
    path(f"{RULE}preview/<str:delegate>/send/", action_views.action_test, name="preview_send"),
    path(f"{RULE}dry-run/<str:delegate>/", component_views.condition_dry_run, name="dry_run_condition"),
]
