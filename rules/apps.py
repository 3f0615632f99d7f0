"""Django's description of the app of rules, builds and events."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rules"
    verbose_name = "Rules and events"

    def ready(self) -> None:
        from .authoring import (
            element_readers,  # noqa: F401  connects to readers_asked_for, code_asked_for
            element_renames,  # noqa: F401  connects to renaming_asked_for
            rule_hits,  # noqa: F401  connects to hits_asked_for
            secret_uses,  # noqa: F401  connects to uses_asked_for
        )
        from .delivery import erasure  # noqa: F401  connects to the deletion of properties
        from .delivery.destinations import probes_after_edits  # noqa: F401  connects to resource_saved
        from .event_log import event_hits  # noqa: F401  connects to hits_asked_for
        from .home import nav_signs  # noqa: F401  connects to signs_asked_for
        from .issues import nav_number  # noqa: F401  connects to frame_asked_for
        from .match_quality_pages import nav_entry  # noqa: F401  connects to frame_asked_for
        from .publishing import (
            environments_in_use,  # noqa: F401  connects to in_use_asked_for
            library_bar,  # noqa: F401  connects to frame_asked_for
            library_hits,  # noqa: F401  connects to hits_asked_for
            receivers,  # noqa: F401  connects to resource_saved
        )
        from .quick_start import connect_views  # noqa: F401  connects to account_chosen
