"""Finds names in custom code that neither the code nor the sandbox defines. Reading one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

_LANGUAGE = Language(tree_sitter_javascript.language())

# Names of ECMA-262 and QuickJS-ng; after the blank line, those that the sandbox adds.
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
"""Objects that exist only in part, with their members."""
INSTEAD = {
    "fetch": "Send requests with the action Make Fetch Call.",
    "XMLHttpRequest": "Send requests with the action Make Fetch Call.",
    "require": "Modules are not available.",
    "Buffer": "Use btoa, atob, TextEncoder or Uint8Array.",
    "process": "The environment is not available. Use a data element.",
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
    """A name that is not defined.

    Args:
        name: As written in the code; with its object if only that member is missing: ``Intl.Collator``.
        line: The line that reads it first, counted from 1.
    """

    name: str
    line: int

    def __str__(self) -> str:
        return f"Line {self.line}: {self.name} is not available here. {INSTEAD.get(self.name, '')}".rstrip()


@lru_cache(maxsize=1024)
def missing_names(source: str) -> tuple[MissingName, ...]:
    """Return each undefined name once, with the line that reads it first.

    Only names that are sure to fail are reported. Code that checks first (``typeof fetch``) or catches the
    error is left alone, and so are names that are defined anywhere in the code.
    """
    tree = Parser(_LANGUAGE).parse(f"async function code(arc, utils) {{\n{source}\n}}".encode())
    nodes = list(_walk(tree.root_node))
    known = (
        GLOBALS | GIVEN | {name for node, _ in nodes for name in (*declared_names(node), *_asked_for(node))}
    )
    found: dict[str, MissingName] = {}
    for node, is_tried in nodes:
        name = "" if is_tried else _missing(node, known)
        if name:
            found.setdefault(name, MissingName(name, node.start_point.row))
    return tuple(found.values())


def _walk(root: Node) -> Iterator[tuple[Node, bool]]:
    """Yield every node in the order of the text, and whether a ``catch`` surrounds it and handles the error.

    Works without recursion: generated code may be nested deeply.
    """
    waiting = [(root, False)]
    while waiting:
        node, is_tried = waiting.pop()
        yield node, is_tried
        tried = node.child_by_field_name("body") if node.child_by_field_name("handler") else None
        waiting.extend((child, is_tried or child == tried) for child in reversed(node.named_children))


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def declared_names(node: Node) -> Iterator[str]:
    """Yield the names that this node declares, also by a pattern or by assigning to an undeclared name."""
    if node.type == "formal_parameters":
        yield from (name for child in node.named_children for name in _bound(child))
    elif field := _DECLARING.get(node.type):
        yield from _bound(node.child_by_field_name(field))


def _bound(node: Node | None) -> Iterator[str]:
    """Yield the names that a pattern binds, without the names that its defaults read."""
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
    """Yield a name whose existence the code checks."""
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
