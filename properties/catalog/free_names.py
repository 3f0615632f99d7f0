"""Names that custom code reads and that neither it nor the sandbox defines: there it would fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

_LANGUAGE = Language(tree_sitter_javascript.language())

# ECMA-262, and what QuickJS-ng has beside it; after the blank line, what the sandbox adds.
_NAMES = """
AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean
DOMException DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array
Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator JSON Map Math NaN
Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String
SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray
WeakMap WeakRef WeakSet atob btoa decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval
globalThis isFinite isNaN parseFloat parseInt queueMicrotask undefined unescape

Intl TextDecoder TextEncoder URL URLSearchParams clearImmediate clearInterval clearTimeout console crypto
getDataElementValue setImmediate setInterval setTimeout structuredClone
"""
GLOBALS = frozenset(_NAMES.split())
GIVEN = frozenset({"arc", "utils", "arguments"})
PARTLY = {
    "Intl": {"NumberFormat"},
    "crypto": {"getRandomValues", "randomUUID", "subtle"},
    "crypto.subtle": {"digest"},
}
"""What is only in part there, and its parts."""
INSTEAD = {
    "fetch": "Send requests with the action Make Fetch Call.",
    "XMLHttpRequest": "Send requests with the action Make Fetch Call.",
    "require": "There are no modules here.",
    "Buffer": "Use btoa, atob, TextEncoder or Uint8Array.",
    "process": "There is no environment here; use a data element.",
    "window": "Code runs on the server, not on a page.",
    "document": "Code runs on the server, not on a page.",
    "_satellite": "Read data elements with getDataElementValue.",
}

_DECLARING = {
    "variable_declarator": "name",
    "function_declaration": "name",
    "generator_function_declaration": "name",
    "function_expression": "name",
    "generator_function": "name",
    "class_declaration": "name",
    "class": "name",
    "catch_clause": "parameter",
    "arrow_function": "parameter",
    "for_in_statement": "left",
    "assignment_expression": "left",
}
_READING = {"identifier", "shorthand_property_identifier"}


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name that is not there.

    Args:
        name: As the code writes it, with its object where only that member is missing: ``Intl.Collator``.
        line: Where it is read first, from 1.
    """

    name: str
    line: int

    def __str__(self) -> str:
        return f"Line {self.line}: {self.name} is not available here. {INSTEAD.get(self.name, '')}".rstrip()


@lru_cache(maxsize=1024)
def missing_names(source: str) -> tuple[MissingName, ...]:
    """Each name once, where it is read first.

    Named is what surely fails when it is reached. Code that asks first (``typeof fetch``) or that catches the
    error, and names that are defined anywhere in the code, are left alone.
    """
    tree = Parser(_LANGUAGE).parse(f"async function code(arc, utils) {{\n{source}\n}}".encode())
    nodes = list(_walk(tree.root_node))
    known = GLOBALS | GIVEN | {name for node, _ in nodes for name in (*_declared(node), *_asked_for(node))}
    found: dict[str, MissingName] = {}
    for node, is_tried in nodes:
        name = "" if is_tried else _missing(node, known)
        if name:
            found.setdefault(name, MissingName(name, node.start_point.row))
    return tuple(found.values())


def _walk(root: Node) -> Iterator[tuple[Node, bool]]:
    """Every node in the order of the text, and whether a ``catch`` stands around it: there the code copes.

    However deep: code may be nested by a machine.
    """
    waiting = [(root, False)]
    while waiting:
        node, is_tried = waiting.pop()
        yield node, is_tried
        tried = node.child_by_field_name("body") if node.child_by_field_name("handler") else None
        waiting.extend((child, is_tried or child == tried) for child in reversed(node.named_children))


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _declared(node: Node) -> Iterator[str]:
    """Names that this node brings in, also by a pattern or by an assignment to nothing declared."""
    if node.type == "formal_parameters":
        yield from (name for child in node.named_children for name in _bound(child))
    elif field := _DECLARING.get(node.type):
        yield from _bound(node.child_by_field_name(field))


def _bound(node: Node | None) -> Iterator[str]:
    """The names that a pattern binds; what its defaults read is not among them."""
    if node is None or node.type == "member_expression":
        return
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield _text(node)
    elif node.type in ("assignment_pattern", "object_assignment_pattern"):
        yield from _bound(node.child_by_field_name("left"))
    elif node.type == "pair_pattern":
        yield from _bound(node.child_by_field_name("value"))
    elif node.type in ("object_pattern", "array_pattern", "rest_pattern"):
        yield from (name for child in node.named_children for name in _bound(child))


def _asked_for(node: Node) -> Iterator[str]:
    """A name of which the code asks whether it is there."""
    if node.type == "unary_expression" and _text(node.child_by_field_name("operator")) == "typeof":
        yield _text(node.child_by_field_name("argument"))


def _missing(node: Node, known: frozenset[str]) -> str:
    if node.type in _READING:
        return "" if (name := _text(node)) in known else name
    if node.type != "member_expression":
        return ""
    whole, member = _text(node.child_by_field_name("object")), _text(node.child_by_field_name("property"))
    is_partly = whole in PARTLY and member not in PARTLY[whole] and f"{whole}.{member}" not in known
    return f"{whole}.{member}" if is_partly else ""
