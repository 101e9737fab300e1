"""Case by case: what is late and why, what was closed late, what was extended and suspended. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reports.contents import OverdueCase, OverdueCount
from reports.courses import Owed, owed
from reports.facts import ExtensionFacts, Registers
from reports.figures import Course
from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import DeadlineKind, Unit, overdue_days
from tickets.late import GROUPS, Group, group_of
from tickets.standing import Clocked, standing

_TICK = timedelta(microseconds=1)
_WAITING = {DeadlineKind.NOTICE: "等书面告知反映人"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a ticket is late, as its section has written down, and when it expects to be done."""

    text: str
    expected_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the lists need besides the courses."""

    calendar: WorkingCalendar
    registers: Registers
    reasons: Mapping[str, Reason]


def overdue_cases(courses: Iterable[Course], setting: Setting) -> tuple[OverdueCase, ...]:
    """Every ticket late at the cut-off, once a kind, the longest first; the five kinds apart."""
    found = []
    for course in courses:
        worst: dict[Group, Owed] = {}
        for each in course.owed:
            group = group_of(each.row.kind)
            if group is not None and is_late(each, course.cut.at):
                before = worst.get(group)
                worst[group] = each if before is None or each.last_day < before.last_day else before
        found += [_case(course, each, group, setting) for group, each in worst.items()]
    return _in_order(found)


def is_late(each: Owed, at: datetime) -> bool:
    """Missed at the moment; an estimated date is never missed."""
    return each.running and not each.row.provisional and each.due_at <= at


def late_closed(courses: Iterable[Course], setting: Setting) -> tuple[OverdueCase, ...]:
    """Answered, or ended in another way, after it was due, and written down so within the period."""
    found = []
    for course in courses:
        late = [each for each in course.owed if _ended_late(each)]
        if not late:
            continue
        earlier = {each.row.id for each in owed(course.ticket, course.cut.start) if not each.running}
        found += [
            _case(course, each, Group.RESOLVE, setting, closed=each.met_at or each.ended_at)
            for each in late
            if each.row.id not in earlier
        ]
    return _in_order(found)


def _ended_late(each: Owed) -> bool:
    done = each.met_at or each.ended_at
    return (
        each.row.kind is DeadlineKind.RESOLVE
        and not each.row.provisional
        and done is not None
        and each.due_at <= done
    )


def overdue_counts(cases: Sequence[OverdueCase]) -> tuple[OverdueCount, ...]:
    """The five kinds with how many tickets each, and the longest in its own unit; never added up."""
    found = []
    for group in GROUPS:
        of = [case for case in cases if case.kind == group.value]
        unit = (Unit.NATURAL if group is Group.LEGAL else Unit.WORKING).label
        found.append(
            OverdueCount(
                kind=group.value,
                label=group.label,
                tickets=len(of),
                longest=max((case.days for case in of), default=0),
                unit=unit,
            )
        )
    return tuple(found)


def _case(
    course: Course, each: Owed, group: Group, setting: Setting, *, closed: datetime | None = None
) -> OverdueCase:
    ticket, cut = course.ticket, course.cut
    assert course.closing.status is not None  # noqa: S101 - a ticket that owes something has a status
    extensions = extensions_of(course, each)
    reason = setting.reasons.get(ticket.number, Reason(text=""))
    # The days that are over: at 24 o'clock the day that follows has not been missed yet.
    counted_at = closed if closed is not None else cut.at - _TICK
    here = standing(
        course.closing.status,
        [Clocked(due=each.due)],
        cut.at,
        setting.calendar,
        handler=course.closing.handler,
    )
    return OverdueCase(
        number=ticket.number,
        kind=group.value,
        label=group.label,
        school=ticket.school,
        section=setting.registers.sections.get(course.section_id, ""),
        subject=ticket.subject,
        days=overdue_days(each.due, counted_at, setting.calendar),
        unit=each.row.unit.label,
        waits_for="" if closed is not None else _WAITING.get(each.row.kind) or here.waits_for,
        handler=course.closing.handler or "未指定",
        reason=reason.text,
        expected_on=reason.expected_on,
        original_day=each.row.original_last_day,
        current_day=each.last_day,
        extensions=len(extensions),
        extended_days=sum(extension.days for extension in extensions),
        approved_by="、".join(dict.fromkeys(_approver(extension) for extension in extensions)),
        suspended_days=suspended_days(course),
        pressed=len(ticket.pressed),
        closed_on=office_day(closed) if closed is not None else None,
    )


def extensions_of(course: Course, each: Owed) -> list[ExtensionFacts]:
    return [row for row in course.ticket.extensions if row.deadline_id == each.row.id]


def suspended_days(course: Course) -> int:
    """How many natural days the clock has stood still until the cut-off."""
    total = 0
    for row in course.ticket.suspensions:
        end = min(row.ended_at or course.cut.at, course.cut.at)
        total += max((office_day(end) - office_day(row.started_at)).days, 0)
    return total


def _approver(extension: ExtensionFacts) -> str:
    return f"{extension.approved_by}{'（纸质）' if extension.on_paper else ''}"


def _in_order(cases: Iterable[OverdueCase]) -> tuple[OverdueCase, ...]:
    order = [group.value for group in GROUPS]
    return tuple(sorted(cases, key=lambda case: (order.index(case.kind), -case.days, case.number)))
