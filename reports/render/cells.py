"""Tables as paper shows them: which columns, in what width, which of them in the middle. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from math import ceil
from typing import TypeVar

from reports.contents import Cell, CellKind, Column, Table

T = TypeVar("T")

# A column narrower than two characters breaks every word; a date needs its ten half characters on one line.
_NARROWEST = 2.2
_DATE_WIDTH = 5.3
_AIR = 0.4
_LONGEST_RUN = 8.0
_SHORT = 4.0
_CENTRED_UP_TO = 9.0
_WIDE = frozenset("WFA")
# After what a line of a title may end, and before what the next may begin.
_PAUSE = re.compile("(?<=[局的和、，》度])(?=.)|(?=（)")
_RUN = re.compile(r"[!-,.-~]{3,}-?")


def text_of(cell: Cell) -> str:
    """A cell in words; nothing is empty, which is not the same as 0."""
    return "" if cell is None else str(cell)


def width_of(text: str) -> float:
    """How wide a text is in Chinese characters, by its longest line."""
    return max((_line_width(line) for line in text.split("\n")), default=0.0)


def on_paper(table: Table) -> Table:
    """The table without the columns that only a workbook has."""
    places = [place for place, column in enumerate(table.columns) if column.printed]
    if len(places) == len(table.columns):
        return table
    return replace(
        table,
        columns=_picked(table.columns, places),
        rows=tuple(_picked(row, places) for row in table.rows),
        total=None if table.total is None else _picked(table.total, places),
    )


def widths(table: Table, room: float) -> list[float]:
    """The columns' widths in Chinese characters, together exactly `room`.

    Where room is short, texts decide and not the columns' wishes: each column gets as much as its long cells have words, so
    that they end after the same number of lines, and none less than what cannot be broken.
    """
    wanted = [float(max(column.width, _least(column))) for column in table.columns]
    if sum(wanted) <= room:
        return _scaled(wanted, room)
    rows = table.rows if table.total is None else (*table.rows, table.total)
    texts = [[text_of(row[place]) for row in rows] for place in range(len(wanted))]
    least = [_unbroken(column, cells) for column, cells in zip(table.columns, texts, strict=True)]
    if sum(least) > room:
        return _scaled(least, room)
    return _filled(
        least, [_long(column, cells) for column, cells in zip(table.columns, texts, strict=True)], room
    )


def _scaled(wanted: Sequence[float], room: float) -> list[float]:
    return [width * room / sum(wanted) for width in wanted]


def _filled(least: Sequence[float], long: Sequence[float], room: float) -> list[float]:
    """Shares the room by `long`; whoever would get less than its least gets that, and the others share what is left."""
    firm: set[int] = set()
    while True:
        left = room - sum(least[place] for place in firm)
        share = left / (sum(each for place, each in enumerate(long) if place not in firm) or 1)
        short = {
            place for place, each in enumerate(long) if place not in firm and each * share < least[place]
        }
        if not short or len(firm | short) == len(long):
            break
        firm |= short
    return _scaled([least[place] if place in firm else each * share for place, each in enumerate(long)], room)


def _long(column: Column, texts: Sequence[str]) -> float:
    """How long the long cells of a column are: one in twenty may be longer and takes a line more."""
    lengths = sorted(map(width_of, texts))
    longest = lengths[len(lengths) * 19 // 20] if lengths else 0.0
    return max(longest, width_of(column.title) / 2, _NARROWEST)


def _unbroken(column: Column, texts: Sequence[str]) -> float:
    """The least a column can do with: a heading on three lines, a number up to its hyphen."""
    runs = [len(run[0]) / 2 for text in texts for run in _RUN.finditer(text)]
    # A name or a state of three or four characters is not torn for the sake of longer texts.
    runs.append(max((width for width in map(width_of, texts) if width <= _SHORT), default=0.0))
    return max(
        min(max(runs, default=0.0), _LONGEST_RUN) + _AIR,
        ceil(width_of(column.title) / 3) + _AIR,
        _least(column),
    )


def _least(column: Column) -> float:
    return _DATE_WIDTH if column.kind is CellKind.DATE else _NARROWEST


def centred(table: Table) -> list[bool]:
    """Which columns stand in the middle: figures, dates, and texts short enough for one line each."""
    return [
        column.kind is not CellKind.TEXT
        or all(width_of(text_of(row[place])) <= min(_CENTRED_UP_TO, column.width) for row in table.rows)
        for place, column in enumerate(table.columns)
    ]


def title_lines(title: str, room: float) -> list[str]:
    """A title on as few lines as it needs, broken where a reader would pause, the lines about as long as each other."""
    pieces = _PAUSE.split(title)
    for breaks in range(min(len(pieces), 3)):
        found = [_joined(pieces, places) for places in combinations(range(1, len(pieces)), breaks)]
        fitting = [lines for lines in found if max(map(width_of, lines)) <= room]
        if fitting:
            return min(fitting, key=lambda lines: max(map(width_of, lines)))
    return [title]


def heading_lines(title: str, width: float) -> str:
    """A column's heading that does not fit on one line, in lines of the same length: 上期 over 结转."""
    count = ceil(width_of(title) / max(width, 1.0))
    if count < 2 or not title.isalpha() or title.isascii():
        return title
    size = ceil(len(title) / count)
    return "\n".join(title[place : place + size] for place in range(0, len(title), size))


def _joined(pieces: Sequence[str], places: Sequence[int]) -> list[str]:
    edges = [0, *places, len(pieces)]
    return ["".join(pieces[start:end]) for start, end in pairwise(edges)]


def _picked(row: tuple[T, ...], places: Sequence[int]) -> tuple[T, ...]:
    return tuple(row[place] for place in places)


def _line_width(line: str) -> float:
    if line.isascii():
        return len(line) / 2
    return sum(1.0 if unicodedata.east_asian_width(sign) in _WIDE else 0.5 for sign in line)
