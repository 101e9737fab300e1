"""Bulletins as workbooks: every table a sheet with all its columns, to be filtered, and printed with its head on every page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from math import ceil

import xlsxwriter

from reports.contents import Annex, Bulletin, Cell, CellKind, Column, Table
from reports.render import cells, words
from tickets.spreadsheet import open_book, write_cell

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_INDEX = "目录"
# Excel measures columns in digits: a Chinese character takes two and a little.
_DIGITS = 2.1
_LINE = 15  # points
_A4_DIGITS = 130  # what still can be read when it is shrunk to one sheet lengthwise
_NARROW, _TEXT_SHEET = 10.0, 78.0


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """A sheet to be: its paragraphs stand above its table."""

    title: str
    wanted_name: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
    landscape: bool = False


def render_xlsx(bulletin: Bulletin) -> bytes:
    """The bulletin's tables as a workbook; the same bulletin gives the same bytes."""
    out = io.BytesIO()
    with open_book(out, bulletin.title, created=bulletin.cutoff.astimezone(UTC)) as book:
        formats = _Formats(book)
        sheets = list(_sheets(bulletin))
        names = _names(sheets)
        _write_index(book.add_worksheet(_INDEX), bulletin, sheets, names, formats)
        for name, sheet in zip(names, sheets, strict=True):
            _write(book.add_worksheet(name), sheet, words.number_line(bulletin), bulletin, formats)
    return out.getvalue()


def _sheets(bulletin: Bulletin) -> Iterator[_Sheet]:
    """The annexes' tables, before them the chapters' that no annex repeats."""
    repeated = [table for annex in bulletin.annexes for table in annex.tables]
    for chapter in bulletin.chapters:
        for passage in chapter.passages:
            for table in passage.tables:
                if table not in repeated:
                    yield _Sheet(title=table.title, wanted_name=table.name, table=table)
    for annex in bulletin.annexes:
        yield from _annex_sheets(annex)


def _annex_sheets(annex: Annex) -> Iterator[_Sheet]:
    if annex.paragraphs:
        yield _Sheet(title=annex.title, wanted_name=annex.title, paragraphs=annex.paragraphs)
    for table in annex.tables:
        yield _Sheet(title=table.title, wanted_name=table.name, table=table, landscape=annex.landscape)


def _names(sheets: Sequence[_Sheet]) -> list[str]:
    """A name for each sheet as a workbook takes it: short, without some signs, no two alike."""
    taken = {_INDEX}
    found = []
    for sheet in sheets:
        base = _FORBIDDEN.sub("", sheet.wanted_name)[:_LONGEST_NAME] or "表"
        name, turn = base, 1
        while name in taken:
            turn += 1
            mark = f"（{turn}）"
            name = base[: _LONGEST_NAME - len(mark)] + mark
        taken.add(name)
        found.append(name)
    return found


def _write_index(
    page: xlsxwriter.worksheet.Worksheet,
    bulletin: Bulletin,
    sheets: Sequence[_Sheet],
    names: Sequence[str],
    formats: _Formats,
) -> None:
    """What this workbook is, up to when it counts, and what lies on which sheet."""
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 60)
    page.set_row(0, 30)
    write_cell(page, 0, 0, bulletin.title, formats.title)
    facts = [
        (words.number_line(bulletin), bulletin.office),
        (words.made_line(bulletin).strip("（）"), ""),
        (f"统计期间：{bulletin.span.first_day.isoformat()}至{bulletin.span.last_day.isoformat()}", ""),
        *([(words.correction_line(bulletin), "")] if bulletin.corrects else []),
    ]
    for row, (left, right) in enumerate(facts, start=1):
        write_cell(page, row, 0, left, formats.plain)
        if right:
            write_cell(page, row, 1, right, formats.plain)
    head = len(facts) + 2
    for column, text in enumerate(("工作表", "内容")):
        write_cell(page, head, column, text, formats.head)
    for row, (name, sheet) in enumerate(zip(names, sheets, strict=True), start=head + 1):
        write_cell(page, row, 0, name, formats.text)
        write_cell(page, row, 1, sheet.title, formats.text)
    _prepare_print(page, bottom=head + len(sheets), right=1, landscape=False)


def _write(
    page: xlsxwriter.worksheet.Worksheet, sheet: _Sheet, number: str, bulletin: Bulletin, formats: _Formats
) -> None:
    page.set_row(0, 28)
    write_cell(page, 0, 0, sheet.title, formats.title)
    write_cell(page, 1, 0, f"{bulletin.office}　{number}　数据截至{bulletin.cutoff_words}", formats.plain)
    if sheet.table is not None:
        _write_table(page, sheet.table, formats, landscape=sheet.landscape)
        return
    page.set_column(0, 0, _TEXT_SHEET)
    for row, text in enumerate(sheet.paragraphs, start=2):
        page.set_row(row, _LINE * _lines([text], [_TEXT_SHEET]) + 3)
        write_cell(page, row, 0, text, formats.prose)
    _prepare_print(page, bottom=1 + len(sheet.paragraphs), right=0, landscape=False)


