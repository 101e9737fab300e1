"""Reporting periods: their names, their days, which are due. Days in, days out; pure.

A month may end on a day of its own (每月25日截止): then November is 10-26 to 11-25, and quarters and years are made of such months.
Weeks run from Monday to Sunday by ISO 8601, whatever day the month ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from reports.contents import BulletinKind, Span
from tickets.calendar.office_time import OFFICE_ZONE, end_of_day, office_day

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_FORMS = {
    BulletinKind.WEEKLY: (re.compile(r"(\d{4})-W(\d{2})"), "2026-W47"),
    BulletinKind.MONTHLY: (re.compile(r"(\d{4})-(\d{2})"), "2026-11"),
    BulletinKind.QUARTERLY: (re.compile(r"(\d{4})-Q([1-4])"), "2026-Q4"),
    BulletinKind.ANNUAL: (re.compile(r"(\d{4})"), "2026"),
}
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class UnknownPeriod(ValueError):
    """The text names no period of the kind; the message says how one is written."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What a bulletin counts: records from `start` on and before `before`; lateness is judged at `at`.

    A finished period ends at 24:00 of its last day: `before` and `at` are that moment. A draft counts what was recorded up
    to and with its cut-off.
    """

    span: Span
    start: datetime
    before: datetime
    at: datetime
    draft: bool = False


def parse(kind: BulletinKind, text: str, ends: int = 0) -> Span:
    """The period a text names; UnknownPeriod if it names none."""
    pattern, sample = _FORMS[kind]
    match = pattern.fullmatch(text.strip())
    wrong = UnknownPeriod(f"“{text}”不是{kind.label}的期间，应写成 {sample} 这样。")
    if match is None:
        raise wrong
    numbers = [int(part) for part in match.groups()]
    if not _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
        raise wrong
    try:
        return _span(kind, *numbers, ends=ends)
    except ValueError as error:
        raise wrong from error


def containing(kind: BulletinKind, day: date, ends: int = 0) -> Span:
    """The period of a kind in which a day lies."""
    if kind is BulletinKind.WEEKLY:
        year, week, _ = day.isocalendar()
        return _span(kind, year, week)
    year, month = _month_of(day, ends)
    if kind is BulletinKind.MONTHLY:
        return _span(kind, year, month, ends=ends)
    if kind is BulletinKind.QUARTERLY:
        return _span(kind, year, (month + 2) // 3, ends=ends)
    return _span(kind, year, ends=ends)


def previous(span: Span, ends: int = 0) -> Span:
    """The period of the same kind before this one."""
    return containing(span.kind, span.first_day - _DAY, ends)


def year_begins(span: Span, ends: int = 0) -> date:
    """The first day of the year in which a period begins: from it on this year's figures add up."""
    return containing(BulletinKind.ANNUAL, span.first_day, ends).first_day


def finished(span: Span, now: datetime) -> bool:
    """Whether the last day is over."""
    return end_of_day(span.last_day) <= now


def due(kinds: Iterable[BulletinKind], since: date, now: datetime, ends: int = 0) -> Iterator[Span]:
    """Every finished period that ends on or after `since`, by kind, oldest first."""
    for kind in kinds:
        span = containing(kind, since, ends)
        while finished(span, now):
            yield span
            span = containing(kind, span.last_day + _DAY, ends)


def cut_of(span: Span) -> Cut:
    """What the bulletin of a finished period counts."""
    end = end_of_day(span.last_day)
    return Cut(span=span, start=start_of(span.first_day), before=end, at=end)


def draft_cut(span: Span, cutoff: datetime) -> Cut:
    """What a draft counts: up to and with the cut-off, at most the whole period; ValueError before the period begins."""
    whole = cut_of(span)
    if cutoff < whole.start:
        raise UnknownPeriod(f"截止时间早于{span.label}的第一天，没有可统计的。")
    at = min(cutoff.astimezone(UTC), whole.at)
    return Cut(span=span, start=whole.start, before=min(at + _TICK, whole.before), at=at, draft=True)


def a_year_before(cut: Cut) -> Cut:
    """The same days of last year, up to the same moment of the period."""
    first, last = _year_back(cut.span.first_day), _year_back(cut.span.last_day)
    start = start_of(first)
    end = min(end_of_day(last), start + (cut.before - cut.start)) if cut.draft else end_of_day(last)
    span = replace(cut.span, first_day=first, last_day=last)
    return Cut(span=span, start=start, before=end, at=end, draft=cut.draft)


def _year_back(day: date) -> date:
    """The same day of last year; for 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def start_of(day: date) -> datetime:
    """0:00 of a day in the office, in UTC."""
    return datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC)


def days_of(cut: Cut) -> tuple[date, date]:
    """The first and the last whole day of what is counted: what is due by its end is due within it."""
    return cut.span.first_day, office_day(cut.at) - _DAY


def _span(kind: BulletinKind, year: int, part: int = 0, *, ends: int = 0) -> Span:
    match kind:
        case BulletinKind.WEEKLY:
            first = date.fromisocalendar(year, part, 1)
            name, label = f"{year}-W{part:02d}", f"{year}年第{part}周"
            last = first + timedelta(days=6)
        case BulletinKind.MONTHLY:
            first, last = _month(year, part, ends)
            name, label = f"{year}-{part:02d}", f"{year}年{part}月"
        case BulletinKind.QUARTERLY:
            first, last = _month(year, part * 3 - 2, ends)[0], _month(year, part * 3, ends)[1]
            name, label = f"{year}-Q{part}", f"{year}年第{'一二三四'[part - 1]}季度"
        case BulletinKind.ANNUAL:
            first, last = _month(year, 1, ends)[0], _month(year, 12, ends)[1]
            name, label = f"{year}", f"{year}年"
    return Span(kind=kind, name=name, label=label, first_day=first, last_day=last)


def _month(year: int, month: int, ends: int) -> tuple[date, date]:
    date(year, month, 1)  # refuses a thirteenth month
    last = _closing_day(year, month, ends)
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    return _closing_day(*before, ends) + _DAY, last


def _closing_day(year: int, month: int, ends: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    last = following - _DAY
    return last if not ends or ends >= last.day else date(year, month, ends)


def _month_of(day: date, ends: int) -> tuple[int, int]:
    if day <= _closing_day(day.year, day.month, ends):
        return day.year, day.month
    return (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
