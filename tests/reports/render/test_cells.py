"""What paper makes of a table: columns, widths, the middle; and of a text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.contents import Table
from reports.render import cells
from reports.render.words import annex_list, close_up
from tests.reports.render.samples import A_BALANCE, FULL, OVERDUE, day, ledger, text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("上期结转 8 件", "上期结转8件"),
        ("超期 3 个工作日，预计 2026-12-03 办结", "超期3个工作日，预计2026-12-03办结"),
        ("18/20（90.0%）", "18/20（90.0%）"),
        ("中教股 王军", "中教股 王军"),
        ("10月1日 21:10 至 10月4日", "10月1日21:10至10月4日"),
        ("a b 1 2", "a b 1 2"),
    ],
)
def test_figures_and_characters_stand_together_on_paper(written: str, printed: str) -> None:
    assert close_up(written) == printed


@pytest.mark.parametrize("room", [30.0, 42.0, 80.0, 200.0])
@pytest.mark.parametrize("table", [A_BALANCE, OVERDUE, ledger(40), ledger(0)], ids=lambda table: table.name)
def test_columns_fill_the_room_exactly(table: Table, room: float) -> None:
    shown = cells.on_paper(table)
    found = cells.widths(shown, room)
    assert sum(found) == pytest.approx(room)
    assert min(found) > 0


def test_where_room_is_short_a_date_stays_on_its_line_and_long_texts_get_more() -> None:
    table = Table(
        name="清单",
        title="清单",
        columns=(day("期限"), text("学校", 10), text("事项", 10)),
        rows=(("2026-12-03", "凤鸣中学", "课后服务期间集中讲授新课，家长要求停止并公示安排"),),
    )
    date_width, school, matter = cells.widths(table, 20.0)
    assert date_width >= 5
    assert school >= 4
    assert matter > school


def test_the_columns_of_the_workbook_only_are_left_out_of_the_sum_too() -> None:
    table = replace(
        A_BALANCE,
        columns=(A_BALANCE.columns[0], *(replace(column, printed=False) for column in A_BALANCE.columns[1:])),
    )
    shown = cells.on_paper(table)
    assert shown.rows == (("中教股",), ("初幼教股",))
    assert shown.total == ("合计",)


def test_short_columns_stand_in_the_middle_and_prose_does_not() -> None:
    table = Table(
        name="清单",
        title="清单",
        columns=(text("股室", 5), text("事项", 8)),
        rows=(("中教股", "要求退还未参加课后服务期间的费用"),),
    )
    assert cells.centred(table) == [True, False]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("统计表", ["统计表"]),
        (FULL.title, ["投诉举报受理办理情况数据专报", "（2026年11月）"]),
        (
            "安溪县教育局群众诉求受理办理情况数据专报（2026年11月）",
            ["安溪县教育局", "群众诉求受理办理情况数据专报", "（2026年11月）"],
        ),
        (
            "安溪县教育局关于课后服务投诉举报办理的情况报告",
            ["安溪县教育局", "关于课后服务投诉举报办理的情况报告"],
        ),
        ("没有一处可以停顿" * 4, ["没有一处可以停顿" * 4]),
    ],
)
def test_a_long_title_breaks_where_a_reader_pauses(title: str, lines: list[str]) -> None:
    assert cells.title_lines(title, 19) == lines


@pytest.mark.parametrize(
    ("title", "width", "shown"),
    [("上期结转", 3.2, "上期\n结转"), ("编号", 3.2, "编号"), ("办结（答复）日期", 4.0, "办结（答复）日期")],
)
def test_a_heading_that_does_not_fit_has_lines_of_the_same_length(
    title: str, width: float, shown: str
) -> None:
    assert cells.heading_lines(title, width) == shown


def test_one_annex_has_no_number() -> None:
    assert annex_list(FULL.annexes[:1]) == ["附件：统计表"]
    assert annex_list(FULL.annexes[:2]) == ["附件：1.统计表", "2.问题整改台账"]
    assert annex_list(()) == []
