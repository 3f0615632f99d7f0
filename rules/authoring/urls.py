"""Addresses of the rule builder, below a property."""

from django.urls import path, re_path

from . import component_views, views

RULE = "rules/<slug:rule_uid>/"
COMPONENT = f"{RULE}components/<slug:component_uid>/"
KIND = r"^rules/(?P<rule_uid>[\w-]+)/new/(?P<kind>conditions|actions)/"

urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/new/", views.rule_new, name="rule_new"),
    path(RULE, views.rule_edit, name="rule_edit"),
    path(f"{RULE}delete/", views.rule_delete, name="rule_delete"),
    path(f"{RULE}copy/", views.rule_copy, name="rule_copy"),
    path(f"{RULE}restore/<int:number>/", views.rule_restore, name="rule_restore"),
    re_path(f"{KIND}$", component_views.component_picker, name="component_picker"),
    re_path(rf"{KIND}(?P<delegate>[\w:-]+)/$", component_views.component_new, name="component_new"),
    path(COMPONENT, component_views.component_edit, name="component_edit"),
    path(f"{COMPONENT}move/", component_views.component_move, name="component_move"),
    path(f"{COMPONENT}copy/", component_views.component_copy, name="component_copy"),
    path(f"{COMPONENT}delete/", component_views.component_delete, name="component_delete"),
]
