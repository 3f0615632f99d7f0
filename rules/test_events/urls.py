"""URLs of the pages of test events, below a property."""

from django.urls import path

from . import list_views, saved_views, views

urlpatterns = [
    path("tests/", list_views.tests, name="tests"),
    path("environments/<slug:environment_uid>/test-code/", list_views.test_code_set, name="test_code_set"),
    path(
        "environments/<slug:environment_uid>/test-code/off/", list_views.test_code_off, name="test_code_off"
    ),
    path("events/<int:event_id>/save/", saved_views.event_save, name="event_save"),
    path("saved-events/<slug:saved_uid>/delete/", saved_views.saved_event_delete, name="saved_event_delete"),
    path("environments/<slug:environment_uid>/test-event/", views.test_event, name="test_event"),
    path(
        "environments/<slug:environment_uid>/test-event/outcome/",
        views.test_event_outcome,
        name="test_event_outcome",
    ),
]
