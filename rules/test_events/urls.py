"""URLs of the pages that send a test event, below a property."""

from django.urls import path

from . import saved_views, views

urlpatterns = [
    path("events/<int:event_id>/save/", saved_views.event_save, name="event_save"),
    path("saved-events/<slug:saved_uid>/delete/", saved_views.saved_event_delete, name="saved_event_delete"),
    path("environments/<slug:environment_uid>/test-event/", views.test_event, name="test_event"),
    path(
        "environments/<slug:environment_uid>/test-event/outcome/",
        views.test_event_outcome,
        name="test_event_outcome",
    ),
]
