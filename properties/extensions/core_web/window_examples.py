"""Worked examples of the events of keys, the mouse button, the tab and the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from properties.catalog.examples import Example

from .sources import CORE

_Example = partial(Example, source=CORE)
_SEARCH = '<input id="search"><input id="coupon">'


def _key(type_: str) -> str:
    return (
        "for (const input of document.querySelectorAll('input')) "
        f"input.dispatchEvent(new KeyboardEvent('{type_}', {{bubbles: true, key: 'a'}}));"
    )


def _visible(*states: str) -> str:
    """Return code that makes the page hidden and visible."""
    return (
        f"for (const state of {list(states)}) {{"
        " Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        " Object.defineProperty(document, 'hidden', {value: state === 'hidden', configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )


WINDOW: Mapping[str, Sequence[Example]] = {
    **{
        name: [
            _Example(
                title=f"A key in one input: {type_}",
                settings={"elementSelector": "#search"},
                page={"html": _SEARCH, "then": _key(type_)},
                result=1,
            )
        ]
        for name, type_ in (("key-down", "keydown"), ("key-press", "keypress"), ("key-up", "keyup"))
    },
    "mousedown": [
        _Example(
            title="A button of the mouse goes down inside a card",
            settings={"elementSelector": ".card"},
            page={
                "html": '<div class="card"><i>a</i></div><p>b</p>',
                "then": (
                    "for (const it of document.querySelectorAll('i, p')) "
                    "it.dispatchEvent(new MouseEvent('mousedown', {bubbles: true}));"
                ),
            },
            result=1,
        )
    ],
    "tab-blur": [
        _Example(
            title="The tab goes to the background twice",
            settings={},
            page={"then": _visible("hidden", "visible", "hidden")},
            result=2,
        )
    ],
    "tab-focus": [
        _Example(
            title="The tab comes back once",
            settings={},
            page={"then": _visible("hidden", "visible", "hidden")},
            result=1,
        )
    ],
    "orientation-change": [
        _Example(
            title="The phone is turned",
            settings={},
            page={"then": "window.dispatchEvent(new Event('orientationchange'));"},
            result=1,
        )
    ],
    "zoom-change": [
        _Example(
            title="Several steps of one zoom start the rule once",
            settings={},
            page={
                "before": (
                    "const view = Object.assign(new EventTarget(), {scale: 1});"
                    "Object.defineProperty(window, 'visualViewport', {value: view});"
                ),
                "then": (
                    "for (const scale of [1.2, 1.5, 2]) {"
                    " view.scale = scale; view.dispatchEvent(new Event('resize')); }"
                ),
            },
            result=1,
        )
    ],
}
