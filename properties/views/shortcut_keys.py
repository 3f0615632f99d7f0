"""The keys that work on pages, as the help shows them. ``capi/capi.js`` handles them."""

from __future__ import annotations

# Where they work; each key with what it does. A comma separates keys that are pressed one after the other.
KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("Ctrl K", "Search or jump to"),
            ("?", "Show these keys"),
            ("/", "Search this page, or find a field"),
            ("g, h", "Home"),
            ("g, o", "Overview"),
            ("g, e", "Event Log"),
            ("g, i", "Issues"),
            ("g, r", "Rules"),
            ("g, d", "Data Elements"),
            ("g, x", "Extensions"),
            ("g, p", "Publishing Flow"),
        ),
    ),
    (
        "Pages of one environment",
        (("e, 1", "Development"), ("e, 2", "Staging"), ("e, 3", "Production")),
    ),
    (
        "Lists and drawers",
        (
            ("j", "Next row"),
            ("k", "Row before"),
            ("Enter", "Open"),
            ("x", "Tick"),
            ("Esc", "Close"),
            ("r", "Retry"),
            ("Space", "Pause the Event Log, or go on"),
            ("c", "Create an element, rule or library"),
        ),
    ),
    (
        "Editors",
        (
            ("Ctrl S", "Save, or Keep Changes"),
            ("Ctrl Enter", "Save to Library and Build"),
            ("{{", "Pick a data element"),
            ("[", "Event before, in the preview"),
            ("]", "Next event, in the preview"),
        ),
    ),
)
