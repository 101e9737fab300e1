"""The calendar the product starts with: announced years from config/holidays.csv, statutory days for the rest.

The one file that imports `holidays`, and only for years that are not announced: it estimates those silently
and without make-up days, so what rests on it is marked provisional.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tickets.calendar.working_days import CalendarDay, DayKind, WorkingCalendar

HOLIDAYS_FILE = Path(__file__).resolve().parents[2] / "config" / "holidays.csv"

# From the oldest papers an office may load to well beyond any deadline; a year costs a fraction of a millisecond.
# Outside of these years a calendar still answers, by the plain week alone.
_STATUTORY_YEARS = range(2010, 2061)

_KINDS = {kind.value: kind for kind in DayKind}
_NAMES = ("元旦", "春节", "除夕", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


def seed_days(path: Path = HOLIDAYS_FILE) -> tuple[CalendarDay, ...]:
    """The lines of a holiday file (date, kind = off or work, name), in the order of their days."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            sorted(
                CalendarDay(date.fromisoformat(row["date"]), _KINDS[row["kind"]], row["name"])
                for row in csv.DictReader(lines)
            )
        )


def announced_years(days: Iterable[CalendarDay]) -> frozenset[int]:
    """The years whose arrangement is listed.

    Known by their National Day: a notice for 元旦 also names a few days of the December before, which
    announces nothing else about that year.
    """
    return frozenset(line.day.year for line in days if (line.day.month, line.day.day) == (10, 1))


def calendar_from(days: Iterable[CalendarDay], announced: frozenset[int], version: int) -> WorkingCalendar:
    """A calendar of stored lines, with the statutory days wherever a year is not announced."""
    known = WorkingCalendar.of(days, announced, version)
    estimated = {day: name for day, name in statutory_days().items() if day.year not in announced}
    return WorkingCalendar(
        days_off=estimated | dict(known.days_off),
        makeup_days=known.makeup_days,
        announced_years=announced,
        version=version,
    )


def seed_calendar() -> WorkingCalendar:
    """The calendar of a new installation, version 1."""
    days = seed_days()
    return calendar_from(days, announced_years(days), version=1)


@cache
def statutory_days() -> Mapping[date, str]:
    """The days that are free by law, with their name, whether or not the year's arrangement is announced."""
    import holidays  # late: it takes a tenth of a second, and most commands never ask

    table = holidays.country_holidays("CN", years=_STATUTORY_YEARS, language="zh_CN")
    named = ((day, _name(text)) for day, text in table.items())
    return MappingProxyType({day: name for day, name in named if name})


def _name(text: str) -> str:
    """The office's name of a statutory day; nothing for a day that is only free by exchange (调休)."""
    names = [name for name in _NAMES if name in text]
    return "、".join("春节" if name == "除夕" else name for name in names)
