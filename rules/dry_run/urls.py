"""Addresses of dry runs, below a property."""

from django.urls import path

from . import action_views, build_views, component_views

RULE = "rules/<slug:rule_uid>/"

urlpatterns = [
    path("events/trial/", build_views.trial, name="trial"),
    path("data-elements/try/<str:delegate>/", component_views.element_trial, name="try_element"),
    path(f"{RULE}preview/<str:delegate>/", action_views.action_preview, name="preview"),
    path(f"{RULE}preview/<str:delegate>/send/", action_views.action_test, name="preview_send"),
    path(f"{RULE}try/<str:delegate>/", component_views.condition_trial, name="try_condition"),
]
