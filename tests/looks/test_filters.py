"""Dates, days and figures as the office writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import current_app

from core.templating import filesize, number, office_date, office_datetime, relative_day
from tests.looks.sample import sample_app


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """Monday 2026-11-23, 09:05 in the office."""
    with sample_app().app_context():
        yield


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(date(2026, 11, 23), "2026-11-23 周一", id="a day"),
        pytest.param(date(2026, 11, 22), "2026-11-22 周日", id="sunday"),
        pytest.param(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), "2026-11-23 周一", id="already monday here"),
        pytest.param(None, "—", id="nothing"),
    ],
)
def test_a_date_names_its_weekday(value: date | None, words: str) -> None:
    assert office_date(value) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        pytest.param(datetime(2026, 11, 23, 1, 5, tzinfo=UTC), "11月23日 09:05", id="this year"),
        pytest.param(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025年12月31日 23:59", id="last year"),
        pytest.param(
            datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日 00:00", id="this year by the office's zone"
        ),
        pytest.param(None, "—", id="nothing"),
    ],
)
def test_a_moment_is_shown_in_the_office_s_zone(moment: datetime | None, words: str) -> None:
    assert office_datetime(moment) == words


def test_the_year_turns_at_the_office_s_midnight() -> None:
    current_app.extensions["clock"].moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)

    assert office_datetime(datetime(2026, 12, 31, 15, 0, tzinfo=UTC)) == "2026年12月31日 23:00"
    assert office_datetime(datetime(2026, 12, 31, 16, 10, tzinfo=UTC)) == "1月1日 00:10"


def test_a_moment_without_a_zone_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="time zone"):
        office_datetime(datetime(2026, 11, 23, 9, 5))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "今天"),
        (date(2026, 11, 22), "昨天"),
        (date(2026, 11, 24), "明天"),
        (date(2026, 11, 20), "3天前"),
        (date(2026, 11, 30), "7天后"),
    ],
)
def test_a_near_day_is_told_by_its_distance(day: date, words: str) -> None:
    assert relative_day(day) == words


def test_a_moment_late_last_evening_is_yesterday() -> None:
    assert relative_day(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == "昨天"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 字节"),
        (1023, "1023 字节"),
        (1024, "1.0 KB"),
        (1024 * 1024 - 1, "1.0 MB"),
        (3 * 1024 * 1024, "3.0 MB"),
        (5 * 1024**3, "5.0 GB"),
        (None, "—"),
    ],
)
def test_a_file_size_has_a_unit_people_know(octets: int | None, words: str) -> None:
    assert filesize(octets) == words


def test_figures_have_thousands_and_nothing_is_not_zero() -> None:
    assert (number(18402), number(0), number(None)) == ("18,402", "0", "—")
