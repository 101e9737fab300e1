"""How pressing a deadline is at a moment, and in which words."""

from __future__ import annotations

import pytest

from tests.deadlines.support import (
    ACCEPT,
    CALENDAR,
    COMPLAINT,
    LEGAL,
    NOTICE,
    day,
    due,
    extended,
    local,
    working,
)
from tickets.deadlines.rules import (
    DeadlineKind,
    DeadlineRule,
    Level,
    is_overdue,
    level,
    met_words,
    overdue_days,
    remaining_words,
)

IN_ONE_WEEK = due("2026-11-23 10:00", working(4))  # friday 11-27
BEFORE_A_MAKE_UP_SUNDAY = due("2026-09-16 10:00", working(2))  # friday 09-18; sunday 09-20 is worked
LAW = due("2026-09-29 10:00", LEGAL)  # saturday 11-28, moved to monday 11-30


@pytest.mark.parametrize(
    ("now", "expected", "said"),
    [
        pytest.param("2026-11-25 23:59", Level.CALM, "还剩 2 个工作日", id="two days before"),
        pytest.param(
            "2026-11-26 00:00", Level.YELLOW, "还剩 1 个工作日", id="from 00:00 of the working day before"
        ),
        pytest.param("2026-11-26 23:59", Level.YELLOW, "还剩 1 个工作日", id="to its end"),
        pytest.param("2026-11-27 00:00", Level.DUE_TODAY, "今天到期", id="the last day begins"),
        pytest.param("2026-11-27 23:59:59", Level.DUE_TODAY, "今天到期", id="its last second"),
        pytest.param(
            "2026-11-28 00:00",
            Level.RED,
            "已过期限，11月30日（周一）起计超期",
            id="missed; no working day over yet",
        ),
        pytest.param("2026-11-30 00:00", Level.RED, "超期 1 个工作日", id="the first day over"),
        pytest.param("2026-12-03 23:59", Level.RED, "超期 4 个工作日", id="four over"),
        pytest.param("2026-12-04 00:00", Level.RED_FIVE, "超期 5 个工作日", id="five over"),
        pytest.param(
            "2027-01-10 00:00", Level.RED_FIVE, "超期 29 个工作日", id="long after, in a year not announced"
        ),
    ],
)
def test_a_deadline_in_working_days_from_day_to_day(now: str, expected: Level, said: str) -> None:
    assert level(IN_ONE_WEEK, local(now), CALENDAR) is expected
    assert remaining_words(IN_ONE_WEEK, local(now), CALENDAR) == said


def test_what_was_due_on_friday_is_one_day_over_on_a_worked_sunday() -> None:
    assert overdue_days(BEFORE_A_MAKE_UP_SUNDAY, local("2026-09-19 12:00"), CALENDAR) == 0
    assert overdue_days(BEFORE_A_MAKE_UP_SUNDAY, local("2026-09-20 08:00"), CALENDAR) == 1


def test_yellow_comes_before_a_long_holiday_and_not_within_it() -> None:
    after_the_holiday = due("2026-09-29 10:00", working(2))
    assert after_the_holiday.last_day == day("2026-10-08")

    assert level(after_the_holiday, local("2026-09-29 23:59"), CALENDAR) is Level.CALM
    assert level(after_the_holiday, local("2026-09-30 00:00"), CALENDAR) is Level.YELLOW
    assert level(after_the_holiday, local("2026-10-04 00:00"), CALENDAR) is Level.YELLOW


