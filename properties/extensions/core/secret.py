"""Secret: a data element that returns a stored credential, which differs by stage.

Source: docs/reference/adobe.md, "Edge Core" and "Secrets".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.examples import Example

SOURCE = "https://experienceleague.adobe.com/en/docs/experience-platform/tags/event-forwarding/secrets"
STAGES = ("development", "staging", "production")


def secret_for(settings: Settings, stage: str) -> str:
    """Return the name of the chosen secret for a stage, or ""."""
    chosen = settings.get("secrets")
    of_stage = chosen.get(stage) if isinstance(chosen, Mapping) else None
    name = of_stage.get("name") if isinstance(of_stage, Mapping) else None
    return name if isinstance(name, str) else ""


def run_secret(settings: Settings, context: EventContext) -> str:
    """Return the marker of the secret; its value replaces the marker when the request is sent.

    Raises:
        InvalidParameter: No secret is chosen for the stage.
    """
    stage = str(context.build_info.get("environment", ""))
    name = secret_for(settings, stage)
    if not name or context.secret_marker is None:
        raise InvalidParameter(f"No secret is chosen for {stage or 'this environment'}.")
    return context.secret_marker(name)


def check_secret(settings: Settings) -> Iterator[Problem]:
    """Yield a problem if no stage has a secret; a build knows which stages need one."""
    if not any(secret_for(settings, stage) for stage in STAGES):
        yield Problem("secrets.development", "Development", "Choose a secret for at least one environment.")


def summarize_secret(settings: Settings) -> str:
    """Return the names of the secrets, each once."""
    names = [name for stage in STAGES if (name := secret_for(settings, stage))]
    return ", ".join(dict.fromkeys(names))


SECRET = DataElementType(
    name="secret",
    title="Secret",
    description="A stored credential for each environment. Builds and logs never contain its value.",
    category="Not from the event",
    fields=[
        Field(
            key=f"secrets.{stage}",
            label=stage.capitalize(),
            type="stored_secret",
            tokens=False,
            help=help_text,
        )
        for stage, help_text in zip(
            STAGES,
            (
                "A build for an environment needs a secret that works there. Create one under Secrets.",
                "",
                "",
            ),
            strict=True,
        )
    ],
    run=run_secret,
    check=check_secret,
    summary=summarize_secret,
    secret_for=secret_for,
    help_url=SOURCE,
    examples=[
        Example(
            title="The secret of the environment, added to the request when it is sent",
            settings={
                "secrets": {
                    "development": {"name": "Ads token, test"},
                    "production": {"name": "Ads token"},
                }
            },
            result="[[secret:Ads token]]",
            source=SOURCE,
        )
    ],
)
