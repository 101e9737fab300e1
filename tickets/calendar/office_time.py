"""Moments and the office's days: every moment is aware, every day is a day in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")  # core.clock has the same; rules import nothing that imports Flask


def office_time(moment: datetime) -> datetime:
    """A moment on the office's own clock; one without a zone is a mistake of the caller."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(OFFICE_ZONE)


def office_day(moment: datetime) -> date:
    """The day of a moment in the office."""
    return office_time(moment).date()


def end_of_day(day: date) -> datetime:
    """24:00 of a day in the office, in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, OFFICE_ZONE).astimezone(UTC)
