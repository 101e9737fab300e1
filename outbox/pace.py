"""When a sender may send its next mail, and when a mail is tried again. Pure.

Free mailboxes are shut for a day when they send too much or too fast; so every sender has a pace and a day's limit. The
limit never stops an answer or a notice the law asks for: the others make room. What answers by itself has an hour's limit
besides, over all senders together: should two machines ever write to each other, they soon stop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_OFFICE_ZONE = ZoneInfo("Asia/Shanghai")  # core.clock has the same; rules import nothing that imports Flask

URGENT = 0
OWED = 1  # answers and notices
ACKNOWLEDGED = 2
STAFF = 4
LOWEST = 5

STAFF_A_DAY_THROUGH_A_MAILBOX = 10
ACKNOWLEDGEMENTS_AN_HOUR = 60

_MINUTES_TO_NEXT_TRY = (1, 5, 15, 60, 120, 240, 480, 720, 720, 720, 720, 480)  # together not quite 72 hours
_MINUTES_TO_NEXT_CONNECTION = (1, 5, 15, 30, 60)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The rules of one sender; quiet hours are the office's own, both or none."""

    seconds_between: int
    per_day: int
    staff_per_day: int | None = None
    acknowledgements_per_hour: int = ACKNOWLEDGEMENTS_AN_HOUR
    quiet_from: time | None = None
    quiet_to: time | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one sender stands: its last mail, how many today, until when it is stopped."""

    last_at: datetime | None = None
    sent_today: int = 0
    staff_today: int = 0
    acknowledged_this_hour: int = 0  # by all senders of the office
    blocked_until: datetime | None = None


def earliest(priority: int, standing: Standing, pace: Pace, now: datetime) -> datetime:
    """The first moment a mail of this priority may go; not after `now` means at once."""
    moment = now
    if standing.last_at is not None:
        moment = max(moment, standing.last_at + timedelta(seconds=pace.seconds_between))
    if standing.blocked_until is not None:
        moment = max(moment, standing.blocked_until)
    if _office_day(moment) == _office_day(now) and _day_is_full(priority, standing, pace):
        moment = start_of_day(_office_day(now) + timedelta(days=1))
    if _hour_is_full(priority, standing, pace) and moment < next_hour(now):
        moment = next_hour(now)
    return moment if priority == URGENT else _after_quiet(moment, pace)


def days_of(
    waiting: Iterable[tuple[int, datetime]], standing: Standing, pace: Pace, now: datetime
) -> list[date]:
    """On which day each waiting mail (priority, not before) will go, in the order they are given: by priority."""
    today = _office_day(now)
    taken = Counter({today: standing.sent_today})
    staff = Counter({today: standing.staff_today})
    free = max(now, standing.blocked_until) if standing.blocked_until else now
    days = []
    for priority, not_before in waiting:
        moment = max(free, not_before)
        day = _office_day(moment if priority == URGENT else _after_quiet(moment, pace))
        while priority > OWED and (
            taken[day] >= pace.per_day
            or (priority == STAFF and pace.staff_per_day is not None and staff[day] >= pace.staff_per_day)
        ):
            day += timedelta(days=1)
        taken[day] += 1
        staff[day] += priority == STAFF
        days.append(day)
    return days


def next_try(attempts: int) -> timedelta | None:
    """How long to wait after so many tries of one mail; None: about 72 hours have gone by, give up."""
    place = max(attempts, 1) - 1
    return timedelta(minutes=_MINUTES_TO_NEXT_TRY[place]) if place < len(_MINUTES_TO_NEXT_TRY) else None


def next_connection(failures: int) -> timedelta:
    """How long to leave a server alone that could not be reached so many times in a row; it is never given up."""
    place = min(max(failures, 1), len(_MINUTES_TO_NEXT_CONNECTION)) - 1
    return timedelta(minutes=_MINUTES_TO_NEXT_CONNECTION[place])


def start_of_day(day: date) -> datetime:
    """Midnight of an office day."""
    return datetime.combine(day, time.min, _OFFICE_ZONE)


def start_of_hour(moment: datetime) -> datetime:
    """The last full hour by the office's clock."""
    return moment.astimezone(_OFFICE_ZONE).replace(minute=0, second=0, microsecond=0)


def next_hour(moment: datetime) -> datetime:
    return start_of_hour(moment) + timedelta(hours=1)


def _office_day(moment: datetime) -> date:
    return moment.astimezone(_OFFICE_ZONE).date()


def _day_is_full(priority: int, standing: Standing, pace: Pace) -> bool:
    if priority <= OWED:
        return False
    if priority == STAFF and pace.staff_per_day is not None and standing.staff_today >= pace.staff_per_day:
        return True
    return standing.sent_today >= pace.per_day


def _hour_is_full(priority: int, standing: Standing, pace: Pace) -> bool:
    return priority == ACKNOWLEDGED and standing.acknowledged_this_hour >= pace.acknowledgements_per_hour


def _after_quiet(moment: datetime, pace: Pace) -> datetime:
    start, end = pace.quiet_from, pace.quiet_to
    if start is None or end is None or start == end:
        return moment
    local = moment.astimezone(_OFFICE_ZONE)
    at = local.time()
    quiet = start <= at < end if start < end else at >= start or at < end
    if not quiet:
        return moment
    ends_on = local.date() + timedelta(days=1 if at >= end else 0)
    return datetime.combine(ends_on, end, _OFFICE_ZONE)
