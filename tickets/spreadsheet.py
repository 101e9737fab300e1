"""Tables as xlsx: the one file that knows how. A cell is always what it says, never a formula or a link."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import BinaryIO

import openpyxl
import xlsxwriter

from core.errors import DomainError

_WIDEST = 60
_LARGEST_INSIDE = 50 * 1024 * 1024
_READ_COLUMNS = 40
_UNREADABLE = "这个文件不是 xlsx 表格，或已损坏。请在表格软件里另存为 xlsx 或 CSV UTF-8。"


class NotASheet(DomainError):
    """What was uploaded is no workbook that can be read."""


def read_sheet(content: bytes, *, at_most: int) -> list[list[str]]:
    """The cells of the first sheet as texts, formulas by their last value; no more rows than `at_most` and one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            inside = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise NotASheet(_UNREADABLE) from error
    if inside > _LARGEST_INSIDE:
        raise NotASheet("这个表格太大，打不开。")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=at_most + 1, max_col=_READ_COLUMNS, values_only=True)
        found = [[_as_text(value) for value in row] for row in rows]
    except Exception as error:  # the library raises whatever a broken file leads it to
        raise NotASheet(_UNREADABLE) from error
    while found and not any(found[-1]):
        found.pop()
    return found


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a telephone number that the program took for a figure
    return "" if value is None else str(value).strip()


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
