"""When a thing is due: dates in, dates out. No clock, no database; the result is stored and indexed.

Two units, never mixed. Internal deadlines count working days after day zero, the day of arrival or, for what
comes on a day off or after closing time, the next working day. Legal ones count natural days after the day of
the event, and a last day that is not worked moves to the next working day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.labels import Labelled
from tickets.calendar import words
from tickets.calendar.office_time import end_of_day, office_day, office_time
from tickets.calendar.working_days import WorkingCalendar

_ONE_DAY = timedelta(days=1)


class DeadlineKind(Labelled):
    ACCEPT = "accept", "受理"
    RESOLVE = "resolve", "办理"
    SIGN_OFF = "sign_off", "学校签收"
    FEEDBACK = "feedback", "学校反馈"
    CALL_BACK = "call_back", "回访"
    NOTICE = "notice", "书面告知"
    LEGAL = "legal", "法定期限"
    LOOK = "look", "甄别"

    @property
    def can_pause(self) -> bool:
        """Whether 暂停计时 stops it. What the law promises the complainant, the office cannot stop."""
        return self not in {DeadlineKind.NOTICE, DeadlineKind.LEGAL}


class Unit(Labelled):
    WORKING = "working", "个工作日"
    NATURAL = "natural", "日"


@dataclass(frozen=True)
class DeadlineRule:
    """How long a deadline is. `by_date` is a day that a paper names; it then stands instead of the length."""

    kind: DeadlineKind
    length: int
    unit: Unit = Unit.WORKING
    name: str = ""  # what the office calls it in an explanation (投诉, 咨询), if not by its kind
    by_date: date | None = None

    def __post_init__(self) -> None:
        if self.length < 0:
            raise ValueError("a deadline has no negative length")
        if self.by_date and self.unit is Unit.NATURAL:
            raise ValueError("a day named on a paper is not counted in natural days")

    @property
    def can_pause(self) -> bool:
        return self.kind.can_pause and self.unit is Unit.WORKING

    @classmethod
    def on(cls, kind: DeadlineKind, day: date) -> DeadlineRule:
        """A deadline whose last day is written on a paper: an order's feedback, a date asked for from above."""
        return cls(kind, 0, by_date=day)


@dataclass(frozen=True)
class Season:
    """A part of every year, first and last day as (month, day), with its own closing time; may span new year."""

    first: tuple[int, int]
    last: tuple[int, int]
    day_ends: time

    @classmethod
    def parse(cls, first: str, last: str, day_ends: str) -> Season:
        """From the settings' "05-01", "09-30", "18:00"; ValueError when one of them is none."""
        return cls(_month_and_day(first), _month_and_day(last), time.fromisoformat(day_ends))

    def covers(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True)
class OfficeHours:
    """When the office closes. What arrives at that very moment is still in time; the first season that fits wins."""

    day_ends: time = time(17, 30)
    seasons: tuple[Season, ...] = ()

    def closing_time(self, day: date) -> time:
        return next((season.day_ends for season in self.seasons if season.covers(day)), self.day_ends)


@dataclass(frozen=True)
class Pause:
    """A stretch in which the deadline stood still.

    A day is paused if the clock stood still at its end (24:00): from the day of suspension to the day before
    it was resumed. So what was left when it stopped is left when it goes on, today included.
    """

    start: datetime
    end: datetime
    reason: str = ""

    @classmethod
    def through(cls, start: datetime, last_day: date, reason: str = "") -> Pause:
        """A pause that ends by itself after a day, as it is asked for; until then the planned one counts."""
        return cls(start, end_of_day(last_day), reason)

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @property
    def first_day(self) -> date:
        return office_day(self.start)

    @property
    def last_day(self) -> date:
        """The last paused day; before the first one for a pause that ended on the day it began."""
        return office_day(self.end) - _ONE_DAY


@dataclass(frozen=True, kw_only=True)
class Due:
    """A deadline worked out. Only `due` and the functions beside it make one; a stored row can be read back into it.

    `warn_day` is the last day before it moves away from a day off: warnings go by it, being late does not.
    `pauses` may be all those of the ticket: they are put in order, and a deadline that cannot pause has none.
    """

    rule: DeadlineRule
    start: datetime
    day_zero: date
    warn_day: date
    last_day: date
    provisional: bool
    extended: int = 0
    pauses: tuple[Pause, ...] = ()

    def __post_init__(self) -> None:
        in_order = sorted(self.pauses, key=lambda pause: pause.start) if self.rule.can_pause else ()
        object.__setattr__(self, "pauses", tuple(in_order))

    @property
    def due_at(self) -> datetime:
        """24:00 of the last day in the office, in UTC: from this very moment on it is missed."""
        return end_of_day(self.last_day)

    def is_paused(self, day: date) -> bool:
        return any(pause.covers(day) for pause in self.pauses)


