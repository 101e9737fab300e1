"""The columns a layout can choose from, and a table laid out as one says. Pure.

They are the ledger's: released text only, nothing of who complained. What a layout was saved with and the ledger no longer has
is left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.errors import DomainError
from core.text import clean_line, clean_text
from reports.contents import Cell, CellKind, Column, Table
from reports.ledger_table import COLUMNS

MOST = 60
_LONGEST = 40
# What makes a spreadsheet take a text for a formula, also in the wide forms of an input method.
_RUNS = tuple("=+-@＝＋－＠")


@dataclass(frozen=True)
class Chosen:
    """A column of the ledger and the heading it gets."""

    column: str
    heading: str


def known_columns() -> tuple[str, ...]:
    """Everything that can be chosen, in the ledger's order."""
    return tuple(column.title for column in COLUMNS)


def arranged(given: Iterable[tuple[str, str, int]]) -> tuple[Chosen, ...]:
    """The columns in the order that was asked for; DomainError if there are none, too many, or two with one heading."""
    rows = sorted(given, key=lambda row: row[2])
    found = tuple(
        Chosen(column, clean_line(heading)[:_LONGEST] or column)
        for column, heading, _ in rows
        if column in known_columns()
    )
    if not found:
        raise DomainError("请至少选一列。")
    if len(found) > MOST:
        raise DomainError(f"最多选 {MOST} 列。")
    headings = [each.heading for each in found]
    twice = sorted({heading for heading in headings if headings.count(heading) > 1})
    if twice:
        raise DomainError(f"表头重复：{'、'.join(twice)}。")
    return found


def to_text(chosen: Sequence[Chosen]) -> str:
    return json.dumps([[each.column, each.heading] for each in chosen], ensure_ascii=False)


def from_text(text: str) -> tuple[Chosen, ...]:
    """What was saved, without what the ledger no longer has."""
    return tuple(Chosen(column, heading) for column, heading in json.loads(text) if column in known_columns())


def laid_out(table: Table, chosen: Sequence[Chosen]) -> Table:
    """The ledger with the chosen columns only, in their order and under their headings."""
    places = {column.title: place for place, column in enumerate(table.columns)}
    picked = [places[each.column] for each in chosen]
    return replace(
        table,
        columns=tuple(
            replace(table.columns[place], title=each.heading)
            for place, each in zip(picked, chosen, strict=True)
        ),
        rows=tuple(tuple(row[place] for place in picked) for row in table.rows),
        total=None,
        note="",
    )


def as_values(row: Sequence[Cell], columns: Sequence[Column]) -> list[object]:
    """A row for a workbook: days as days."""
    return [
        date.fromisoformat(cell) if column.kind is CellKind.DATE and isinstance(cell, str) else cell
        for cell, column in zip(row, columns, strict=True)
    ]


def as_csv(table: Table) -> bytes:
    """The table as CSV that every spreadsheet opens in Chinese; no cell of it runs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(column.title) for column in table.columns])
    writer.writerows([harmless(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def harmless(cell: Cell) -> str:
    """A cell as CSV may hold it: with an apostrophe before what a spreadsheet would reckon out."""
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    text = clean_text(cell)
    return f"'{text}" if text.lstrip().startswith(_RUNS) or text[:1] in {"\t", "\r"} else text
