"""The pasted notice: what is understood, what is doubted, and what saving it changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import DomainError
from tests.calendar.notices import NOTICES
from tickets.calendar.notice import Notice, difference, parse_notice, with_notice
from tickets.calendar.seed import calendar_from, seed_calendar, seed_days
from tickets.calendar.working_days import CalendarDay, DayKind, WorkingCalendar

SEED = seed_calendar()
YEARS = sorted(NOTICES)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def a_notice(*sections: str) -> Notice:
    return parse_notice("关于2027年部分节假日安排的通知\n" + "\n".join(sections))


@pytest.mark.parametrize("year", YEARS)
def test_a_notice_in_the_official_pattern_is_read_without_doubt(year: int) -> None:
    notice = parse_notice(NOTICES[year])

    assert (notice.year, notice.problems, notice.unread) == (year, (), ())


@pytest.mark.parametrize("year", YEARS)
def test_the_notices_say_what_the_calendar_is_seeded_with(year: int) -> None:
    assert [line for line in difference(parse_notice(NOTICES[year]), SEED) if line.changes] == []


def test_all_notices_together_make_the_seeded_calendar() -> None:
    calendar = calendar_from((), frozenset(), version=0)
    for text in NOTICES.values():
        calendar = with_notice(calendar, parse_notice(text))

    for year in YEARS:
        for day in days_of(year):
            assert calendar.is_working_day(day) == SEED.is_working_day(day), day
    assert calendar.announced_years == SEED.announced_years
    assert calendar.makeup_days.keys() == SEED.makeup_days.keys()
    assert calendar.version == len(YEARS)


def test_days_carry_the_name_of_their_holiday() -> None:
    days = {line.day: line for line in parse_notice(NOTICES[2026]).days}
    seeded = [line for line in seed_days() if line.day.year == 2026]

    assert [days[line.day] for line in seeded] == seeded


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param(NOTICES[2023], date(2022, 12, 31), id="the year written out"),
        pytest.param(
            "关于2025年部分节假日安排的通知\n一、元旦：12月30日至1月1日放假，共3天。",
            date(2024, 12, 30),
            id="not written",
        ),
    ],
)
def test_new_year_may_begin_in_the_december_before(text: str, day: date) -> None:
    assert day in {line.day for line in parse_notice(text).days}


def test_a_wish_is_not_a_day_off() -> None:
    assert date(2024, 2, 9) not in {line.day for line in parse_notice(NOTICES[2024]).days}


def test_lines_may_be_broken_anywhere_and_digits_written_wide() -> None:
    text = NOTICES[2026].replace("放假", "放\n假").replace("周", "周\n").replace("1月", " １ 月 ")

    assert parse_notice(text) == parse_notice(NOTICES[2026])


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        pytest.param(
            "一、元旦：1月1日（周四）放假，共1天。", "2027年1月1日是周五，通知写的是周四", id="weekday"
        ),
        pytest.param(
            "一、元旦：1月1日（周五）至3日（周日）放假，共4天。", "写明 4 天，读出 3 天", id="number of days"
        ),
        pytest.param(
            "一、元旦：1月1日放假。1月4日上班。", "不是周末，却写为上班", id="make-up day on a weekday"
        ),
        pytest.param("一、元旦：1月2日放假。1月2日上班。", "既写放假又写上班", id="both"),
        pytest.param("一、元旦：1月1日放假。", "没有读到：春节、清明节", id="a holiday is missing"),
    ],
)
def test_contradictions_are_said(section: str, problem: str) -> None:
    assert problem in "\n".join(a_notice(section).problems)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("2月5日、2月6日另行安排", id="no word that says what it is"),
        pytest.param("2月30日放假", id="no such day"),
        pytest.param("2月1日至12月1日放假", id="too long to be a holiday"),
    ],
)
def test_a_sentence_that_was_not_understood_is_handed_back(sentence: str) -> None:
    notice = a_notice("一、元旦：1月1日放假。", f"二、春节：{sentence}。")

    assert notice.unread == (sentence,)
    assert [line.day for line in notice.days] == [date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("一、元旦：1月1日放假。", "没有找到年份", id="no year"),
        pytest.param("关于2027年部分节假日安排的通知", "没有识别出放假安排", id="no holidays"),
        pytest.param("", "没有找到年份", id="nothing"),
    ],
)
def test_what_is_no_notice_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        parse_notice(text)


def test_the_day_a_page_was_published_is_not_the_year_it_is_about() -> None:
    page = "发布时间：2026年11月4日 国务院办公厅关于2027年部分节假日安排的通知\n一、元旦：1月1日放假，共1天。"

    assert parse_notice(page).year == 2027


def test_a_newly_announced_year_replaces_the_estimate() -> None:
    notice = a_notice("一、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。")

    announced = with_notice(SEED, notice)

    assert not announced.is_provisional(date(2027, 2, 5))
    assert announced.version == SEED.version + 1
    assert announced.is_working_day(date(2027, 2, 14))
    assert not announced.is_working_day(date(2027, 2, 11))
    assert announced.is_working_day(date(2027, 4, 5)), "the estimated 清明节 was not confirmed"


def test_the_difference_shows_both_sides_of_every_day_that_moves() -> None:
    notice = a_notice("一、春节：2月5日至11日放假调休，共7天。2月14日（周日）上班。")

    compared = {line.day: line for line in difference(notice, SEED)}

    assert (compared[date(2027, 2, 5)].before, compared[date(2027, 2, 5)].after) == ("春节放假", "春节放假")
    assert not compared[date(2027, 2, 5)].changes
    assert (compared[date(2027, 2, 14)].before, compared[date(2027, 2, 14)].after) == ("周日", "调休上班")
    assert (compared[date(2027, 4, 5)].before, compared[date(2027, 4, 5)].after) == ("清明放假", "工作日")
    assert compared[date(2027, 4, 5)].changes


def test_pasting_a_year_again_keeps_the_december_days_of_the_next_notice() -> None:
    worked = CalendarDay(date(2026, 12, 27), DayKind.WORK, "元旦")
    calendar = WorkingCalendar.of([*seed_days(), worked], SEED.announced_years, 2)

    again = with_notice(calendar, parse_notice(NOTICES[2026]))

    assert again.is_working_day(worked.day)


def test_reading_takes_no_time_even_for_a_whole_web_page() -> None:
    page = "关于2027年" + "一、" * 50_000 + "1月1日至" * 50_000 + "(" * 50_000

    with pytest.raises(DomainError):
        parse_notice(page)