def day_zero(received_at: datetime, calendar: WorkingCalendar, hours: OfficeHours) -> date:
    """The day a thing counts as received: that day if it is worked and not over, else the next working day."""
    local = office_time(received_at)
    day = local.date()
    if calendar.is_working_day(day) and local.time() <= hours.closing_time(day):
        return day
    return calendar.next_working_day(day)


def due(start: datetime, rule: DeadlineRule, calendar: WorkingCalendar, hours: OfficeHours) -> Due:
    """When something that started at a moment is due by a rule."""
    return _worked_out(start, rule, _zero(start, rule, calendar, hours), calendar)


def extend(due: Due, days: int, calendar: WorkingCalendar) -> Due:
    """The deadline some days later, in its own unit; extensions add up, the legal one from its unmoved day."""
    if days < 1:
        raise ValueError("an extension has at least one day")
    return _worked_out(
        due.start, due.rule, due.day_zero, calendar, extended=due.extended + days, pauses=due.pauses
    )


def with_suspensions(due: Due, pauses: Iterable[Pause], calendar: WorkingCalendar) -> Due:
    """The deadline with all its pauses, replacing those it had: paused working days are not counted.

    Overlapping pauses count once. A pause after the last day changes nothing: what is late stays late. A
    legal deadline is handed back as it is.
    """
    if not due.rule.can_pause:
        return due
    all_of_them = tuple(sorted(pauses, key=lambda pause: pause.start))
    return _worked_out(due.start, due.rule, due.day_zero, calendar, extended=due.extended, pauses=all_of_them)


def recomputed(due: Due, calendar: WorkingCalendar, hours: OfficeHours) -> Due:
    """The same deadline by another calendar: for the open ones when a year's arrangement is announced."""
    zero = _zero(due.start, due.rule, calendar, hours)
    return _worked_out(due.start, due.rule, zero, calendar, extended=due.extended, pauses=due.pauses)


def original(due: Due, calendar: WorkingCalendar) -> Due:
    """The same deadline without extension and pauses."""
    return _worked_out(due.start, due.rule, due.day_zero, calendar)


def _zero(start: datetime, rule: DeadlineRule, calendar: WorkingCalendar, hours: OfficeHours) -> date:
    return office_day(start) if rule.unit is Unit.NATURAL else day_zero(start, calendar, hours)


def _worked_out(
    start: datetime,
    rule: DeadlineRule,
    zero: date,
    calendar: WorkingCalendar,
    *,
    extended: int = 0,
    pauses: tuple[Pause, ...] = (),
) -> Due:
    if rule.unit is Unit.NATURAL:
        warn_day = zero + timedelta(days=rule.length + extended)
        last_day = calendar.working_day_from(warn_day)
        rests_on = warn_day  # the days before it are natural ones, whatever is announced
    else:
        last_day = warn_day = _last_working_day(zero, rule, extended, pauses, calendar)
        rests_on = office_day(start)
    by_paper_alone = rule.by_date is not None and last_day == rule.by_date
    return Due(
        rule=rule,
        start=start,
        day_zero=zero,
        warn_day=warn_day,
        last_day=last_day,
        provisional=not by_paper_alone and bool(calendar.unannounced_years(rests_on, last_day)),
        extended=extended,
        pauses=pauses,
    )


def _last_working_day(
    zero: date, rule: DeadlineRule, extended: int, pauses: Sequence[Pause], calendar: WorkingCalendar
) -> date:
    if rule.by_date is None:
        return _add_unpaused(zero, rule.length + extended, pauses, calendar)
    paused = _paused_working_days(pauses, zero, rule.by_date, calendar)
    return _add_unpaused(rule.by_date, paused + extended, pauses, calendar)


def _add_unpaused(day: date, n: int, pauses: Sequence[Pause], calendar: WorkingCalendar) -> date:
    if not pauses:
        return calendar.add_working_days(day, n)
    while n:
        day = calendar.next_working_day(day)
        if not any(pause.covers(day) for pause in pauses):
            n -= 1
    return day


def _month_and_day(text: str) -> tuple[int, int]:
    day = date.fromisoformat(f"2024-{text}")  # a leap year, so that 02-29 may be written
    return day.month, day.day


def _paused_working_days(pauses: Sequence[Pause], after: date, until: date, calendar: WorkingCalendar) -> int:
    """How many working days stand still after the first day, up to and with the second; pauses in order."""
    paused = 0
    for pause in pauses:
        end = min(pause.last_day, until)
        paused += calendar.count_working_days(max(after, pause.first_day - _ONE_DAY), end)
        after = max(after, end)  # what overlaps counts once
    return paused