def _write_table(
    page: xlsxwriter.worksheet.Worksheet, table: Table, formats: _Formats, *, landscape: bool
) -> None:
    """The head stands in the third row; the sum stands below what a filter hides."""
    head, last = 2, len(table.columns) - 1
    sizes = [_width(column) for column in table.columns]
    for place, size in enumerate(sizes):
        page.set_column(place, place, size)
    lines = _lines([column.title for column in table.columns], sizes)
    page.set_row(head, _LINE * lines + 5)
    for place, column in enumerate(table.columns):
        write_cell(page, head, place, column.title, formats.head)
    row = head
    for row, line in enumerate(table.rows, start=head + 1):
        # Some programs leave a row as high as one line unless they are told.
        page.set_row(row, _LINE * _lines(line, sizes) + 3)
        for place, (cell, column) in enumerate(zip(line, table.columns, strict=True)):
            write_cell(page, row, place, _value(cell, column), formats.of(column))
    page.autofilter(head, 0, max(row, head + 1), last)
    # One frozen column for the number of the line would say nothing; the second one names it.
    page.freeze_panes(head + 1, min(2, last))
    if not table.rows:
        row += 1
        write_cell(page, row, 0, table.empty, formats.plain)
    if table.total is not None:
        row += 1
        for place, cell in enumerate(table.total):
            write_cell(page, row, place, cell, formats.head)
    if table.note:
        row += 1
        write_cell(page, row, 0, words.note_line(table), formats.plain)
    page.repeat_rows(head)
    wide = sum(sizes)
    _prepare_print(
        page,
        bottom=row,
        right=last,
        landscape=landscape or wide > _TEXT_SHEET,
        across=ceil(wide / _A4_DIGITS),
    )
    if wide > _A4_DIGITS:
        page.repeat_columns(0, min(1, last))


def _prepare_print(
    page: xlsxwriter.worksheet.Worksheet, *, bottom: int, right: int, landscape: bool, across: int = 1
) -> None:
    page.set_paper(9)  # A4
    if landscape:
        page.set_landscape()
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    page.fit_to_pages(across, 0)
    page.print_area(0, 0, bottom, right)
    page.set_footer("&C— &P —")


def _width(column: Column) -> float:
    return max(column.width * _DIGITS + 2, _NARROW if column.kind is not CellKind.NUMBER else 7.0)


def _lines(line: Sequence[Cell], sizes: Sequence[float]) -> int:
    """How many lines the highest cell of a row takes."""
    return max(
        sum(
            ceil(cells.width_of(part) * _DIGITS / (size - 1)) or 1 for part in cells.text_of(cell).split("\n")
        )
        for cell, size in zip(line, sizes, strict=True)
    )


def _value(cell: Cell, column: Column) -> object:
    """A day becomes a day that a workbook can sort and reckon with; whatever is none stays as it is."""
    if column.kind is CellKind.DATE and isinstance(cell, str):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            return cell
    return cell


class _Formats:
    """How cells look, made once a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book

    @cached_property
    def title(self) -> xlsxwriter.format.Format:
        return self._make(font_name="黑体", font_size=16)

    @cached_property
    def plain(self) -> xlsxwriter.format.Format:
        return self._make(font_size=10)

    @cached_property
    def prose(self) -> xlsxwriter.format.Format:
        return self._make(text_wrap=True)

    @cached_property
    def head(self) -> xlsxwriter.format.Format:
        return self._make(font_name="黑体", text_wrap=True, align="center", border=1, bg_color="#E9EDF1")

    @cached_property
    def text(self) -> xlsxwriter.format.Format:
        return self._make(text_wrap=True, border=1)

    @cached_property
    def number(self) -> xlsxwriter.format.Format:
        return self._make(align="center", border=1)

    @cached_property
    def day(self) -> xlsxwriter.format.Format:
        return self._make(align="center", border=1, num_format="yyyy-mm-dd")

    def of(self, column: Column) -> xlsxwriter.format.Format:
        """The format of a column's cells."""
        return {CellKind.NUMBER: self.number, CellKind.DATE: self.day}.get(column.kind, self.text)

    def _make(self, **looks: object) -> xlsxwriter.format.Format:
        return self._book.add_format({"font_name": "宋体", "font_size": 11, "valign": "vcenter"} | looks)