@pytest.mark.parametrize(
    ("now", "expected", "said"),
    [
        pytest.param("2026-11-26 23:59", Level.CALM, "还剩 2 日（自然日）", id="two days before"),
        pytest.param(
            "2026-11-27 00:00",
            Level.YELLOW,
            "还剩 1 日（自然日）",
            id="the working day before the unmoved day",
        ),
        pytest.param(
            "2026-11-28 00:00",
            Level.DUE_TODAY,
            "11月28日到期，逢休息日顺延至 11月30日（周一）",
            id="the unmoved day",
        ),
        pytest.param("2026-11-30 23:59", Level.DUE_TODAY, "今天到期", id="the day it moved to"),
        pytest.param("2026-12-01 00:00", Level.RED, "超期 1 日（自然日）", id="the first day over"),
        pytest.param("2026-12-05 00:00", Level.RED_FIVE, "超期 5 日（自然日）", id="a saturday counts"),
    ],
)
def test_a_legal_deadline_warns_by_the_unmoved_day_and_is_late_by_the_moved_one(
    now: str, expected: Level, said: str
) -> None:
    assert level(LAW, local(now), CALENDAR) is expected
    assert remaining_words(LAW, local(now), CALENDAR) == said


@pytest.mark.parametrize("rule", [COMPLAINT, NOTICE])
@pytest.mark.parametrize("now", ["2027-01-15 10:00", "2027-06-01 10:00", "2040-01-01 00:00"])
def test_an_estimated_date_never_turns_red(rule: DeadlineRule, now: str) -> None:
    estimated = due("2026-12-24 10:00", rule)

    assert level(estimated, local(now), CALENDAR) is Level.YELLOW
    assert not is_overdue(estimated, local(now))
    assert overdue_days(estimated, local(now), CALENDAR) == 0
    assert remaining_words(estimated, local(now), CALENDAR) == "推算的期限已过，放假安排公布前不判超期"


def test_an_estimated_date_says_that_it_is_one() -> None:
    estimated = due("2026-12-24 10:00")

    assert remaining_words(estimated, local("2027-01-07 10:00"), CALENDAR) == "还剩 1 个工作日（暂按推算）"
    assert remaining_words(estimated, local("2027-01-08 10:00"), CALENDAR) == "今天到期（暂按推算）"


def test_a_day_off_named_on_a_paper_still_warns_on_the_working_day_before() -> None:
    on_saturday = due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2026-12-05")))

    assert level(on_saturday, local("2026-12-03 23:00"), CALENDAR) is Level.CALM
    assert level(on_saturday, local("2026-12-04 00:00"), CALENDAR) is Level.YELLOW
    assert remaining_words(on_saturday, local("2026-12-04 10:00"), CALENDAR) == "12月5日（周六）到期"
    assert remaining_words(on_saturday, local("2026-12-07 10:00"), CALENDAR) == "超期 1 个工作日"


def test_an_approved_extension_ends_red() -> None:
    late = local("2026-12-01 10:00")

    assert level(IN_ONE_WEEK, late, CALENDAR) is Level.RED
    assert level(extended(IN_ONE_WEEK, 5), late, CALENDAR) is Level.CALM


@pytest.mark.parametrize(
    ("met", "said"),
    [
        ("2026-11-25 10:00", "按期（提前 2 个工作日）"),
        ("2026-11-27 23:59", "按期"),
        ("2026-11-28 00:00", "逾期（不足 1 个工作日）"),
        ("2026-11-30 09:00", "逾期 1 个工作日"),
    ],
)
def test_a_met_deadline_says_how_it_was_met(met: str, said: str) -> None:
    assert met_words(IN_ONE_WEEK, local(met), CALENDAR) == said


def test_a_legal_deadline_is_met_in_its_own_unit() -> None:
    assert met_words(LAW, local("2026-11-20 10:00"), CALENDAR) == "按期（提前 8 日（自然日））"
    assert met_words(LAW, local("2026-11-29 10:00"), CALENDAR) == "按期"
    assert met_words(LAW, local("2026-12-02 10:00"), CALENDAR) == "逾期 2 日（自然日）"


def test_nothing_is_called_late_by_an_estimate() -> None:
    assert (
        met_words(due("2026-12-30 10:00", ACCEPT), local("2027-03-01 10:00"), CALENDAR)
        == "推算的期限之后，不判逾期"
    )


def test_levels_are_ordered_from_calm_to_five_over() -> None:
    assert sorted(Level, key=lambda it: it.severity) == [
        Level.CALM,
        Level.YELLOW,
        Level.DUE_TODAY,
        Level.RED,
        Level.RED_FIVE,
    ]
