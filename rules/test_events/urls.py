"""URLs of the pages that send a test event, below a property."""

from django.urls import path

from . import views

urlpatterns = [
    path("environments/<slug:environment_uid>/test-event/", views.test_event, name="test_event"),
    path(
        "environments/<slug:environment_uid>/test-event/outcome/",
        views.test_event_outcome,
        name="test_event_outcome",
    ),
]
