"""Which days are worked: the announced years 2023 to 2026, years not announced, and years nobody knows."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.calendar.seed import announced_years, calendar_from, seed_calendar, statutory_days
from tickets.calendar.working_days import CalendarDay, DayKind, WorkingCalendar

SEED = seed_calendar()
ANY_DAY = st.dates(date(1900, 1, 1), date(2200, 12, 31))
RECENT_DAY = st.dates(date(2022, 6, 1), date(2028, 6, 30))


def worked(first: str, last: str) -> str:
    """A stretch of days as one letter each: 班 worked, 休 free."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    letters = ""
    while day <= end:
        letters += "班" if SEED.is_working_day(day) else "休"
        day += timedelta(days=1)
    return letters


def days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


@pytest.mark.parametrize(
    ("monday", "sunday", "week"),
    [
        pytest.param("2023-01-16", "2023-01-29", "班班班班班休休休休休休休班班", id="2023 春节"),
        pytest.param("2023-04-17", "2023-04-23", "班班班班班休班", id="2023 before 劳动节"),
        pytest.param("2023-05-01", "2023-05-07", "休休休班班班休", id="2023 劳动节"),
        pytest.param("2023-06-19", "2023-06-25", "班班班休休休班", id="2023 端午节"),
        pytest.param("2023-10-02", "2023-10-08", "休休休休休班班", id="2023 国庆节"),
        pytest.param("2024-01-29", "2024-02-04", "班班班班班休班", id="2024 before 春节"),
        pytest.param(
            "2024-02-05", "2024-02-18", "班班班班班休休休休休休休休班", id="2024 春节, 除夕 is worked"
        ),
        pytest.param("2024-04-01", "2024-04-07", "班班班休休休班", id="2024 清明节"),
        pytest.param("2024-09-09", "2024-09-15", "班班班班班班休", id="2024 before 中秋节"),
        pytest.param("2024-10-07", "2024-10-13", "休班班班班班休", id="2024 after 国庆节"),
        pytest.param(
            "2025-01-20", "2025-02-09", "班班班班班休班班休休休休休休休休班班班班休", id="2025 春节"
        ),
        pytest.param("2025-09-22", "2025-09-28", "班班班班班休班", id="2025 before 国庆节"),
        pytest.param("2025-10-06", "2025-10-12", "休休休班班班休", id="2025 国庆节 and 中秋节"),
        pytest.param("2025-12-29", "2026-01-04", "班班班休休休班", id="2026 元旦"),
        pytest.param(
            "2026-02-09", "2026-03-01", "班班班班班班休休休休休休休休休班班班班班休", id="2026 春节"
        ),
        pytest.param("2026-05-04", "2026-05-10", "休休班班班班休", id="2026 劳动节"),
        pytest.param("2026-09-14", "2026-09-20", "班班班班班休班", id="2026 before 国庆节"),
        pytest.param("2026-10-05", "2026-10-11", "休休休班班班休", id="2026 国庆节"),
    ],
)
def test_the_weeks_around_holidays(monday: str, sunday: str, week: str) -> None:
    assert worked(monday, sunday) == week


@pytest.mark.parametrize(
    ("year", "free_by_law", "worked_days", "made_up"),
    [(2023, 11, 249, 7), (2024, 11, 251, 8), (2025, 13, 248, 5), (2026, 13, 248, 6)],
)
def test_an_announced_year_has_as_many_working_days_as_the_law_leaves(
    year: int, free_by_law: int, worked_days: int, made_up: int
) -> None:
    """A make-up day only exchanges: weekdays less the days free by law (11, since 2025 13) is what remains."""
    eve = date(year - 1, 12, 31)
    weekdays = sum((eve + timedelta(days=n)).weekday() < 5 for n in range(1, days_in(year) + 1))

    assert SEED.count_working_days(eve, date(year, 12, 31)) == worked_days == weekdays - free_by_law
    assert sum(day.year == year for day in SEED.makeup_days) == made_up


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_an_announced_year_agrees_with_an_independent_table_on_every_day(year: int) -> None:
    other = holidays.country_holidays("CN", years=year)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(days_in(year))]

    assert [day for day in days if SEED.is_working_day(day) != other.is_working_day(day)] == []


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-10-01", "国庆放假"),
        ("2026-10-10", "调休上班"),
        ("2026-10-11", "周日"),
        ("2026-10-12", "工作日"),
        ("2026-09-26", "中秋放假"),
        ("2026-02-16", "春节放假"),
        ("2027-01-01", "元旦放假"),
        ("2028-10-03", "中秋、国庆放假"),
    ],
)
def test_every_day_can_say_why(day: str, why: str) -> None:
    assert SEED.why(date.fromisoformat(day)) == why


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        ("2026-09-18", 15, "2026-10-15"),
        ("2026-09-30", 15, "2026-10-27"),
        ("2026-12-20", 15, "2027-01-11"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-12-18", 10, "2027-01-04"),
        ("2026-11-21", 0, "2026-11-21"),
    ],
)
def test_adding_working_days(start: str, n: int, last: str) -> None:
    assert SEED.add_working_days(date.fromisoformat(start), n) == date.fromisoformat(last)


