"""The two prebuilt files of the browser side, with their licences and their origins."""

from .prebuilt import (
    ENGINE,
    ENGINE_NAME,
    WEB_SDK,
    Prebuilt,
    PublishedPackage,
    licences_text,
    prebuilt_files,
    text_of,
)

__all__ = [
    "ENGINE",
    "ENGINE_NAME",
    "WEB_SDK",
    "Prebuilt",
    "PublishedPackage",
    "licences_text",
    "prebuilt_files",
    "text_of",
]
