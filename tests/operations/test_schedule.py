"""Daily jobs: once a day, made up for when the computer was off, tried again when they failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from core.clock import FixedClock
from core.db import db
from core.registry import Job, registry
from operations import schedule
from operations.schedule import Schedule, last_moment
from tests.support.app import clock_of, make_app


class Daily:
    """A daily job that counts, and fails when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails = False

    def __call__(self) -> None:
        self.runs += 1
        if self.fails:
            raise RuntimeError("told to fail")


@pytest.fixture
def daily() -> Daily:
    return Daily()


@pytest.fixture
def app(tmp_path: Path, daily: Daily) -> Iterator[Flask]:
    app = make_app(tmp_path)
    registry(app).jobs[:] = [Job(name="test.daily", run=daily, at=(3, 10))]
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def clock(app: Flask) -> FixedClock:
    clock = clock_of(app)
    clock.moment = datetime(2026, 11, 23, 3, 9, tzinfo=UTC) - timedelta(hours=8)  # 03:09 at the office
    return clock


@pytest.fixture
def running(app: Flask) -> Schedule:
    return Schedule(app)


@pytest.mark.parametrize(
    ("office_time", "expected"),
    [("2026-11-23T03:10", "2026-11-23T03:10"), ("2026-11-23T03:09", "2026-11-22T03:10")],
)
def test_the_last_moment_is_the_offices_own(office_time: str, expected: str) -> None:
    moment = datetime.fromisoformat(office_time + "+08:00")
    assert last_moment((3, 10), moment) == datetime.fromisoformat(expected + "+08:00")


def test_a_daily_job_runs_once_a_day_however_often_it_is_looked_for(
    running: Schedule, clock: FixedClock, daily: Daily
) -> None:
    running._look_at_the_day()
    running._look_at_the_day()
    assert daily.runs == 1  # it had never run
    clock.moment += timedelta(minutes=1)
    running._look_at_the_day()
    running._look_at_the_day()
    assert daily.runs == 2
    clock.moment += timedelta(hours=23, minutes=59)
    running._look_at_the_day()
    assert daily.runs == 2


def test_a_night_in_which_the_computer_was_off_is_made_up_for_once(
    running: Schedule, clock: FixedClock, daily: Daily
) -> None:
    running._look_at_the_day()
    clock.moment += timedelta(days=3, hours=5)
    running._look_at_the_day()
    running._look_at_the_day()
    assert daily.runs == 2


def test_a_failed_job_is_known_and_tried_again_after_ten_minutes(
    app: Flask, running: Schedule, clock: FixedClock, daily: Daily
) -> None:
    daily.fails = True
    running._look_at_the_day()
    running._look_at_the_day()
    assert daily.runs == 1
    with app.app_context():
        assert schedule.troubled_jobs(db.session()) == {"test.daily": clock.moment}

    daily.fails = False
    clock.moment += timedelta(minutes=10)
    running._look_at_the_day()

    assert daily.runs == 2
    with app.app_context():
        assert schedule.troubled_jobs(db.session()) == {}
