"""The tables of a bulletin, finished: what the paper, the workbook and the screen all lay out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.cases import extensions_of, suspended_days
from reports.contents import (
    Balance,
    Breakdown,
    Cell,
    CellKind,
    Column,
    OverdueCase,
    Reconciled,
    SectionBalance,
    Table,
    Tally,
    Worked,
)
from reports.facts import Pressing, Registers
from reports.figures import Course
from tickets.calendar.office_time import office_day

_BALANCE = (
    ("上期结转", "opening"),
    ("本期新收", "received"),
    ("重启重办", "restored"),
    ("办结", "closed"),
    ("不予受理", "rejected"),
    ("转出", "transferred"),
    ("合并", "merged"),
    ("撤回", "withdrawn"),
    ("作废", "voided"),
    ("期末在办", "open_at_end"),
)
SMALL = 10  # below it a change is said in tickets, never in per cent


def text(title: str, width: int = 8, *, printed: bool = True) -> Column:
    return Column(title=title, width=width, printed=printed)


def number(title: str, width: int = 4, *, printed: bool = True) -> Column:
    return Column(title=title, width=width, kind=CellKind.NUMBER, printed=printed)


def day(title: str, *, printed: bool = True) -> Column:
    return Column(title=title, width=6, kind=CellKind.DATE, printed=printed)


def balance_table(total: Balance, sections: Iterable[SectionBalance]) -> Table:
    """One line a section and the sum; what came in and what went out stand side by side."""
    return Table(
        name="件数平衡",
        title="件数平衡表",
        columns=(text("股室", 6), *(number(label) for label, _ in _BALANCE)),
        rows=tuple((row.section, *_numbers(row.balance)) for row in sections),
        total=("合计", *_numbers(total)),
        note="上期结转＋本期新收＋重启重办＝办结＋不予受理＋转出＋合并＋撤回＋作废＋期末在办；按期末承办股室列。",
    )


def _numbers(balance: Balance) -> list[int]:
    return [getattr(balance, name) for _, name in _BALANCE]


def breakdown_table(found: Breakdown, campaign: str) -> Table:
    """What came in by one feature, with the change in tickets; per cent only of ten and more."""
    columns = [text(found.name), number("本期"), number("上期"), text("增减", 6), number("本年累计")]
    columns += [number("专项累计")] if campaign else []
    return Table(
        name=f"按{found.name}",
        title=f"本期新收按{found.name}统计（件次）",
        columns=tuple(columns),
        rows=tuple(
            (
                line.label,
                line.now,
                line.before,
                change_words(line.now, line.before),
                line.this_year,
                *([line.campaign] if campaign else []),
            )
            for line in found.lines
        ),
        note=f"专项累计指“{campaign}”计入的类别。" if campaign else "",
        empty="本期和本年无来件。",
    )


def change_words(now: int, before: int | None) -> str:
    """+5, −2（−16.7%）, 持平; a dash where there is nothing to compare with."""
    if before is None:
        return "—"
    change = now - before
    if change == 0:
        return "持平"
    sign = "+" if change > 0 else "−"
    share = f"（{sign}{abs(change) * 100 / before:.1f}%）" if before >= SMALL else ""
    return f"{sign}{abs(change)}{share}"


def counts_table(name: str, title: str, of: str, counts: Iterable[tuple[str, int]], note: str = "") -> Table:
    return Table(
        name=name,
        title=title,
        columns=(text(of, 20), number("件次")),
        rows=tuple((label, count) for label, count in counts),
        note=note,
    )


def work_table(rows: Iterable[Worked]) -> Table:
    return Table(
        name="专项工作",
        title="专项工作统计",
        columns=(text("项目", 12), text("单位", 3), number("本期"), number("本年累计")),
        rows=tuple((row.label, row.unit, row.now, row.this_year) for row in rows),
        note="由局里登记，按登记时间统计；系统里的件不计在内。",
        empty="本期和本年没有登记。",
    )


def overdue_table(cases: Sequence[OverdueCase]) -> Table:
    """Each late ticket with whom it waits for and why; an empty reason is said to be missing."""
    return Table(
        name="超期清单",
        title="超期未办结清单",
        columns=(
            number("序号", 2),
            text("编号", 9),
            text("超期类别", 5),
            text("涉及学校"),
            text("反映事项", 14),
            text("股室", 4),
            text("责任人", 4),
            text("超期天数", 6),
            text("当前环节", 6),
            day("原定期限"),
            day("现行期限"),
            text("延期（次数、天数、批准人）", 8),
            number("暂停天数", printed=False),
            number("督办次数", printed=False),
            text("超期原因", 10),
            day("预计办结"),
        ),
        rows=tuple(
            (
                place,
                case.number,
                case.label,
                case.school,
                case.subject,
                case.section,
                case.handler,
                days_words(case),
                case.waits_for,
                case.original_day.isoformat(),
                case.current_day.isoformat(),
                extension_words(case),
                case.suspended_days,
                case.pressed,
                case.reason or "未填写",
                case.expected_on.isoformat() if case.expected_on else None,
            )
            for place, case in enumerate(cases, start=1)
        ),
        note="五类超期分别列示，不相加；一件可有几类。内部时限按工作日、法定期限按自然日计。",
        empty="期末没有超期未办结的件。",
    )


def late_closed_table(cases: Sequence[OverdueCase]) -> Table:
    return Table(
        name="逾期办结",
        title="逾期后办结清单",
        columns=(
            number("序号", 2),
            text("编号", 9),
            text("涉及学校"),
            text("反映事项", 14),
            text("股室", 4),
            text("责任人", 4),
            day("原定期限"),
            day("现行期限"),
            day("答复或了结日期"),
            text("逾期天数", 6),
            text("延期（次数、天数、批准人）", 8),
            text("超期原因", 10),
        ),
        rows=tuple(
            (
                place,
                case.number,
                case.school,
                case.subject,
                case.section,
                case.handler,
                case.original_day.isoformat(),
                case.current_day.isoformat(),
                case.closed_on.isoformat() if case.closed_on else None,
                days_words(case),
                extension_words(case),
                case.reason or "未填写",
            )
            for place, case in enumerate(cases, start=1)
        ),
        empty="本期没有逾期后办结的件。",
    )


def days_words(case: OverdueCase) -> str:
    if not case.days:
        return "不足 1 个工作日" if case.unit == "个工作日" else "不足 1 日"
    return f"{case.days} 个工作日" if case.unit == "个工作日" else f"{case.days} 日（自然日）"


def extension_words(case: OverdueCase) -> str:
    if not case.extensions:
        return "未延期"
    return f"{case.extensions} 次，共 {case.extended_days} {case.unit.lstrip('个')}，{case.approved_by}批准"


def extended_table(courses: Sequence[Course], known: Registers) -> Table:
    """The extensions that were approved within the period."""
    rows: list[tuple[Cell, ...]] = []
    for course in courses:
        for each in course.owed:
            rows += [
                (
                    course.ticket.number,
                    course.ticket.school,
                    known.sections.get(course.section_id, ""),
                    each.row.kind.label,
                    row.day_before.isoformat(),
                    row.day_after.isoformat(),
                    row.days,
                    row.asked_by,
                    f"{row.approved_by}{'（纸质）' if row.on_paper else ''}",
                    row.reason if course.ticket.released else "（待确认）",
                )
                for row in extensions_of(course, each)
                if row.approved_at >= course.cut.start
            ]
    return Table(
        name="延期清单",
        title="本期批准延期清单",
        columns=(
            text("编号", 9),
            text("涉及学校"),
            text("股室", 4),
            text("时限", 4),
            day("延期前"),
            day("延期后"),
            number("天数"),
            text("申请人", 4),
            text("批准人", 5),
            text("理由", 12),
        ),
        rows=tuple(rows),
        empty="本期没有批准延期的件。",
    )


def suspended_table(courses: Sequence[Course], known: Registers) -> Table:
    """What stood still at any time within the period."""
    return Table(
        name="暂停清单",
        title="暂停计时清单",
        columns=(
            text("编号", 9),
            text("涉及学校"),
            text("股室", 4),
            text("理由", 9),
            day("起"),
            day("预定止"),
            day("实际止"),
            number("累计天数"),
            text("期末状态", 6),
        ),
        rows=tuple(
            (
                course.ticket.number,
                course.ticket.school,
                known.sections.get(course.section_id, ""),
                row.reason.label,
                office_day(row.started_at).isoformat(),
                row.until_day.isoformat(),
                office_day(row.ended_at).isoformat() if row.ended_at else None,
                suspended_days(course),
                course.closing.status.label if course.closing.status else "",
            )
            for course in courses
            for row in course.ticket.suspensions
            if row.ended_at is None or row.ended_at >= course.cut.start
        ),
        note="暂停计时不停止法定期限。",
        empty="本期没有暂停计时的件。",
    )


def reconciled_table(rows: Sequence[Reconciled]) -> Table:
    return Table(
        name="对账表",
        title="上期未办结件对账表",
        columns=(
            number("序号", 2),
            text("编号", 9),
            text("股室", 5),
            text("上期期末", 7),
            text("本期期末", 12),
            text("是否销账", 4),
        ),
        rows=tuple(
            (place, row.number, row.section, row.then, row.now, "是" if row.settled else "否")
            for place, row in enumerate(rows, start=1)
        ),
        empty="上期没有未办结的件。",
    )


def pressing_table(rows: Sequence[Pressing]) -> Table:
    """督办: what was demanded, of which tickets, and what became of it."""
    return Table(
        name="督办",
        title="督办事项落实情况",
        columns=(
            text("文号或编号", 9),
            text("种类", 6),
            text("来自", 6),
            day("日期"),
            text("要求", 16),
            text("涉及件", 9),
            day("要求答复"),
            day("答复"),
            text("状态", 6),
        ),
        rows=tuple(
            (
                row.number,
                row.kind,
                row.issuer,
                row.issued_on.isoformat(),
                row.demand,
                "、".join(row.tickets) or None,
                row.due_on.isoformat() if row.due_on else None,
                row.answered_on.isoformat() if row.answered_on else None,
                f"{row.state}（逾期）" if row.late else row.state,
            )
            for row in rows
        ),
        empty="本期没有督办事项。",
    )


def tally_table(tally: Tally) -> Table:
    return Table(
        name=f"{tally.name}去向",
        title=f"{tally.name}去向表",
        columns=(text("去向", 16), number("数量")),
        rows=tuple((label, count) for label, count in tally.parts),
        total=("合计", tally.total),
    )
