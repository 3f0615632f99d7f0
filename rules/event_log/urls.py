"""Addresses of the event log, the overview and replays, below a property."""

from django.urls import path

from . import actions, event_views, overview_views, replay_views, views

urlpatterns = [
    path("", overview_views.overview, name="overview"),
    path("events/", views.event_log, name="event_log"),
    path("events/live/", views.event_live, name="event_live"),
    path("events/search/", views.event_search, name="event_search"),
    path("events/download/", views.event_download, name="event_download"),
    path("events/states/", views.states, name="states"),
    path("events/retry/", replay_views.replay_new, name="replay_new"),
    path("retries/<slug:replay_uid>/", replay_views.replay_detail, name="replay_detail"),
    path("retries/<slug:replay_uid>/progress/", replay_views.replay_progress, name="replay_progress"),
    path("retries/<slug:replay_uid>/cancel/", replay_views.replay_cancel, name="replay_cancel"),
    path("events/<int:event_id>/", event_views.event_detail, name="event_detail"),
    path("events/<int:event_id>/incoming/", event_views.event_incoming, name="event_incoming"),
    path(
        "events/<int:event_id>/deliveries/<int:delivery_id>/retry/",
        actions.delivery_retry,
        name="delivery_retry",
    ),
    path("destinations/<int:gate_id>/retry/", actions.destination_retry, name="destination_retry"),
    path(
        "environments/<slug:environment_uid>/last-event/",
        overview_views.last_event,
        name="last_event",
    ),
]
