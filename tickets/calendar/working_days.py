"""Which days the office works: weekends, public holidays, and weekend days worked instead (调休)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.labels import Labelled
from tickets.calendar import words

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5

# 春节 and 元旦 are whole words, and 劳动放假 would mean something else.
_SHORT_NAMES = {"清明节": "清明", "端午节": "端午", "中秋节": "中秋", "国庆节": "国庆"}


class DayKind(Labelled):
    OFF = "off", "放假"
    WORK = "work", "调休上班"


@dataclass(frozen=True, order=True)
class CalendarDay:
    """One line of the calendar: a day that differs from the plain week, or carries a holiday's name."""

    day: date
    kind: DayKind
    name: str


@dataclass(frozen=True)
class WorkingCalendar:
    """What is known of the office's days; answers for every year and never raises for an unknown one.

    `days_off` holds the announced holidays and, for years not announced, the statutory days. A day that is
    in both mappings is worked: the make-up day is the more deliberate statement.
    """

    days_off: Mapping[date, str]
    makeup_days: Mapping[date, str]
    announced_years: frozenset[int]
    version: int
    _free_weekdays: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _worked_weekend_days: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Copied, so that the sorted tuples below can never disagree with a mapping changed by its owner.
        off, makeup = dict(self.days_off), dict(self.makeup_days)
        free = sorted(day for day in off if day.weekday() < _SATURDAY and day not in makeup)
        worked = sorted(day for day in makeup if day.weekday() >= _SATURDAY)
        object.__setattr__(self, "days_off", off)
        object.__setattr__(self, "makeup_days", makeup)
        object.__setattr__(self, "_free_weekdays", tuple(free))
        object.__setattr__(self, "_worked_weekend_days", tuple(worked))

    @classmethod
    def of(
        cls, days: Iterable[CalendarDay], announced_years: frozenset[int], version: int
    ) -> WorkingCalendar:
        """The calendar that a list of its lines makes."""
        lines = tuple(days)
        return cls(
            days_off={line.day: line.name for line in lines if line.kind is DayKind.OFF},
            makeup_days={line.day: line.name for line in lines if line.kind is DayKind.WORK},
            announced_years=announced_years,
            version=version,
        )

    def is_working_day(self, day: date) -> bool:
        return day in self.makeup_days or (day.weekday() < _SATURDAY and day not in self.days_off)

    def is_provisional(self, day: date) -> bool:
        """Whether the arrangement of that year is not known yet (暂按推算)."""
        return day.year not in self.announced_years

    def unannounced_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from one day to another whose arrangement is not known."""
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.announced_years)

    def why(self, day: date) -> str:
        """Why a day counts or not: 工作日, 调休上班, 国庆放假, 周日."""
        if day in self.makeup_days:
            return DayKind.WORK.label
        if day in self.days_off:
            return f"{_short_name(self.days_off[day])}放假"
        return words.weekday(day) if day.weekday() >= _SATURDAY else "工作日"

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after a day."""
        day += _ONE_DAY
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """The last working day strictly before a day."""
        day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def working_day_from(self, day: date) -> date:
        """The day itself if it is worked, else the next working day."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day strictly after a day; the day itself for n = 0."""
        if n < 0:
            raise ValueError("working days are only counted forward")
        for _ in range(n):
            day = self.next_working_day(day)
        return day

    def working_days(self, after: date, until: date) -> Iterator[date]:
        """The working days after the first day, up to and with the second, in order."""
        day = self.next_working_day(after)
        while day <= until:
            yield day
            day = self.next_working_day(day)

    def count_working_days(self, after: date, until: date) -> int:
        """How many working days lie after the first day, up to and with the second; 0 if it is not later."""
        if until <= after:
            return 0
        weekdays = _weekdays_up_to(until) - _weekdays_up_to(after)
        free = _within(self._free_weekdays, after, until)
        return weekdays - free + _within(self._worked_weekend_days, after, until)


def _weekdays_up_to(day: date) -> int:
    # Ordinal 1 was a Monday, so whole weeks hold five weekdays and a rest begins on Monday.
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def _within(days: tuple[date, ...], after: date, until: date) -> int:
    return bisect_right(days, until) - bisect_right(days, after)


def _short_name(name: str) -> str:
    return "、".join(_SHORT_NAMES.get(part, part) for part in name.split("、"))
