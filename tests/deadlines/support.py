"""What the tests of deadlines share: the office's calendar, hours and a way to write a moment."""

from __future__ import annotations

from datetime import date, datetime, time

from tickets.calendar.office_time import OFFICE_ZONE
from tickets.calendar.seed import seed_calendar
from tickets.deadlines import rules
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Due, OfficeHours, Pause, Season, Unit

CALENDAR = seed_calendar()
HOURS = OfficeHours()
SUMMER = OfficeHours(time(17, 30), (Season((5, 1), (9, 30), time(18, 0)),))

COMPLAINT = DeadlineRule(DeadlineKind.RESOLVE, 10, name="投诉")
ACCEPT = DeadlineRule(DeadlineKind.ACCEPT, 3)
NOTICE = DeadlineRule(DeadlineKind.NOTICE, 15, Unit.NATURAL)
LEGAL = DeadlineRule(DeadlineKind.LEGAL, 60, Unit.NATURAL)


def local(text: str) -> datetime:
    """A moment as the office's clock shows it: "2026-11-23 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_ZONE)


def day(text: str) -> date:
    return date.fromisoformat(text)


def due(start: str, rule: DeadlineRule = COMPLAINT, hours: OfficeHours = HOURS) -> Due:
    return rules.due(local(start), rule, CALENDAR, hours)


def working(n: int) -> DeadlineRule:
    return DeadlineRule(DeadlineKind.RESOLVE, n)


def pause(start: str, resumed: str) -> Pause:
    return Pause(local(start), local(resumed), "待反映人补充")


def extended(deadline: Due, days: int) -> Due:
    return rules.extend(deadline, days, CALENDAR)


def suspended(deadline: Due, *pauses: Pause) -> Due:
    return rules.with_suspensions(deadline, pauses, CALENDAR)
