"""Reads the State Council's yearly notice on public holidays, pasted as text, into calendar days.

It proposes; a person compares and saves. Whatever carries a date and was not understood is handed back, so
that nothing is dropped in silence, and each weekday and number of days the notice states is checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from core.errors import DomainError
from tickets.calendar import words
from tickets.calendar.working_days import CalendarDay, DayKind, WorkingCalendar

_ONE_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 15
_NEW_YEAR = "元旦"
_EXPECTED = (_NEW_YEAR, "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")

# Every pattern is bounded: what is pasted may be a whole web page.
# 2025年11月4日 on the same line is when the page was published, not the year it is about.
_YEAR = re.compile(r"(20\d\d)年(?!\d)[^。\n]{0,60}?(?:节假日|放假)")
_NUMBER = r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[、.])"
_HOLIDAY = r"(?:元旦|春节|清明|(?:五一|国际)?劳动|端午|中秋|国庆)节?"
# 一、元旦: and (一)元旦。 and a line 元旦 alone; the names in a sentence (现将元旦、春节放假安排…) are followed by other words.
_SECTION = re.compile(
    rf"(?:^|(?<=[\s。;:]))(?:{_NUMBER}([^:。\n]{{1,20}}):"
    rf"|{_NUMBER}?({_HOLIDAY}(?:[、和与及]{_HOLIDAY}){{0,3}})(?:放假)?(?:[:。]|$))",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[。;]")
_TOKEN = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:\((?P<remark>[^()]{0,40})\))?"
    r"|(?P<to>至|到|—|–|-|~)"
    r"|(?P<total>(?:共|放假)(?:计)?\s?(?P<days>\d{1,2}|[一二三四五六七八九十])\s?天)"
    r"|(?P<off>放假)"
    r"|(?P<work>上班|补班)"
    r"|(?P<rest>法定节假日|法定假日|公休日|周末|双休日|休息日)"
)
# 1月31日(星期日)公休日调至2月10日(星期三): the one is worked, the other free.
_DAY = r"(?:20\d\d年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^()]{0,40}\))?"
_SWAPPED = re.compile(rf"({_DAY})的?(?:公休日|休息日|周末)?调(?:整)?(?:至|到)({_DAY})")
_FIGURES = {figure: number for number, figure in enumerate("一二三四五六七八九十", start=1)}
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_ADVICE = ("鼓励", "建议")  # 鼓励各单位安排职工在除夕休息: a wish, and no day off
_SIGNATURE = re.compile(r"\D{0,30}20\d\d年\d{1,2}月\d{1,2}日\D{0,10}")  # the date under the last section


@dataclass(frozen=True)
class Notice:
    """What was understood of a notice.

    `problems` are contradictions in it, `unread` the sentences with a date that were not understood; a person
    should look at both before saving.
    """

    year: int
    days: tuple[CalendarDay, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True)
class ComparedDay:
    """One day of the notice beside what the calendar had: why it was free or worked, and why it will be."""

    day: date
    before: str
    after: str
    changes: bool  # between worked and free, which is what moves deadlines


def parse_notice(text: str, *, year: int | None = None) -> Notice:
    """Reads the text of a notice; the year stands in its title unless it is given.

    Raises DomainError when there is no year or no holiday in the text.
    """
    plain = _plain(text)
    if year is None:
        found = _YEAR.search(plain)
        if found is None:
            raise DomainError("没有找到年份：请把通知的标题（……关于 2027 年部分节假日安排的通知）一起粘贴。")
        year = int(found[1])
    reader = _Reader(year)
    for name, body in _sections(plain):
        reader.read_section(name, body)
    if not reader.days:
        raise DomainError(
            "没有识别出放假安排：请粘贴通知全文，例如「一、元旦：1月1日（周五）至3日（周日）放假，共3天。」"
        )
    return reader.notice()


def with_notice(calendar: WorkingCalendar, notice: Notice) -> WorkingCalendar:
    """The calendar after saving a notice: its year announced, the version one higher.

    The notice replaces what was there for its year, but not the last days of its December: those of 元旦 come
    from the next year's notice. Days it names in another year are added.
    """
    proposed = WorkingCalendar.of(notice.days, frozenset(), 0)
    return WorkingCalendar(
        days_off=_replaced(calendar.days_off, proposed, notice.year) | dict(proposed.days_off),
        makeup_days=_replaced(calendar.makeup_days, proposed, notice.year) | dict(proposed.makeup_days),
        announced_years=calendar.announced_years | {notice.year},
        version=calendar.version + 1,
    )


def difference(notice: Notice, calendar: WorkingCalendar) -> tuple[ComparedDay, ...]:
    """Every day the notice names, and every day it frees or takes away, beside what the calendar had."""
    after = with_notice(calendar, notice)
    named = {line.day for line in notice.days}
    year = (date(notice.year, 1, 1) + _ONE_DAY * n for n in range(366))
    moved = {day for day in year if calendar.is_working_day(day) != after.is_working_day(day)}
    return tuple(
        ComparedDay(
            day,
            before=calendar.why(day),
            after=after.why(day),
            changes=calendar.is_working_day(day) != after.is_working_day(day),
        )
        for day in sorted(named | moved)
    )


def _replaced(days: Mapping[date, str], proposed: WorkingCalendar, year: int) -> dict[date, str]:
    kept = {
        day: name for day, name in days.items() if day.year != year or (day.month == 12 and name == _NEW_YEAR)
    }
    return {
        day: name
        for day, name in kept.items()
        if day not in proposed.days_off and day not in proposed.makeup_days
    }


def _number(text: str) -> int:
    return _FIGURES[text] if text in _FIGURES else int(text)


def _plain(text: str) -> str:
    """One way of writing: half-width digits and punctuation, no blanks inside a line."""
    lines = unicodedata.normalize("NFKC", text).splitlines()
    return "\n".join(re.sub(r"\s", "", line) for line in lines)


def _sections(plain: str) -> Iterator[tuple[str, str]]:
    heads = list(_SECTION.finditer(plain))
    for head, following in zip_longest(heads, heads[1:]):
        body = plain[head.end() : following.start() if following else len(plain)]
        yield head[1] or head[2], body.replace("\n", "")  # a copied page breaks lines anywhere


class _Reader:
    """Collects days, contradictions and what it could not read, section by section."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.days: dict[date, CalendarDay] = {}
        self.problems: list[str] = []
        self.unread: list[str] = []

    def notice(self) -> Notice:
        named = "、".join(line.name for line in self.days.values())
        missing = [name for name in _EXPECTED if name not in named]
        if missing:
            self.problems.append(f"没有读到：{'、'.join(missing)}。")
        return Notice(self.year, tuple(sorted(self.days.values())), tuple(self.problems), tuple(self.unread))

    def read_section(self, name: str, body: str) -> None:
        for sentence in _SENTENCE_END.split(body):
            if (
                "日" not in sentence
                or any(word in sentence for word in _ADVICE)
                or _SIGNATURE.fullmatch(sentence)
            ):
                continue
            try:
                understood = self._read_sentence(name, sentence)
            except ValueError:  # 2月30日
                understood = False
            if not understood and re.search(r"\d日", sentence):
                self.unread.append(sentence.strip())

    def _read_sentence(self, name: str, sentence: str) -> bool:
        """Dates wait until the word that says what they are: 放假 or 上班. False if some are left over."""
        waiting: list[date] = []
        freed: list[date] = []
        ranged, last, to_work = False, None, False
        swapped = [self._swap(name, found) for found in _SWAPPED.finditer(sentence)]
        for token in _TOKEN.finditer(_SWAPPED.sub("", sentence)):
            if token["day"]:
                last = self._date(name, token, last)
                waiting += self._stretch(waiting[-1], last) if ranged and waiting else [last]
                ranged = False
            elif token["to"]:
                ranged = bool(waiting)
            elif token["work"]:
                to_work = not waiting  # 上班时间为1月31日: the days come after the word
                self._take(name, waiting, DayKind.WORK)
                waiting = []
            elif token["rest"]:
                if self._is_free(waiting):  # 其中1月2日为公休日: told again, nothing new
                    waiting = []
            elif token["off"] or token["total"]:
                self._take(name, waiting, DayKind.OFF)
                freed += waiting
                waiting = []
                if token["days"] and _number(token["days"]) != len(freed):
                    self.problems.append(f"{name}：写明 {token['days']} 天，读出 {len(freed)} 天。")
        if to_work:
            self._take(name, waiting, DayKind.WORK)
            waiting = []
        return not waiting and (last is not None or bool(swapped))

    def _swap(self, name: str, found: re.Match[str]) -> bool:
        """A weekend day is worked for another that is free."""
        days = [_TOKEN.fullmatch(found[place]) for place in (1, 2)]
        worked = self._date(name, days[0], None) if days[0] else None
        free = self._date(name, days[1], worked) if days[1] and worked else None
        if worked is None or free is None:
            return False
        self._take(name, [worked], DayKind.WORK)
        self._take(name, [free], DayKind.OFF)
        return True

    def _is_free(self, days: list[date]) -> bool:
        known = (self.days.get(day) for day in days)
        return all(line is not None and line.kind is DayKind.OFF for line in known)

    def _date(self, name: str, token: re.Match[str], last: date | None) -> date:
        month = int(token["month"]) if token["month"] else last.month if last else 0
        year = int(token["year"]) if token["year"] else self._year_of(name, month, last)
        day = date(year, month, int(token["day"]))
        stated = [found.replace("天", "日") for found in _WEEKDAY.findall(token["remark"] or "")]
        if stated and words.weekday(day)[1] not in stated:
            self.problems.append(
                f"{name}：{words.full_date(day)}是{words.weekday(day)}，通知写的是周{stated[0]}。"
            )
        return day

    def _year_of(self, name: str, month: int, last: date | None) -> int:
        if last is None:
            # 12月31日至1月2日 in the part on 元旦: the December before.
            return self.year - 1 if month == 12 and _NEW_YEAR in name else self.year
        return last.year + 1 if last.month == 12 and month == 1 else last.year

    def _stretch(self, first: date, last: date) -> list[date]:
        """The days after the first, which is already there."""
        length = (last - first).days
        if not 0 < length <= _LONGEST_HOLIDAY:
            raise ValueError("no stretch of holidays")
        return [first + _ONE_DAY * n for n in range(1, length + 1)]

    def _take(self, name: str, days: list[date], kind: DayKind) -> None:
        for day in days:
            if kind is DayKind.WORK and day.weekday() < 5:
                self.problems.append(
                    f"{name}：{words.full_date(day)}是{words.weekday(day)}，不是周末，却写为上班。"
                )
            known = self.days.get(day)
            if known and known.kind is not kind:
                self.problems.append(f"{words.full_date(day)}既写放假又写上班。")
            self.days[day] = CalendarDay(day, kind, name)
