"""Reads the text of a page of help: the part of Markdown that such pages use, as safe HTML.

Headings, paragraphs, lists, tables, blocks of code, ``code``, **bold** and links. Everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# Returns the address that the target of a link means.
Address = Callable[[str], str]
_SPAN = re.compile(r"`([^`]{1,200})`|\*\*([^*]{1,200})\*\*|\[([^]\[]{1,200})\]\(([^()\s]{1,300})\)")
_ITEM = re.compile(r"(?:-|\d{1,2}\.) ")
_RULE = re.compile(r"\|[ :|-]+\|")


def title_of(text: str) -> str:
    """Return the title of a page: its first line."""
    return text.lstrip("# ").partition("\n")[0].strip()


def html_of(text: str, address: Address) -> SafeString:
    """Return the text below the title as HTML; nothing in it can add markup of its own."""
    return mark_safe("".join(_block(it, address) for it in _blocks(text.partition("\n")[2])))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the lines of each block; blank lines separate them, except inside of code."""
    lines: list[str] = []
    is_code = False
    for line in [*text.splitlines(), ""]:
        is_code ^= line.startswith("```")
        if line.strip() or is_code:
            lines.append(line)
        elif lines:
            yield lines
            lines = []


def _block(lines: Sequence[str], address: Address) -> str:
    first = lines[0]
    if first.startswith("## "):
        return format_html("<h2>{}</h2>", _spans(first[3:], address))
    if first.startswith("```"):
        return format_html('<pre class="code" tabindex="0">{}</pre>', "\n".join(lines[1:-1]))
    if first.startswith("|"):
        return _table(lines, address)
    if _ITEM.match(first):
        return _list(lines, address)
    return format_html("<p>{}</p>", _spans(" ".join(lines), address))


def _list(lines: Sequence[str], address: Address) -> str:
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line, count=1))
        else:
            items[-1] += f" {line.strip()}"
    rows = format_html_join("", "<li>{}</li>", ((_spans(it, address),) for it in items))
    is_plain = lines[0].startswith("-")
    # The classes with marks before the items.
    return format_html(
        '<div class="help"><ul>{}</ul></div>' if is_plain else '<ol class="numbered">{}</ol>', rows
    )


def _table(lines: Sequence[str], address: Address) -> str:
    head, *rows = [
        [it.strip() for it in line.strip("| ").split(" | ")] for line in lines if not _RULE.fullmatch(line)
    ]
    top = format_html_join("", '<th scope="col">{}</th>', ((_spans(it, address),) for it in head))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row, address),) for row in rows))
    return format_html(
        '<div class="scroll-x" tabindex="0" role="region" aria-label="{}"><table class="tbl">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        f"Table of {head[0]}",
        top,
        body,
    )


def _cells(row: Sequence[str], address: Address) -> str:
    return format_html_join("", "<td>{}</td>", ((_spans(it, address),) for it in row))


def _spans(text: str, address: Address) -> SafeString:
    parts, at = [], 0
    for found in _SPAN.finditer(text):
        parts += [escape(text[at : found.start()]), _span(found, address)]
        at = found.end()
    return mark_safe("".join([*parts, escape(text[at:])]))


def _span(found: re.Match[str], address: Address) -> str:
    code, bold, words, target = found.groups()
    if code:
        return format_html("<code>{}</code>", code)
    if bold:
        return format_html("<strong>{}</strong>", bold)
    if "://" in target:
        return format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', target, words)
    return format_html('<a href="{}">{}</a>', address(target), words)
