"""Shortens browser modules: without comments and blanks, and with short names for what only they can see.

Plain Python. It serves the modules of packages; what a person has written stays as it is. Names that every
browser has as globals stay, because a name is replaced wherever it stands in a module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from properties.catalog.free_names import GLOBALS, declared_names

_LANGUAGE = Language(tree_sitter_javascript.language())
_WHOLE = ("string", "regex", "template_string", "number")
_SHORTHAND = ("shorthand_property_identifier", "shorthand_property_identifier_pattern")
# Members of the global object that a module may use without `window.`; and what the engine gives it.
_BROWSER = """
alert atob blur btoa cancelAnimationFrame clearInterval clearTimeout close closed confirm console cookieStore
crypto customElements document event external fetch find focus frames history indexedDB length localStorage
location name navigator open opener origin parent performance print prompt queueMicrotask screen scroll self
requestAnimationFrame requestIdleCallback sessionStorage setInterval setTimeout status stop top trustedTypes
window

arguments exports module require turbine _satellite
"""
_KEPT = GLOBALS | frozenset(_BROWSER.split())
_RESERVED = frozenset({"as", "do", "if", "in", "is", "of", "for", "get", "let", "new", "set", "try", "var"})
# No semicolon is ever put in automatically behind or before these.
_BETWEEN_VALUES = {
    "=>",
    "=",
    "&&",
    "||",
    "===",
    "!==",
    "==",
    "!=",
    "<=",
    ">=",
    "?",
    ":",
    ".",
    ",",
    ";",
    "*",
    "%",
}
_NO_END_BEHIND = _BETWEEN_VALUES | {"{", "(", "[", "!", "+", "-", "/", "<", ">", "..."}
_NO_END_BEFORE = _BETWEEN_VALUES | {"}", ")", "]"}


def shortened(text: str) -> str:
    """Return a module that does the same in fewer letters; a text that does not parse stays as it is."""
    source = text.encode()
    root = Parser(_LANGUAGE).parse(source).root_node
    if root.has_error:
        return text
    names = _new_names(root)
    made, before = [], None
    for node in _tokens(root):
        if before is not None:
            made.append(_between(before, node, source))
        made.append(_written(node, names))
        before = node
    return "".join(made)


def _tokens(root: Node) -> Iterator[Node]:
    """Yield the words and signs in their order, texts and patterns whole, without comments."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in ("comment", "html_comment"):
            continue
        if node.type in _WHOLE or not node.children:
            yield node
        else:
            waiting.extend(reversed(node.children))


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def _new_names(root: Node) -> dict[str, str]:
    """Return name → short name, the shortest for the most frequent."""
    nodes = list(_walk(root))
    words = Counter(_text(node) for node in nodes if node.type == "identifier" or node.type in _SHORTHAND)
    declaring = (node for node in nodes if node.type != "assignment_expression")
    own = {name for node in declaring for name in declared_names(node)} - _KEPT
    taken = (words.keys() - own) | _KEPT | _RESERVED
    short = (name for name in _short_names() if name not in taken)
    return dict(zip(sorted(own, key=lambda name: (-words[name], name)), short, strict=False))


def _short_names() -> Iterator[str]:
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


def _written(node: Node, names: dict[str, str]) -> str:
    text = _text(node)
    if node.type == "template_string":
        return _template(node, names)
    if text not in names:
        return text
    if node.type == "identifier":
        return names[text]
    return f"{text}:{names[text]}" if node.type in _SHORTHAND else text


def _template(node: Node, names: dict[str, str]) -> str:
    """Return a text between backticks, in which only names change: every blank of it counts."""
    source, made, end = node.text or b"", [], 0
    inner = sorted((it for it in _walk(node) if it.type == "identifier" or it.type in _SHORTHAND), key=_start)
    for name in inner:
        begin = name.start_byte - node.start_byte
        made += [source[end:begin].decode(), _written(name, names)]
        end = name.end_byte - node.start_byte
    return "".join([*made, source[end:].decode()])


def _between(before: Node, after: Node, source: bytes) -> str:
    """Return what must stand between two tokens: nothing, a blank, or the end of a line."""
    gap, left, right = source[before.end_byte : after.start_byte], _text(before), _text(after)
    if b"\n" in gap and left not in _NO_END_BEHIND and right not in _NO_END_BEFORE:
        return "\n"
    if not gap:
        return ""
    is_word = _is_word(left[-1:]) and _is_word(right[:1])
    return " " if is_word or _would_join(left, right) else ""


def _would_join(left: str, right: str) -> bool:
    """Return whether two signs, or a number and a dot, would become one."""
    return (left[-1:], right[:1]) in {("+", "+"), ("-", "-"), ("/", "/"), ("<", "!")} or (
        left[-1:].isdigit() and right[:1] == "."
    )


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter in {"_", "$"}


def _start(node: Node) -> int:
    return node.start_byte


def _text(node: Node) -> str:
    return (node.text or b"").decode()
