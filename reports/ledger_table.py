"""问题整改台账 and 登记台账: every line a ticket, fifteen columns on paper, all of them in the workbook. Pure.

Nothing in them says anything of who complained: no name, no number, not even what kind of person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from reports.cases import Reason, Setting, is_late, suspended_days
from reports.contents import Cell, Column, Table
from reports.courses import Owed
from reports.facts import Registers, SchoolFacts
from reports.figures import Course
from reports.order_course import OrderCourse, orders_of, progress
from reports.tables import day, number, text
from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import DeadlineKind, overdue_days
from tickets.late import Group, group_of
from tickets.vocabulary import Outcome, Satisfaction, Status

_TICK = timedelta(microseconds=1)
PROVEN = frozenset({Outcome.TRUE, Outcome.PARTLY_TRUE})

COLUMNS: tuple[Column, ...] = (
    number("序号", 2),
    text("编号", 9),
    day("登记日期"),
    day("来件日期", printed=False),
    text("来源", 6),
    text("反映问题", 14),
    text("问题类别", 6),
    text("五严禁", 4, printed=False),
    text("三类问题", 4, printed=False),
    text("涉及学校", 8),
    text("城区/乡镇", 4, printed=False),
    text("学段", 4, printed=False),
    text("公办/民办", 4, printed=False),
    text("责任股室、责任人", 6),
    text("责任股室", 5, printed=False),
    text("责任领导", 5, printed=False),
    text("责任人", 5, printed=False),
    text("承办单位", 8, printed=False),
    text("件次/事项", 4, printed=False),
    text("合并主件号", 9, printed=False),
    text("是否属实", 4),
    text("整改措施", 12),
    day("整改时限（原定）", printed=False),
    day("整改时限"),
    day("交办日期", printed=False),
    day("送达日期", printed=False),
    day("学校反馈日期", printed=False),
    text("整改进展", 6, printed=False),
    text("当前环节", 5),
    text("是否办结", 4, printed=False),
    day("办结（答复）日期"),
    text("答复方式", 4, printed=False),
    text("是否超期", 5),
    text("超期天数（单位）", 8, printed=False),
    text("超期原因、预计办结", 8),
    number("延期次数", printed=False),
    number("延期天数", printed=False),
    text("延期批准人", 6, printed=False),
    text("延期审批方式", 5, printed=False),
    number("暂停次数", printed=False),
    number("暂停天数", printed=False),
    text("暂停理由", 8, printed=False),
    text("督办情况", 8, printed=False),
    text("回访情况", 6, printed=False),
    text("佐证材料", 8, printed=False),
    text("备注", 8, printed=False),
)


def rectification_table(courses: Sequence[Course], setting: Setting, bans: Mapping[int, str]) -> Table:
    """问题整改台账: only what was found true, wholly or in part."""
    chosen = [course for course in courses if _in_play(course) and course.closing.outcome in PROVEN]
    return Table(
        name="问题整改台账",
        title="问题整改台账",
        columns=COLUMNS,
        rows=_rows(chosen, setting, bans),
        note="只列属实和部分属实的件；反映问题为经人确认的脱敏摘要，未确认的只写类别。",
        empty="本期没有属实或部分属实的件。",
    )


def registration_table(courses: Sequence[Course], setting: Setting, bans: Mapping[int, str]) -> Table:
    """登记台账: everything that came in; in the workbook only."""
    chosen = [course for course in courses if course.came_in]
    return Table(
        name="登记台账",
        title="登记台账（本期新收）",
        columns=COLUMNS,
        rows=_rows(chosen, setting, bans),
        printed=False,
    )


def table_of(courses: Sequence[Course], setting: Setting, bans: Mapping[int, str], *, name: str) -> Table:
    """The same columns for any tickets: what an export chooses from."""
    return Table(name=name, title=name, columns=COLUMNS, rows=_rows(courses, setting, bans))


def _in_play(course: Course) -> bool:
    return course.opening.open or course.came_in or course.closing.open or bool(course.events)


def _rows(
    courses: Sequence[Course], setting: Setting, bans: Mapping[int, str]
) -> tuple[tuple[Cell, ...], ...]:
    known, reasons = setting.registers, setting.reasons
    return tuple(
        (place, *_row(course, known, reasons.get(course.ticket.number), bans, setting.calendar))
        for place, course in enumerate(courses, start=1)
    )


def _row(
    course: Course,
    known: Registers,
    reason: Reason | None,
    bans: Mapping[int, str],
    calendar: WorkingCalendar,
) -> list[Cell]:
    ticket = course.ticket
    orders = orders_of(course)
    section = known.sections.get(course.section_id, "")
    school = ticket.schools[0] if ticket.schools and not ticket.school.startswith("（") else None
    return [
        ticket.number,
        office_day(ticket.recorded_at).isoformat(),
        office_day(ticket.received_at).isoformat(),
        " ".join(part for part in (ticket.channel.label, ticket.source_ref) if part),
        ticket.subject,
        ticket.category.name if ticket.category else "未分类",
        "、".join(bans.get(ban, "") for ban in ticket.category.bans) if ticket.category else None,
        str(ticket.category.group) if ticket.category and ticket.category.group else None,
        ticket.school,
        *_school(school),
        f"{section} {course.closing.handler or '未指定'}",
        section,
        known.leaders.get(course.section_id) or None,
        course.closing.handler or "未指定",
        "、".join(dict.fromkeys(ticket.units[each.id] for each in orders if each.id in ticket.units)) or None,
        "件次" if course.closing.status is Status.MERGED else "事项",
        course.closing.merged_into if course.closing.status is Status.MERGED else None,
        course.closing.outcome.label if course.closing.outcome else None,
        _confirmed(course, course.closing.measures),
        *_limits(course),
        *_school_dates(orders),
        progress(course, orders),
        *_standing(course),
        *_lateness(course, reason, calendar),
        *_extensions(course),
        len(ticket.suspensions),
        suspended_days(course),
        "、".join(dict.fromkeys(row.reason.label for row in ticket.suspensions)) or None,
        "、".join(ticket.pressed) or None,
        _satisfaction(course),
        _confirmed(course, course.closing.evidence),
        "补录" if ticket.backfilled else None,
    ]


def _school(school: SchoolFacts | None) -> list[Cell]:
    if school is None:
        return [None, None, None]
    stage = school.stage.label if school.stage else "多学段"
    return ["城区" if school.urban else "乡镇", stage, "民办" if school.private else "公办"]


def _confirmed(course: Course, said: str) -> Cell:
    """Nobody has checked it for names until the summary was confirmed."""
    if not said:
        return None
    return said if course.ticket.released else "（待确认）"


def _resolve(course: Course) -> Owed | None:
    rows = [each for each in course.owed if each.row.kind is DeadlineKind.RESOLVE]
    return max(rows, key=lambda each: each.row.round, default=None)


def _limits(course: Course) -> list[Cell]:
    each = _resolve(course)
    return [each.row.original_last_day.isoformat(), each.last_day.isoformat()] if each else [None, None]


def _school_dates(orders: Sequence[OrderCourse]) -> list[Cell]:
    """The newest order's: when it was issued, delivered, answered."""
    if not orders:
        return [None, None, None]
    newest = orders[-1]
    moments = (newest.issued_at, newest.delivered_at, newest.reported_at)
    return [office_day(moment).isoformat() if moment else None for moment in moments]


