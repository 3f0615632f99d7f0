"""Routes below a property: rules, publishing, events."""

from django.urls import include, path

from properties.views.access import for_event_forwarding

from .dry_run import urls as dry_run
from .event_log import urls as event_log
from .hash_consistency import urls as hash_consistency
from .issues import urls as issues
from .match_quality_pages import urls as match_quality
from .pairing import urls as pairing
from .test_events import urls as test_events

app_name = "rules"

urlpatterns = [
    path("", include("rules.authoring.urls")),
    path("", include(for_event_forwarding(dry_run.urlpatterns))),
    path("", include("rules.publishing.urls")),
    path("", include(for_event_forwarding(event_log.urlpatterns))),
    path("", include(for_event_forwarding(hash_consistency.urlpatterns))),
    path("", include(for_event_forwarding(issues.urlpatterns))),
    path("", include(for_event_forwarding(match_quality.urlpatterns))),
    path("", include(for_event_forwarding(pairing.urlpatterns))),
    path("", include(for_event_forwarding(test_events.urlpatterns))),
    path("", include("rules.tags.urls")),
]
