"""When a late case asks for its reason: from the first day over, renewed every five working days and when its day has gone by."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.deadlines.support import CALENDAR, COMPLAINT, NOTICE, due, local
from tickets.deadlines.asking import Ask, Given, asked

# Monday 2026-11-23 and ten working days: due on Monday 12-07, the first day over is Tuesday 12-08.
RESOLVE = due("2026-11-23 09:00", COMPLAINT)
LEGAL = due("2026-11-23 09:00", NOTICE)


def morning(day: str) -> datetime:
    return local(f"{day} 08:00")


def given(on: str, expected: str = "2026-12-31") -> Given:
    return Given(on=date.fromisoformat(on), expected_on=date.fromisoformat(expected))


@pytest.mark.parametrize(
    ("day", "note", "wanted"),
    [
        ("2026-12-07", None, None),
        ("2026-12-08", None, Ask.FIRST),
        ("2026-12-08", given("2026-12-08"), None),
        ("2026-12-14", given("2026-12-08"), None),
        ("2026-12-15", given("2026-12-08"), Ask.RENEW),
        ("2026-12-11", given("2026-12-08", "2026-12-10"), Ask.PASSED),
        ("2026-12-10", given("2026-12-08", "2026-12-10"), None),
        # Expected on a Friday: at the weekend nobody can have done it, and nobody is asked.
        ("2026-12-12", given("2026-12-08", "2026-12-11"), None),
        ("2026-12-14", given("2026-12-08", "2026-12-11"), Ask.PASSED),
        # What was written while the deadline still ran was about an earlier delay.
        ("2026-12-08", given("2026-12-07"), Ask.FIRST),
        ("2026-12-08", given("2026-11-20"), Ask.FIRST),
    ],
)
def test_what_is_asked_on_which_day(day: str, note: Given | None, wanted: Ask | None) -> None:
    assert asked([RESOLVE], note, morning(day), CALENDAR) is wanted


def test_a_case_that_is_late_in_two_ways_is_asked_from_the_first_of_them() -> None:
    assert LEGAL.last_day == date(2026, 12, 8)

    assert asked([RESOLVE, LEGAL], None, morning("2026-12-08"), CALENDAR) is Ask.FIRST
    assert asked([LEGAL], None, morning("2026-12-08"), CALENDAR) is None


def test_on_the_weekend_after_a_missed_friday_nobody_is_asked_yet() -> None:
    friday = due("2026-11-20 09:00", COMPLAINT)

    assert friday.last_day == date(2026, 12, 4)
    assert asked([friday], None, morning("2026-12-05"), CALENDAR) is None
    assert asked([friday], None, morning("2026-12-07"), CALENDAR) is Ask.FIRST
    assert asked([friday], given("2026-12-05"), morning("2026-12-07"), CALENDAR) is None


def test_what_is_not_late_asks_nothing() -> None:
    assert asked([], None, morning("2026-12-08"), CALENDAR) is None