def test_working_days_are_only_counted_forward() -> None:
    with pytest.raises(ValueError, match="forward"):
        SEED.add_working_days(date(2026, 1, 1), -1)


def test_a_day_that_is_both_free_and_made_up_is_worked() -> None:
    day = date(2026, 10, 9)
    calendar = WorkingCalendar({day: "国庆节"}, {day: "国庆节"}, frozenset({2026}), 1)

    assert calendar.is_working_day(day)
    assert calendar.count_working_days(day - timedelta(days=1), day) == 1


def test_the_seed_announces_2023_to_2026_and_estimates_the_rest() -> None:
    assert SEED.announced_years == {2023, 2024, 2025, 2026}
    assert SEED.is_provisional(date(2027, 1, 1))
    assert not SEED.is_working_day(date(2027, 2, 5)), "除夕 is free by law since 2025"
    assert SEED.is_working_day(date(2022, 10, 6)), "free by exchange only: not estimated"
    assert SEED.unannounced_years(date(2022, 12, 1), date(2027, 2, 1)) == (2022, 2027)


def test_a_december_day_from_the_next_notice_announces_nothing() -> None:
    assert announced_years([CalendarDay(date(2026, 12, 31), DayKind.OFF, "元旦")]) == frozenset()


def test_statutory_days_do_not_leak_into_an_announced_year() -> None:
    calendar = calendar_from(
        [CalendarDay(date(2027, 10, 1), DayKind.OFF, "国庆节")], frozenset({2027}), version=7
    )

    assert date(2027, 4, 5) in statutory_days()
    assert calendar.is_working_day(date(2027, 4, 5)), "the arrangement is what counts"
    assert not calendar.is_working_day(date(2027, 10, 1))
    assert not calendar.is_working_day(date(2028, 4, 4)), "not announced: by law"
    assert calendar.version == 7


@given(ANY_DAY, st.integers(0, 400))
def test_no_year_ever_raises(day: date, n: int) -> None:
    last = SEED.add_working_days(day, n)

    assert last >= day
    assert SEED.why(last)
    assert SEED.is_provisional(last) == (last.year not in SEED.announced_years)


@given(RECENT_DAY, st.integers(0, 800))
def test_counting_agrees_with_looking_at_every_day(after: date, length: int) -> None:
    days = [after + timedelta(days=n) for n in range(1, length + 1)]
    until = after + timedelta(days=length)

    counted = [day for day in days if SEED.is_working_day(day)]

    assert SEED.count_working_days(after, until) == len(counted)
    assert list(SEED.working_days(after, until)) == counted
    assert SEED.count_working_days(until, after) == 0


@given(RECENT_DAY, st.integers(1, 400))
def test_adding_and_counting_are_each_others_inverse(day: date, n: int) -> None:
    last = SEED.add_working_days(day, n)

    assert SEED.is_working_day(last)
    assert SEED.count_working_days(day, last) == n


@given(RECENT_DAY)
def test_next_and_previous_are_the_nearest_working_days(day: date) -> None:
    following, before = SEED.next_working_day(day), SEED.previous_working_day(day)

    assert before < day < following
    assert SEED.count_working_days(before, following) == 1 + SEED.is_working_day(day)
    assert SEED.working_day_from(day) == (day if SEED.is_working_day(day) else following)
