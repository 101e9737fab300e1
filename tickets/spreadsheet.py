"""Tables as xlsx: the one file that knows how. A cell is always what it says, never a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
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
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    count = 0
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        sheet = book.add_worksheet(title[:31])
        heading = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E9EDF1", "border": 1})
        for place, (label, width) in enumerate(columns):
            sheet.set_column(place, place, min(width, _WIDEST))
            sheet.write_string(0, place, label, heading)
        sheet.freeze_panes(1, 1)
        for count, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                _write(sheet, count, place, value)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    return count


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None))
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:32_000])
