"""A deadline as the list of its days: which count, which do not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import DeadlineKind, Due, Unit

PAUSED = "暂停计时"
_ONE_DAY = timedelta(days=1)

# What happened at the start, and how the office says that it counts as having happened.
_ARRIVED = ("到件", "收到")
_EVENTS = {
    DeadlineKind.SIGN_OFF: ("送达", "送达"),
    DeadlineKind.FEEDBACK: ("送达", "送达"),
    DeadlineKind.CALL_BACK: ("答复", "答复"),
    DeadlineKind.LEGAL: ("受理", "受理"),
}


@dataclass(frozen=True)
class ExplainedDay:
    """One day; `ordinal` is its number among those that count."""

    date: date
    counts: bool
    ordinal: int | None
    why: str


def start_words(kind: DeadlineKind) -> tuple[str, str]:
    """What starts such a deadline, and what that day then counts as: 到件 and 收到, 送达 and 送达."""
    return _EVENTS.get(kind, _ARRIVED)


def day_list(due: Due, calendar: WorkingCalendar) -> tuple[ExplainedDay, ...]:
    """Every day from the start to the last one; empty if a paper names a day that was already over."""
    return tuple(_days(due, calendar))


def _days(due: Due, calendar: WorkingCalendar) -> Iterator[ExplainedDay]:
    counted = 0
    day = office_day(due.start)
    while day <= due.last_day:
        why = _why_not(day, due, calendar)
        counts = why is None
        if why is None:
            counted += 1
            why = "自然日" if due.rule.unit is Unit.NATURAL else calendar.why(day)
        if due.provisional and calendar.is_provisional(day):
            why = f"{why}（暂按推算）"
        yield ExplainedDay(day, counts, counted if counts else None, why)
        day += _ONE_DAY


def _why_not(day: date, due: Due, calendar: WorkingCalendar) -> str | None:
    """The reason a day does not count; None if it does."""
    event, counted_as = start_words(due.rule.kind)
    if due.rule.unit is Unit.NATURAL:
        if day == due.day_zero:
            return f"{event}当日不算"
        return "逢休息日顺延" if day > due.warn_day else None
    if day == due.day_zero:
        return f"{counted_as}当日不算" if day == office_day(due.start) else f"视为{counted_as}当日，不算"
    if not calendar.is_working_day(day):
        return calendar.why(day)
    if day < due.day_zero:
        return f"{event}时已过下班时间"
    return PAUSED if due.is_paused(day) else None
