"""Warnings about settings that work but are probably not meant. They do not stop ``apply``."""

from __future__ import annotations

from rules.publishing import build_advice
from rules.publishing.content import Content

from .shapes import DocumentProblem


def advice_of(content: Content, platform: str) -> list[DocumentProblem]:
    """Return the packages' advice on these resources, by JSON path, in the order of the document."""
    return [
        DocumentProblem(found.place.path, f"{found.place.labels[-1]}: {found.message}")
        for found in build_advice.advice_of(content, platform)
    ]
