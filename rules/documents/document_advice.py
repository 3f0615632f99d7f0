"""What works in a document, but is most likely not meant: warnings, which keep nothing from being applied."""

from __future__ import annotations

from rules.publishing import build_advice
from rules.publishing.content import Content

from .shapes import DocumentProblem


def advice_of(content: Content) -> list[DocumentProblem]:
    """Everything that the packages advise on these resources, by JSON path, in the order of the document."""
    return [
        DocumentProblem(found.place.path, f"{found.place.labels[-1]}: {found.message}")
        for found in build_advice.advice_of(content)
    ]
