"""When a late case asks for its reason (超期原因): from the first day over, and again while it stays late. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from core.labels import Labelled
from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import Due, is_overdue, overdue_from

RENEWED_AFTER = 5  # working days


class Ask(Labelled):
    """What is asked of the section."""

    FIRST = "first", "未填原因，请先补，再答复"
    RENEW = "renew", f"原因已满 {RENEWED_AFTER} 个工作日，请更新"
    PASSED = "passed", "预计日期已过，请更新"


@dataclass(frozen=True)
class Given:
    """The newest reason: the day it was written down, and the day it promised."""

    on: date
    expected_on: date


def asked(running: Iterable[Due], given: Given | None, at: datetime, calendar: WorkingCalendar) -> Ask | None:
    """What is asked of a case with these running deadlines; a reason that was given for an earlier delay does not count."""
    late = [due for due in running if is_overdue(due, at)]
    today = office_day(at)
    if not late or today < min(overdue_from(due, calendar) for due in late):
        return None
    if given is None or given.on <= min(due.last_day for due in late):
        return Ask.FIRST
    if today >= calendar.next_working_day(given.expected_on):
        return Ask.PASSED
    return Ask.RENEW if calendar.count_working_days(given.on, today) >= RENEWED_AFTER else None