class Level(Labelled):
    """How pressing a deadline is, from the least to the most."""

    CALM = "calm", "正常"
    YELLOW = "yellow", "临期"
    DUE_TODAY = "due_today", "今天到期"
    RED = "red", "超期"
    RED_FIVE = "red_five", "超期五天以上"

    @property
    def severity(self) -> int:
        return list(Level).index(self)


def yellow_from(due: Due, calendar: WorkingCalendar) -> date:
    """The day from whose first minute the deadline is 临期."""
    return calendar.previous_working_day(due.warn_day)


def overdue_from(due: Due, calendar: WorkingCalendar) -> date:
    """The first day that counts as a day over: the first of 超期 1 个工作日 or 1 日."""
    if due.rule.unit is Unit.NATURAL:
        return due.last_day + _ONE_DAY
    return calendar.next_working_day(due.last_day)


def is_overdue(due: Due, now: datetime) -> bool:
    """Whether it is missed at a moment: the same as `due_at <= now`, unless its date is only an estimate."""
    return not due.provisional and due.due_at <= now


def overdue_days(due: Due, now: datetime, calendar: WorkingCalendar) -> int:
    """Days over, in the deadline's own unit, the running one included.

    0 does not mean in time: on the weekend after a missed Friday it is late, and no working day has gone by.
    """
    if not is_overdue(due, now):
        return 0
    today = office_day(now)
    if due.rule.unit is Unit.NATURAL:
        return (today - due.last_day).days
    return calendar.count_working_days(due.last_day, today)


def level(due: Due, now: datetime, calendar: WorkingCalendar) -> Level:
    """How pressing it is at a moment; an estimated date never makes it more than yellow."""
    today = office_day(now)
    if today < yellow_from(due, calendar):
        return Level.CALM
    if due.provisional:
        return Level.YELLOW
    if is_overdue(due, now):
        return Level.RED_FIVE if overdue_days(due, now, calendar) >= 5 else Level.RED
    return Level.DUE_TODAY if today >= due.warn_day else Level.YELLOW


def remaining_words(due: Due, now: datetime, calendar: WorkingCalendar) -> str:
    """What a list says of it: 还剩 2 个工作日, 今天到期, 超期 3 个工作日, 超期 5 日（自然日）."""
    today = office_day(now)
    if due.provisional:
        return (
            "推算的期限已过，放假安排公布前不判超期"
            if due.due_at <= now
            else f"{_left(due, today, calendar)}（暂按推算）"
        )
    if not is_overdue(due, now):
        return _left(due, today, calendar)
    over = overdue_days(due, now, calendar)
    if not over:
        return f"已过期限，{words.dated(overdue_from(due, calendar), beside=today)}起计超期"
    return f"超期 {_in_unit(over, due.rule.unit)}"


def met_words(due: Due, met_at: datetime, calendar: WorkingCalendar) -> str:
    """What is said of a deadline that was met: 按期（提前 2 个工作日）, 按期, 逾期 1 个工作日."""
    if due.due_at <= met_at:
        if due.provisional:
            return "推算的期限之后，不判逾期"
        over = overdue_days(due, met_at, calendar)
        return f"逾期 {_in_unit(over, due.rule.unit)}" if over else "逾期（不足 1 个工作日）"
    early = _days_left(due, office_day(met_at), calendar)
    return f"按期（提前 {_in_unit(early, due.rule.unit)}）" if early > 0 else "按期"


def _left(due: Due, today: date, calendar: WorkingCalendar) -> str:
    if due.warn_day <= today < due.last_day:
        moved_to = words.dated(due.last_day, beside=today)
        return f"{words.month_day(due.warn_day, beside=today)}到期，逢休息日顺延至 {moved_to}"
    if today >= due.last_day:
        return "今天到期"
    left = _days_left(due, today, calendar)
    # A date from a paper may lie on a day off with no working day before it.
    return (
        f"还剩 {_in_unit(left, due.rule.unit)}" if left else f"{words.dated(due.last_day, beside=today)}到期"
    )


def _days_left(due: Due, today: date, calendar: WorkingCalendar) -> int:
    if due.rule.unit is Unit.NATURAL:
        return (due.warn_day - today).days
    left = calendar.count_working_days(today, due.last_day)
    return left - _paused_working_days(due.pauses, today, due.last_day, calendar)


def _in_unit(days: int, unit: Unit) -> str:
    return f"{days} 日（自然日）" if unit is Unit.NATURAL else f"{days} {unit.label}"
