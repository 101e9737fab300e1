"""Tables as xlsx: the one file that knows how. A cell is always what it says, never a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO

import xlsxwriter

_WIDEST = 60


def write_sheet(
    out: BinaryIO,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
    *,
    created: datetime,
) -> int:
    """Writes one sheet row by row, so that its length costs no memory; returns how many rows it has.

    `columns` are heading and width. A text that begins with = or @ stays a text: what complainants write must not run.
    """
    count = 0
    with open_book(out, title, created=created) as book:
        sheet = book.add_worksheet(title[:31])
        heading = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E9EDF1", "border": 1})
        for place, (label, width) in enumerate(columns):
            sheet.set_column(place, place, min(width, _WIDEST))
            sheet.write_string(0, place, label, heading)
        sheet.freeze_panes(1, 1)
        for count, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                write_cell(sheet, count, place, value)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    return count


def open_book(out: BinaryIO, title: str, *, created: datetime) -> xlsxwriter.Workbook:
    """An empty workbook in which a text stays a text; rows are written in order and cost no memory.

    With the same `created` the same cells give the same bytes.
    """
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
    return book


def write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: object,
    style: xlsxwriter.format.Format | None = None,
) -> None:
    """One value as what it is: a figure, a moment or day, else a text; nothing leaves the cell empty."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, date):
        moment = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        sheet.write_datetime(row, column, moment, style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:32_000], style)
