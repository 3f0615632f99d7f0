"""Django's description of the app of rules, builds and events."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rules"
    verbose_name = "Rules and events"

    def ready(self) -> None:
        from .authoring import (
            element_readers,  # noqa: F401  connects to readers_asked_for
            element_renames,  # noqa: F401  connects to renaming_asked_for
            secret_uses,  # noqa: F401  connects to uses_asked_for
        )
        from .delivery import erasure  # noqa: F401  connects to the deletion of properties
        from .delivery.destinations import probes_after_edits  # noqa: F401  connects to resource_saved
        from .publishing import receivers  # noqa: F401  connects to resource_saved
