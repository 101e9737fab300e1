"""A table as WordprocessingML, written as text: thousands of rows cost a second, not a minute. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from core.text import clean_text
from reports.contents import Cell, Table
from reports.render import cells
from reports.render.words import close_up

_EDGES = "".join(
    f'<w:{edge} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
    for edge, size in (("top", 8), ("left", 8), ("bottom", 8), ("right", 8), ("insideH", 4), ("insideV", 4))
)
_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
# 0.7 mm of air on both sides of a text, in twentieths of a point; above and below less.
_AIR = 40
_ABOVE = 30
# A table as short as this is not torn over two pages.
_SHORT = 12


@dataclass(frozen=True)
class Face:
    """The styles of a table's cells and the size of their characters in points."""

    style: str
    size: float

    @property
    def head(self) -> str:
        return f"{self.style}Head"

    @property
    def left(self) -> str:
        return f"{self.style}Left"

    @property
    def centre(self) -> str:
        return f"{self.style}Centre"


FIVE = Face("Cell", 10.5)  # 五号
SMALL_FIVE = Face("Small", 9.0)  # 小五号


def table_parts(table: Table, *, room: int, face: Face) -> Iterator[str]:
    """The table, piece by piece, over the whole `room` (twentieths of a point), its head repeated on every page, no row torn apart."""
    grid = _grid(table, room, face)
    middle = [face.centre if centred else face.left for centred in cells.centred(table)]
    head = [
        cells.heading_lines(column.title, (width - 2 * _AIR) / (face.size * 20))
        for column, width in zip(table.columns, grid, strict=True)
    ]
    yield (
        f'<w:tbl><w:tblPr><w:tblW w:w="{room}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{_EDGES}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:top w:w="{_ABOVE}" w:type="dxa"/><w:left w:w="{_AIR}" w:type="dxa"/>'
        f'<w:bottom w:w="{_ABOVE}" w:type="dxa"/><w:right w:w="{_AIR}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )
    yield "<w:tblGrid>" + "".join(f'<w:gridCol w:w="{width}"/>' for width in grid) + "</w:tblGrid>"
    yield _row(head, grid, [face.head] * len(grid), keep=True, repeated=True)
    yield from _body(table, grid, middle, face)
    if table.total is not None:
        yield _row(_words(table.total), grid, [face.head] * len(grid))
    yield "</w:tbl>"


def _body(table: Table, grid: Sequence[int], styles: Sequence[str], face: Face) -> Iterator[str]:
    if not table.rows:
        whole = f'<w:tcW w:w="{sum(grid)}" w:type="dxa"/><w:gridSpan w:val="{len(grid)}"/>'
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(table.empty, whole, face.centre)}</w:tr>"
    last = len(table.rows) - 1
    together = len(table.rows) <= _SHORT and face is FIVE
    for place, row in enumerate(table.rows):
        # A sum alone on the next page would say nothing.
        keep = table.total is not None if place == last else together
        yield _row(_words(row), grid, styles, keep=keep)


def _words(row: Iterable[Cell]) -> Iterator[str]:
    return (close_up(cells.text_of(cell)) for cell in row)


def _grid(table: Table, room: int, face: Face) -> list[int]:
    """Whole twentieths that add up to the room: a rest in the last column would stand out of the margin."""
    character = face.size * 20
    air = 2 * _AIR * len(table.columns)
    exact = cells.widths(table, (room - air) / character)
    grid = [round(width * character) + 2 * _AIR for width in exact]
    grid[-1] += room - sum(grid)
    return grid


def _row(
    texts: Iterable[str],
    grid: Sequence[int],
    styles: Sequence[str],
    *,
    keep: bool = False,
    repeated: bool = False,
) -> str:
    inner = "".join(
        _cell(text, f'<w:tcW w:w="{width}" w:type="dxa"/>', style, keep=keep)
        for text, width, style in zip(texts, grid, styles, strict=True)
    )
    head = "<w:tblHeader/>" if repeated else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{inner}</w:tr>"


def _cell(text: str, shape: str, style: str, *, keep: bool = False) -> str:
    kept = "<w:keepNext/>" if keep else ""
    words = escape(clean_text(text)).replace("\n", _BREAK)
    run = f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>' if words else ""
    return (
        f'<w:tc><w:tcPr>{shape}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}</w:pPr>{run}</w:p></w:tc>'
    )
