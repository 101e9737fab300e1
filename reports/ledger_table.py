"""问题整改台账 and 登记台账: every line a ticket, fifteen columns on paper, all of them in the workbook. Pure.

Nothing in them says anything of who complained: no name, no number, not even what kind of person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.cases import Reason, is_late, suspended_days
from reports.contents import Cell, Column, Table
from reports.courses import Owed
from reports.facts import Registers, SchoolFacts
from reports.figures import Course
from reports.tables import day, number, text
from tickets.calendar.office_time import office_day
from tickets.deadlines.rules import DeadlineKind
from tickets.late import Group, group_of
from tickets.vocabulary import Outcome, Satisfaction, Status

PROVEN = frozenset({Outcome.TRUE, Outcome.PARTLY_TRUE})

_COLUMNS: tuple[Column, ...] = (
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
    text("合并主件号", 9, printed=False),
    text("是否属实", 4),
    text("整改措施", 12),
    day("整改时限（原定）", printed=False),
    day("整改时限"),
    text("当前环节", 5),
    text("是否办结", 4, printed=False),
    day("办结（答复）日期"),
    text("是否超期", 5),
    text("超期原因、预计办结", 8),
    number("延期次数", printed=False),
    number("延期天数", printed=False),
    text("延期批准人", 6, printed=False),
    number("暂停次数", printed=False),
    number("暂停天数", printed=False),
    text("督办情况", 8, printed=False),
    text("回访情况", 6, printed=False),
    text("备注", 8, printed=False),
)


def rectification_table(
    courses: Sequence[Course], known: Registers, reasons: Mapping[str, Reason], bans: Mapping[int, str]
) -> Table:
    """问题整改台账: only what was found true, wholly or in part."""
    chosen = [course for course in courses if _in_play(course) and course.closing.outcome in PROVEN]
    return Table(
        name="问题整改台账",
        title="问题整改台账",
        columns=_COLUMNS,
        rows=_rows(chosen, known, reasons, bans),
        note="只列属实和部分属实的件；反映问题为经人确认的脱敏摘要，未确认的只写类别。",
        empty="本期没有属实或部分属实的件。",
    )


def registration_table(
    courses: Sequence[Course], known: Registers, reasons: Mapping[str, Reason], bans: Mapping[int, str]
) -> Table:
    """登记台账: everything that came in; in the workbook only."""
    chosen = [course for course in courses if course.came_in]
    return Table(
        name="登记台账",
        title="登记台账（本期新收）",
        columns=_COLUMNS,
        rows=_rows(chosen, known, reasons, bans),
        printed=False,
    )


def _in_play(course: Course) -> bool:
    return course.opening.open or course.came_in or course.closing.open or bool(course.events)


def _rows(
    courses: Sequence[Course], known: Registers, reasons: Mapping[str, Reason], bans: Mapping[int, str]
) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (place, *_row(course, known, reasons.get(course.ticket.number), bans))
        for place, course in enumerate(courses, start=1)
    )


def _row(course: Course, known: Registers, reason: Reason | None, bans: Mapping[int, str]) -> list[Cell]:
    ticket = course.ticket
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
        course.closing.merged_into if course.closing.status is Status.MERGED else None,
        course.closing.outcome.label if course.closing.outcome else None,
        _measures(course),
        *_dates(course),
        *_lateness(course, reason),
        *_extensions(course),
        len(ticket.suspensions),
        suspended_days(course),
        "、".join(ticket.pressed) or None,
        _satisfaction(course),
        "补录" if ticket.backfilled else None,
    ]


def _school(school: SchoolFacts | None) -> list[Cell]:
    if school is None:
        return [None, None, None]
    stage = school.stage.label if school.stage else "多学段"
    return ["城区" if school.urban else "乡镇", stage, "民办" if school.private else "公办"]


def _measures(course: Course) -> Cell:
    """Nobody has checked it for names until the summary was confirmed."""
    if not course.closing.measures:
        return None
    return course.closing.measures if course.ticket.released else "（待确认）"


def _resolve(course: Course) -> Owed | None:
    rows = [each for each in course.owed if each.row.kind is DeadlineKind.RESOLVE]
    return max(rows, key=lambda each: each.row.round, default=None)


def _dates(course: Course) -> list[Cell]:
    each, closing = _resolve(course), course.closing
    assert closing.status is not None  # noqa: S101 - a ticket of the list was registered
    return [
        each.row.original_last_day.isoformat() if each else None,
        each.last_day.isoformat() if each else None,
        closing.status.label,
        "是" if closing.status is Status.CLOSED else "否",
        office_day(closing.answered_at).isoformat() if closing.answered_at else None,
    ]


def _lateness(course: Course, reason: Reason | None) -> list[Cell]:
    groups = {group_of(each.row.kind) for each in course.owed if is_late(each, course.cut.at)} - {None}
    words = "、".join(group.label for group in Group if group in groups)
    if not words:
        return ["否", None]
    expected = f"，预计 {reason.expected_on.isoformat()} 办结" if reason and reason.expected_on else ""
    return [words, f"{reason.text}{expected}" if reason else "未填写"]


def _extensions(course: Course) -> list[Cell]:
    rows = course.ticket.extensions
    return [
        len(rows),
        sum(row.days for row in rows),
        "、".join(dict.fromkeys(row.approved_by for row in rows)) or None,
    ]


def _satisfaction(course: Course) -> Cell:
    labels = {each.value: each.label for each in Satisfaction}
    said = [
        labels.get(str(event.data["satisfaction"]))
        for event in course.ticket.events
        if event.says("satisfaction") and event.recorded_at < course.cut.before
    ]
    return said[-1] if said else None
