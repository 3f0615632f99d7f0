"""Addresses of the rule builder, below a property."""

from django.urls import path, re_path

from properties.views.access import for_event_forwarding

from . import component_views, element_picker, element_views, rule_tabs, views

RULE = "rules/<slug:rule_uid>/"
COMPONENT = f"{RULE}components/<slug:component_uid>/"
KIND = r"^rules/(?P<rule_uid>[\w-]+)/new/(?P<kind>events|conditions|actions)/"

_event_forwarding = [
    path("received-keys/", element_views.received_tree, name="received_tree"),
    path(f"{RULE}facts/", rule_tabs.rule_facts, name="rule_facts"),
    path(f"{RULE}events/", rule_tabs.rule_events, name="rule_events"),
]
urlpatterns = [
    *for_event_forwarding(_event_forwarding),
    path("data-element-values/", element_views.element_values, name="element_values"),
    path("data-element-picker/", element_picker.element_picker, name="element_picker"),
    path("data-element-library/", element_views.elements_to_library, name="elements_to_library"),
    path("rules/", views.rules, name="rules"),
    path("rules/new/", views.rule_new, name="rule_new"),
    path(RULE, views.rule_edit, name="rule_edit"),
    path(f"{RULE}delete/", views.rule_delete, name="rule_delete"),
    path(f"{RULE}copy/", views.rule_copy, name="rule_copy"),
    path(f"{RULE}restore/<int:number>/", views.rule_restore, name="rule_restore"),
    path(f"{RULE}revisions/", rule_tabs.rule_revisions, name="rule_revisions"),
    re_path(f"{KIND}$", component_views.component_picker, name="component_picker"),
    re_path(rf"{KIND}(?P<delegate>[\w:-]+)/$", component_views.component_new, name="component_new"),
    path(COMPONENT, component_views.component_edit, name="component_edit"),
    path(f"{COMPONENT}move/", component_views.component_move, name="component_move"),
    path(f"{COMPONENT}copy/", component_views.component_copy, name="component_copy"),
    path(f"{COMPONENT}delete/", component_views.component_delete, name="component_delete"),
]
