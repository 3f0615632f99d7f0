"""The colours of the pages: the same dark theme twice, and enough contrast in both themes."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tests.product import ROOT

FOLDER = ROOT / "properties/static/capi"
TOKENS = (FOLDER / "tokens.css").read_text()
BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
TOKEN = re.compile(r"(--[\w-]+):\s*([^;]+);")


def block(selector: str, within: str = TOKENS) -> dict[str, str]:
    """The tokens of the first block with this selector."""
    return next(dict(TOKEN.findall(body)) for name, body in BLOCK.findall(within) if name.strip() == selector)


LIGHT = block(':root, html[data-theme="light"]')
DARK = block('html[data-theme="dark"]')
GROUNDS = ("canvas", "side", "sunken", "hover")
ON_ANY_GROUND = ("text", "muted", "faint", "link")
STATES = ("ok", "warn", "bad", "info", "token")
READ = [
    *product(ON_ANY_GROUND, GROUNDS),
    *product((*STATES, "dev", "stag", "prod"), ("canvas", "side", "hover")),
    *((name, f"{name}-bg") for name in STATES),
    ("on-soft", "soft"),
    ("text", "soft"),
    ("muted", "soft"),
    ("text", "raised"),
    ("muted", "raised"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("canvas", "text"),
    *(("text", f"{name}-bg") for name in STATES),
]
SEEN = [(name, "canvas") for name in ("control", "bar", "bar-warn", "bar-bad", "bar-info", "accent")]


def luminance(colour: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


def test_the_chosen_dark_theme_is_the_dark_theme_of_the_system() -> None:
    [inner] = re.findall(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", TOKENS, re.DOTALL)
    assert block(":root", inner) == DARK


def test_both_themes_have_the_same_tokens() -> None:
    assert LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(READ, 4.5), (SEEN, 3)], ids=["text", "graphics"])
def test_everything_can_be_told_from_its_ground(
    theme: dict[str, str], pairs: list[tuple[str, str]], least: float
) -> None:
    """Source: https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast"""
    weak = {
        pair: round(found, 2)
        for pair in pairs
        if (found := contrast(*(theme[f"--{name}"] for name in pair))) < least
    }
    assert weak == {}


def test_what_a_browser_loads_stays_small() -> None:
    sizes = {
        kind: sum(path.stat().st_size for path in ROOT.glob(pattern))
        for kind, pattern in {
            "style": "properties/static/capi/capi.css",
            "frame": "properties/static/capi/capi.js",
            "scripts": "*/static/*/*.js",
            "fonts": "properties/static/capi/fonts/*.woff2",
        }.items()
    }
    most = {"style": 45_000, "frame": 9_300, "scripts": 20_480, "fonts": 184_320}
    assert {kind: size for kind, size in sizes.items() if size > most[kind]} == {}


def test_each_font_has_its_licence_beside_it() -> None:
    fonts = {path.name.split("-")[0] for path in (FOLDER / "fonts").glob("*.woff2")}
    licences = {path.name.split("-")[0].lower() for path in (FOLDER / "fonts").glob("*-OFL.txt")}
    assert {"inter", "jetbrains"} == fonts
    assert {"inter", "jetbrainsmono"} == licences


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall('<symbol id="([^"]+)"', (FOLDER / "icons.svg").read_text()))
    named = {
        name: path.name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'icon\.html" with name="([^"]+)"', path.read_text())
    }
    assert {name: place for name, place in named.items() if name not in drawn} == {}