def _standing(course: Course) -> list[Cell]:
    closing = course.closing
    assert closing.status is not None  # noqa: S101 - a ticket of the list was registered
    return [
        closing.status.label,
        "是" if closing.status is Status.CLOSED else "否",
        office_day(closing.answered_at).isoformat() if closing.answered_at else None,
        closing.answered_how if closing.answered_at else None,
    ]


def _lateness(course: Course, reason: Reason | None, calendar: WorkingCalendar) -> list[Cell]:
    """Which kinds, how many days each in its own unit, and why."""
    worst: dict[Group, Owed] = {}
    for each in course.owed:
        group = group_of(each.row.kind)
        if group is not None and is_late(each, course.cut.at):
            before = worst.get(group)
            worst[group] = each if before is None or each.last_day < before.last_day else before
    if not worst:
        return ["否", None, None]
    late = [(group, worst[group]) for group in Group if group in worst]
    days = [
        f"{group.label} {_days_over(each, course, calendar)} {each.row.unit.label}" for group, each in late
    ]
    expected = f"，预计 {reason.expected_on.isoformat()} 办结" if reason and reason.expected_on else ""
    return [
        "、".join(group.label for group, _ in late),
        "、".join(days),
        f"{reason.text}{expected}" if reason else "未填写",
    ]


def _days_over(each: Owed, course: Course, calendar: WorkingCalendar) -> int:
    """The days that are over: at 24 o'clock the day that follows has not been missed yet."""
    return overdue_days(each.due, course.cut.at - _TICK, calendar)


def _extensions(course: Course) -> list[Cell]:
    rows = course.ticket.extensions
    return [
        len(rows),
        sum(row.days for row in rows),
        "、".join(dict.fromkeys(row.approved_by for row in rows)) or None,
        "、".join(dict.fromkeys("纸质" if row.on_paper else "系统" for row in rows)) or None,
    ]


def _satisfaction(course: Course) -> Cell:
    labels = {each.value: each.label for each in Satisfaction}
    said = [
        labels.get(str(event.data["satisfaction"]))
        for event in course.ticket.events
        if event.says("satisfaction") and event.recorded_at < course.cut.before
    ]
    return said[-1] if said else None
