"""The handbook as a page: docs/使用手册.md, in the few signs it is written with. Pure but for reading the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

DOCS = Path(__file__).resolve().parent.parent / "docs"
HANDBOOK, PICTURES = DOCS / "使用手册.md", DOCS / "pictures"
_HEADING = re.compile(r"(#{1,3}) (.+)")
_NUMBERED = re.compile(r"( *)(\d+)\. (.+)")
_BULLET = re.compile(r"( *)- (.+)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(pictures/([\w.-]+)\)")
_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)")

PictureAddress = Callable[[str], str]


@lru_cache(maxsize=4)
def _read(_changed: int) -> str:
    return HANDBOOK.read_text(encoding="utf-8")


def text() -> str:
    """The handbook as it lies beside the program."""
    return _read(HANDBOOK.stat().st_mtime_ns)


def contents(source: str) -> list[tuple[str, str]]:
    """The chapters: the place on the page, and the title."""
    return [(f"part-{place}", title) for place, title in enumerate(_chapters(source), start=1)]


def _chapters(source: str) -> list[str]:
    return [line[3:] for line in source.splitlines() if line.startswith("## ")]


def page(source: str, picture: PictureAddress) -> Markup:
    """The handbook as HTML; every word of it escaped, only its own signs become tags."""
    blocks = re.split(r"\n\s*\n", source.strip())
    chapter = 0
    drawn: list[Markup] = []
    for block in blocks:
        if block.startswith("# "):
            continue  # the page has its own heading
        chapter += block.startswith("## ")
        drawn.append(_block(block, picture, chapter))
    return Markup("\n").join(drawn)


def _block(block: str, picture: PictureAddress, chapter: int) -> Markup:
    lines = block.splitlines()
    if heading := _HEADING.fullmatch(lines[0]):
        level = len(heading[1])
        place = Markup(' id="part-{}"').format(chapter) if level == 2 else ""
        head = Markup("<h{0}{1}>{2}</h{0}>").format(level, place, _inline(heading[2]))
        rest = "\n".join(lines[1:]).strip()
        return head + (_block(rest, picture, chapter) if rest else Markup(""))
    if shown := _PICTURE.fullmatch(block.strip()):
        return Markup('<p><img class="handbook-picture" src="{}" alt="{}" loading="lazy"></p>').format(
            picture(shown[2]), shown[1]
        )
    if lines[0].startswith("|"):
        return _table(lines)
    if _NUMBERED.match(lines[0]) or _BULLET.match(lines[0]):
        return _list(lines)
    if lines[0].startswith("```"):
        return Markup("<pre>{}</pre>").format("\n".join(lines[1:-1]))
    return Markup("<p>{}</p>").format(_inline(" ".join(lines)))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rows = [row for row in rows if not all(set(cell) <= set("-: ") for cell in row)]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_inline(cell)) for cell in rows[0])
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(_inline(cell)) for cell in row)
        )
        for row in rows[1:]
    )
    return Markup(
        '<div class="table-frame" tabindex="0" role="region" aria-label="表格"><table class="list">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(head, body)


def _list(lines: list[str]) -> Markup:
    """A list, numbered or not, with one list inside its items at most."""
    tag = "ol" if _NUMBERED.match(lines[0]) else "ul"
    items = [_item(first, inside) for first, inside in _items(lines)]
    return Markup("<{0}>{1}</{0}>").format(tag, Markup("").join(items))


def _items(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    first, inside = "", list[str]()
    for line in lines:
        found = _NUMBERED.fullmatch(line) or _BULLET.fullmatch(line)
        if found and not found[1]:
            if first:
                yield first, inside
            first, inside = found[found.re.groups], []
        elif found:
            inside.append(line.strip())
        elif inside:
            inside[-1] += line.strip()
        else:
            first += line.strip()
    yield first, inside


def _item(first: str, inside: list[str]) -> Markup:
    return Markup("<li>{}{}</li>").format(_inline(first), _list(inside) if inside else "")


def _inline(said: str) -> Markup:
    """Bold, code and links to places outside; a link to another handbook is its words alone."""
    drawn, end = Markup(""), 0
    for match in _INLINE.finditer(said):
        drawn += escape(said[end : match.start()])
        bold, code, words, target = match.groups()
        if bold:
            drawn += Markup("<strong>{}</strong>").format(_inline(bold))
        elif code:
            drawn += Markup("<code>{}</code>").format(code)
        elif target.startswith("https://"):
            drawn += Markup('<a href="{}" rel="noopener">{}</a>').format(target, words)
        else:
            drawn += escape(f"《{words}》" if words.endswith("手册") else words)
        end = match.end()
    return drawn + escape(said[end:])
