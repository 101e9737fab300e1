"""A bulletin as workbook: every table with all its columns, no text that runs, ready to filter and to print."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
from openpyxl.workbook import Workbook

from reports.contents import Annex, Bulletin
from reports.render.xlsx import render_xlsx
from tests.reports.render.samples import A_BALANCE, FULL, LEDGER_COLUMNS, ZERO, huge


def opened(bulletin: Bulletin) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(bulletin)))


def test_the_same_bulletin_is_the_same_bytes() -> None:
    assert render_xlsx(FULL) == render_xlsx(FULL)
    about = opened(FULL).properties
    assert about.created == datetime(2026, 11, 30, 16)  # noqa: DTZ001 - a workbook's moments are UTC without saying so
    with zipfile.ZipFile(io.BytesIO(render_xlsx(FULL))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_every_table_has_a_sheet_and_one_that_stands_in_two_places_has_one() -> None:
    assert opened(FULL).sheetnames == [
        "目录", "件数平衡", "按来源", "问题整改台账", "超期清单", "逾期办结", "延期清单", "对账表", "数据完整性说明", "邮件去向"
    ]  # fmt: skip


def test_the_ledger_has_all_columns_frozen_filtered_and_printed_with_its_head() -> None:
    sheet = opened(FULL)["问题整改台账"]
    assert [cell.value for cell in sheet[3]] == [column.title for column in LEDGER_COLUMNS]
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == "A3:U26"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.print_area == "'问题整改台账'!$A$1:$U$27"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet["C4"].value == datetime(2026, 11, 2)  # noqa: DTZ001 - a day
    assert sheet["C4"].number_format == "yyyy-mm-dd"


def test_a_sum_stands_below_what_a_filter_hides() -> None:
    sheet = opened(FULL)["件数平衡"]
    assert sheet.auto_filter.ref == "A3:K5"
    assert [cell.value for cell in sheet[6]][:3] == ["合计", 8, 31]
    assert str(sheet["A7"].value).startswith("注：上期结转＋")


def test_a_text_stays_a_text() -> None:
    table = replace(
        A_BALANCE,
        rows=(("=cmd|'/c calc'!A0", *(0,) * 10), ("@SUM(1)", *(0,) * 10), ("http://x.cn", *(0,) * 10)),
    )
    book = opened(replace(FULL, chapters=(), annexes=(Annex(number=1, title="统计表", tables=(table,)),)))
    cells = [book["件数平衡"].cell(row, 1) for row in (4, 5, 6)]
    assert [cell.data_type for cell in cells] == ["s"] * 3
    assert [cell.value for cell in cells] == ["=cmd|'/c calc'!A0", "@SUM(1)", "http://x.cn"]
    assert all(cell.hyperlink is None for cell in cells)


def test_names_that_a_workbook_refuses_are_made_ones_that_it_takes() -> None:
    tables = tuple(
        replace(A_BALANCE, name=name, title=name)
        for name in ("按[学校]:?", "按学校", "长" * 40, "长" * 41, "目录", "")
    )
    book = opened(replace(FULL, chapters=(), annexes=(Annex(number=1, title="统计表", tables=tables),)))
    assert book.sheetnames == [
        "目录",
        "按学校",
        "按学校（2）",
        "长" * 31,
        "长" * 28 + "（2）",
        "目录（2）",
        "表",
    ]


def test_a_table_of_the_workbook_only_is_in_it() -> None:
    hidden = replace(A_BALANCE, name="登记台账", printed=False)
    assert (
        "登记台账"
        in opened(replace(FULL, annexes=(Annex(number=1, title="台账", tables=(hidden,)),))).sheetnames
    )


def test_a_table_without_rows_says_so() -> None:
    assert opened(ZERO)["问题整改台账"]["A4"].value == "本期没有属实或部分属实的件。"


def test_paragraphs_of_an_annex_have_a_sheet_of_their_own() -> None:
    sheet = opened(FULL)["数据完整性说明"]
    assert str(sheet["A3"].value).startswith("本期编号自 ZJ20261103-0001 起连续")


def test_the_first_sheet_says_what_this_is_and_where_things_are() -> None:
    values = [cell.value for row in opened(FULL)["目录"].iter_rows() for cell in row if cell.value]
    assert values[:3] == [FULL.title, "编号：ZB-2026-11", "安溪县教育局"]
    assert {
        "系统自动生成，数据截至2026年11月30日24时",
        "统计期间：2026-11-01至2026-11-30",
        "上期未办结件对账表",
    } <= set(values)


def test_three_thousand_lines_are_all_there() -> None:
    assert opened(huge())["问题整改台账"]["A3003"].value == 3_000
