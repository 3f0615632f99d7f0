"""A vendor is a folder: nothing outside it names the vendor, except files listed here with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTENSIONS = "properties/extensions"
ROOMS = ("capi_admin", "properties", "rules", "templates")
TEXTS = {".py", ".html", ".js", ".css", ".json", ".md", ".toml", ".txt", ".svg"}

# First part of the vendor's folder → words that only this vendor has. Letters around a word make it another
# one: metadata, snapshot and googleapis are none of these.
VENDORS = {
    "meta": "meta|facebook|fb|fbp|fbc|fbclid|fbtrace|pixel|pixelid|graph api|graph simulator|instagram",
    "tiktok": "tiktok|ttclid|ttp",
    "pinterest": "pinterest|epik",
    "snap": "snap|snapchat|sccid|scid",
    "google": "google|gclid|gbraid|wbraid|adwords",
    "linkedin": "linkedin|fat_id",
    "microsoft": "microsoft|msclkid|uetmsclkid",
    "reddit": "reddit|rdt",
    "twitter": "twitter|twclid",
}
OTHER_MEANINGS = {
    r"https?://\S+": "the address of a public page",
    r"\bclass Meta\b|\w+\.Meta\b|\b_meta\b": "Django's options of a model or form",
    r"\brequest\.META\b": "Django's headers of a request",
    r"<meta |meta\[name": "HTML's element",
    r"\bMeta\+\w": "the key of a keyboard",
    r"processors_meta": "structlog's name",
    r"#[0-9a-fA-F]{6}\b": "a colour",
}
REASONS = {
    "properties/extensions/adobe_cloud_connector": "Adobe's extensions for other vendors become plain calls "
    "of this package: their names are what an import finds in a property.",
    "properties/extensions/facebook_pixel": "It is Meta's, too: the folder has the name of Adobe's package.",
    "properties/extensions/core/bots.py": "Crawlers say who they are.",
    "properties/secrets": "A key file of Google Cloud is a kind of secret that any package may use.",
    "properties/models/secret.py": "The stored name of that kind.",
    "properties/views/secret_forms.py": "The form of that kind.",
    "properties/catalog/customer_data/nothing.py": "Names the page that lists texts such as (not set).",
    "rules/forwarding/app.py": "“meta” is a key in the body of Adobe's Edge Network.",
    "rules/forwarding/received_events.py": "“meta” is a key in the body of Adobe's Edge Network.",
    "rules/forwarding/identity.py": "“meta” is a key in the body of Adobe's Edge Network.",
    "properties/web_runtime/web_sdk.js": "“meta” is a key in the body of Adobe's Edge Network.",
    "rules/documents/adobe": "“meta” is a key of JSON:API, which Adobe's Reactor API speaks.",
    "rules/conftest.py": "The example shop of the tests sends to Meta.",
}


def is_test(path: str) -> bool:
    return "/tests/" in path or "/migrations/" in path


def texts() -> Iterator[tuple[str, str]]:
    """Path and text of each file in the product's rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in TEXTS and not is_test(name) and "/node_modules/" not in name:
                yield name, path.read_text(encoding="utf-8")


def named_in(path: str, text: str) -> list[str]:
    """Return the vendors that a file outside their own folder names."""
    for meaning in OTHER_MEANINGS:
        text = re.sub(meaning, "", text)
    return [
        f"{path} names {vendor}: {found[0]}"
        for vendor, words in VENDORS.items()
        if not path.startswith(f"{EXTENSIONS}/{vendor}")
        and (found := re.search(rf"(?<![a-z])({words})(?![a-z])", text, re.IGNORECASE))
    ]


def reason_for(path: str) -> str | None:
    return next((it for it in REASONS if path == it or path.startswith(f"{it}/")), None)


def test_nobody_names_a_vendor_outside_of_its_folder() -> None:
    found = [it for path, text in texts() if not reason_for(path) for it in named_in(path, text)]
    assert found == []


def test_each_exception_is_needed() -> None:
    needed = {reason_for(path) for path, text in texts() if named_in(path, text)}
    assert sorted(REASONS.keys() - needed) == []


def test_a_vendors_name_is_found_in_other_words_too() -> None:
    assert named_in("rules/x.py", 'url = settings.META_GRAPH_URL  # the "_fbp" cookie')
    assert named_in("properties/extensions/meta_conversions_api/x.py", "META_GRAPH_URL") == []
    assert named_in("properties/extensions/tiktok_events/x.py", "like META_GRAPH_URL") != []
    assert named_in("rules/x.py", "metadata of a snapshot: class Meta: verbose_name; googleapis") == []
