"""Routes below a property: rules, publishing, events."""

from django.urls import include, path

app_name = "rules"

urlpatterns = [
    path("", include("rules.authoring.urls")),
    path("", include("rules.dry_run.urls")),
    path("", include("rules.publishing.urls")),
    path("", include("rules.event_log.urls")),
    path("", include("rules.test_events.urls")),
]
