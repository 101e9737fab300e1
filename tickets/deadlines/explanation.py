"""A due date explained day by day, in the sentences a person can read to a caller (wording of the office).

Everything is said from what the deadline itself holds, so that an explanation cannot tell another story than
the date beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from tickets.calendar import words
from tickets.calendar.office_time import office_day, office_time
from tickets.calendar.working_days import DayKind, WorkingCalendar
from tickets.deadlines.days import PAUSED, ExplainedDay, day_list, start_words
from tickets.deadlines.rules import (
    DeadlineKind,
    Due,
    OfficeHours,
    Unit,
    extend,
    is_overdue,
    original,
    overdue_from,
    with_suspensions,
    yellow_from,
)

_ONE_DAY = timedelta(days=1)
_NAME_MONTH_ONCE_FROM = 4  # a longer run of days is easier to read with its month said once

_LAW = {
    DeadlineKind.NOTICE: "《信访工作条例》第二十三条",
    DeadlineKind.LEGAL: "《信访工作条例》第三十四条",
}


@dataclass(frozen=True)
class Extension:
    """One approved extension: how many days, by whom, on which day, and whether on paper."""

    days: int
    approver: str
    approved_on: date
    on_paper: bool = False


@dataclass(frozen=True)
class Explanation:
    """`sentences` are read one after another; `days` lists every day from the start to the last one."""

    sentences: tuple[str, ...]
    days: tuple[ExplainedDay, ...]


def explain(
    due: Due,
    calendar: WorkingCalendar,
    hours: OfficeHours,
    *,
    at: datetime,
    extensions: Sequence[Extension] = (),
) -> Explanation:
    """Why a deadline falls on its day.

    `at` is the moment it is judged by: when it was met, else now. `extensions` must be those in the deadline,
    in the order of their approval.
    """
    if sum(extension.days for extension in extensions) != due.extended:
        raise ValueError("these are not the extensions of this deadline")
    telling = _Telling(due, calendar, hours)
    days = day_list(due, calendar)
    sentences = [*telling.natural()] if due.rule.unit is Unit.NATURAL else [*telling.working(days)]
    sentences += telling.pauses()
    if extensions:
        sentences.append(telling.extended(extensions, at))
    sentences += telling.estimates()
    return Explanation(tuple(sentences), days)


class _Telling:
    """One explanation being put together; its methods return sentences."""

    def __init__(self, due: Due, calendar: WorkingCalendar, hours: OfficeHours) -> None:
        self.due = due
        self.rule = due.rule
        self.calendar = calendar
        self.hours = hours
        self.began = office_day(due.start)
        self.event, self.counted_as = start_words(due.rule.kind)

    def working(self, days: Sequence[ExplainedDay]) -> Iterator[str]:
        last = self.due.last_day
        title = f"{self.rule.kind.label}时限"
        yield f"{title}：{words.full_date(last)}（{words.full_weekday(last)}）当日内"
        yield self._arrival()
        if self.rule.by_date is not None:
            yield f"文书写明的日期是 {self._dated(self.rule.by_date)}，不另行推算。"
        counted = [day for day in days if day.date > self.due.day_zero]
        if self.rule.by_date is None and counted:
            extra = f"，再加延期 {self.due.extended} 个工作日" if self.due.extended else ""
            first = self._day(self.calendar.next_working_day(self.due.day_zero))
            yield f"{self.counted_as}当日不算，从 {first} 起数 {self.rule.length} 个工作日{extra}："
            yield "；".join(self._runs(counted)) + "。"
        basis = f"内部时限“{self.rule.name or self.rule.kind.label} {self.rule.length} 个工作日”"
        yield self._colours(basis if self.rule.by_date is None else "文书写明的日期")

    def natural(self) -> Iterator[str]:
        kind, warn_day, last_day = self.rule.kind, self.due.warn_day, self.due.last_day
        name = kind.label if kind is DeadlineKind.LEGAL else f"{kind.label}期限"
        extra = f"（经批准再延长 {self.due.extended} 日）" if self.due.extended else ""
        sentence = (
            f"{name} {self.rule.length} 日{extra}：{words.full_date(warn_day)}"
            f"（{words.full_weekday(warn_day)}，自然日，{self.event}当日不算）。"
        )
        if warn_day == last_day:
            yield sentence
        else:
            yield f"{sentence}按习惯逢休息日顺延，但提醒一律按 {self._day(warn_day)} 提前。"
            yield f"顺延后的最后一日是 {self._dated(last_day)}。"
        yield self._colours(_LAW.get(kind, f"{kind.label} {self.rule.length} 日（自然日）"))

    def pauses(self) -> Iterator[str]:
        """Those that moved the end, and those that came too late to; the others are no part of this deadline."""
        for pause in self.due.pauses:
            first, resumed = office_day(pause.start), office_day(pause.end)
            counted_from = max(first - _ONE_DAY, self.due.day_zero)
            paused = self.calendar.count_working_days(counted_from, pause.last_day)
            reason = f"（{pause.reason}）" if pause.reason else ""
            began = f"{self._day(first)} 起暂停计时{reason}"
            if first > self.due.last_day:
                yield f"{began}，当时已过期限，不顺延。"
            elif paused:
                yield (
                    f"{began}，{self._day(resumed)} 恢复：暂停当日至恢复前一日的 {paused} 个工作日不算，"
                    "恢复时剩下的天数与暂停时相同。"
                )

    def extended(self, extensions: Sequence[Extension], at: datetime) -> str:
        before = original(self.due, self.calendar)
        steps = [
            f"原定 {words.month_day(before.last_day, beside=self.began)}（{words.weekday(before.last_day)}，永久保留）"
        ]
        days = 0
        for extension in extensions:
            days += extension.days
            # What was approved is told as it stood that day: a pause that came later moves the end, not the approval.
            known = [pause for pause in self.due.pauses if pause.first_day <= extension.approved_on]
            now = with_suspensions(extend(before, days, self.calendar), known, self.calendar)
            how = "书面" if extension.on_paper else ""
            steps.append(
                f" 经{extension.approver} {self._day(extension.approved_on)} {how}同意延至 {self._dated(now.last_day)}"
            )
        return (
            f"{'→'.join(steps)}。按原定计：{_standing(before, at)}；按批准计：{_standing(self.due, at)}。"
            "报告中两个数都列。"
        )

    def estimates(self) -> Iterator[str]:
        if not self.due.provisional:
            return
        years = self.calendar.unannounced_years(self.began, self.due.last_day)
        to_come = [year for year in years if self._is_to_come(year)]
        if to_come:
            named = "、".join(map(str, to_come))
            yield (
                f"{named} 年放假安排尚未公布，{self._day(date(to_come[0], 1, 1), year=False)}以后的日期暂按推算，"
                "公布后自动重算并通知您；在此之前不会因推算日期判为超期。"
            )
        else:
            named = "、".join(map(str, years))
            yield f"{named} 年放假安排没有录入，日期暂按推算，不会因推算日期判为超期。"

    def _arrival(self) -> str:
        local, zero = office_time(self.due.start), self.due.day_zero
        closing = self.hours.closing_time(self.began)
        # Seconds only where they decide: 17:30:20 is after 17:30.
        same_minute = local.time() > closing and local.time().replace(second=0, microsecond=0) == closing
        clock = f"{local:%H:%M:%S}" if same_minute else f"{local:%H:%M}"
        arrived = f"{self.event} {self._dated(self.began)}{clock}，"
        if zero == self.began:
            return f"{arrived}是工作日，未过下班时间 {closing:%H:%M}，当日{self.counted_as}。"
        why = self.calendar.why(self.began)
        reason = (
            f"已过下班时间 {closing:%H:%M}"
            if self.calendar.is_working_day(self.began)
            else f"当天不上班（{why}）"
        )
        between = [day for day in _each(self.began + _ONE_DAY, zero) if not self.calendar.is_working_day(day)]
        skipped = f"（{self._rest(between)}）" if between else ""
        return f"{arrived}{reason}，视为下一个工作日 {self._dated(zero)}{self.counted_as}{skipped}。"

    def _runs(self, days: Sequence[ExplainedDay]) -> Iterator[str]:
        for counts, run in groupby(days, key=lambda day: day.counts):
            same = list(run)
            yield self._counted(same) if counts else f"{self._rest([day.date for day in same])}，不算"

    def _counted(self, run: Sequence[ExplainedDay]) -> str:
        shorten = len(run) >= _NAME_MONTH_ONCE_FROM
        said = [self._day(run[0].date)]
        said += [
            f"{day.date.day}日" if shorten and day.date.month == before.date.month else self._day(day.date)
            for before, day in pairwise(run)
        ]
        return "、".join(
            f"{text}{self._makeup(day.date)}{_circled(day.ordinal)}"
            for text, day in zip(said, run, strict=True)
        )

    def _makeup(self, day: date) -> str:
        if day not in self.calendar.makeup_days:
            return ""
        return f"（{words.weekday(day)}，{DayKind.WORK.label}）"

    def _rest(self, days: Sequence[date]) -> str:
        """9月25–27日 中秋放假; 11月28–29日 周末; several reasons one after another."""
        said = []
        beside = self.began
        for reason, same in groupby(days, key=self._rest_reason):
            stretch = list(same)
            why = words.weekday(stretch[0]) if reason == "周末" and len(stretch) == 1 else reason
            said.append(f"{words.span(stretch[0], stretch[-1], beside=beside)} {why}")
            beside = stretch[-1]
        return "、".join(said)

    def _rest_reason(self, day: date) -> str:
        if self.calendar.is_working_day(day):
            return PAUSED
        return self.calendar.why(day) if day in self.calendar.days_off else "周末"

    def _colours(self, basis: str) -> str:
        yellow = f"{self._day(yellow_from(self.due, self.calendar))} 起为临期"
        red = (
            "" if self.due.provisional else f"，{self._dated(overdue_from(self.due, self.calendar))}起为超期"
        )
        years = "、".join(
            f"{year} 年（{self._known(year)}）"
            for year in range(self.began.year, max(self.began, self.due.last_day).year + 1)
        )
        return f"{yellow}{red}。依据：{basis}；放假安排：{years}。"

    def _known(self, year: int) -> str:
        if year in self.calendar.announced_years:
            return "已公布"
        return "未公布" if self._is_to_come(year) else "未录入"

    def _is_to_come(self, year: int) -> bool:
        return year > max(self.calendar.announced_years, default=0)

    def _day(self, day: date, *, year: bool = True) -> str:
        return words.month_day(day, beside=self.began if year else day)

    def _dated(self, day: date) -> str:
        return words.dated(day, beside=self.began)


def _standing(due: Due, at: datetime) -> str:
    return "超期" if is_overdue(due, at) else "未超期"


def _each(first: date, before: date) -> Iterator[date]:
    while first < before:
        yield first
        first += _ONE_DAY


def _circled(number: int | None) -> str:
    """① to ㊿, then (51)."""
    if number is None:
        return ""
    for first, offset in ((1, 0x2460), (21, 0x3251), (36, 0x32B1)):
        last = first + (19 if first == 1 else 14)
        if first <= number <= last:
            return chr(offset + number - first)
    return f"({number})"
