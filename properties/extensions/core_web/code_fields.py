"""The setting that holds JavaScript, which becomes a function in the library."""

from __future__ import annotations

from collections.abc import Sequence

from properties.catalog.descriptor import Field, Settings

LONGEST_SUMMARY = 60


def source_field(parameters: Sequence[str], help: str, placeholder: str) -> Field:
    """Return the field of a function body with these arguments."""
    return Field(
        key="source",
        label="Code",
        type="code",
        required=True,
        tokens=False,
        parameters=parameters,
        placeholder=placeholder,
        help=f"{help} _satellite.getVar('Name') returns the value of a data element.",
    )


def summarize_code(settings: Settings) -> str:
    """Return the first line of the code that is not a comment."""
    source = settings.get("source")
    lines = [line.strip() for line in source.splitlines()] if isinstance(source, str) else []
    first = next((line for line in lines if line and not line.startswith(("//", "/*", "*"))), "")
    return first if len(first) <= LONGEST_SUMMARY else first[: LONGEST_SUMMARY - 1] + "…"
