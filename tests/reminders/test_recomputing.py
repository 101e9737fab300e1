"""A year is announced: open deadlines are worked out again, the history says so, and its replay stays true."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from core.clock import OFFICE_ZONE, now
from core.db import db, transaction
from tests.life.support import PHONE
from tests.reminders.conftest import Watched
from tickets.models import CalendarDay, CalendarYear, TicketEvent
from tickets.reminders.recomputing import recompute_all
from tickets.replay import verify_replay
from tickets.vocabulary import Action, Status


def announce_2027(*lines: tuple[str, bool]) -> None:
    with transaction() as session:
        version = session.execute(sa.select(sa.func.max(CalendarYear.version))).scalar_one()
        session.add(
            CalendarYear(year=2027, source="test", version=version + 1, saved_by="test", saved_at=now())
        )
        session.flush()
        for day, off in lines:
            session.add(CalendarDay(day=date.fromisoformat(day), year=2027, off=off, name="元旦"))


@pytest.fixture
def at_the_years_end(desk: Watched) -> Watched:
    """Registered on 28 December: ten working days on is 12 January, as long as the new year is only estimated."""
    desk.clock.moment = datetime(2026, 12, 28, 9, tzinfo=OFFICE_ZONE)
    desk.register(PHONE)
    desk.until(Status.IN_PROGRESS)
    return desk


def test_an_announced_day_off_moves_what_was_estimated(at_the_years_end: Watched) -> None:
    desk = at_the_years_end
    before = desk.deadline("resolve")
    assert (before.provisional, before.last_day) == (True, date(2027, 1, 12))

    announce_2027(("2027-01-01", True), ("2027-01-04", True))
    (moved,) = recompute_all()

    after = desk.deadline("resolve")
    assert (after.provisional, after.last_day) == (False, date(2027, 1, 13))
    assert after.original_last_day == date(2027, 1, 13)
    assert moved.number == desk.number
    assert ("办理", date(2027, 1, 12), date(2027, 1, 13)) in moved.days


def test_the_history_says_from_which_day_to_which_and_replays(at_the_years_end: Watched) -> None:
    announce_2027(("2027-01-01", True), ("2027-01-04", True))
    recompute_all()

    event = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.RECOMPUTE)).one()
    assert json.loads(event.data)["moved"]["resolve/1"] == ["2027-01-12", "2027-01-13"]
    assert event.from_status is event.to_status
    assert verify_replay(db.session()).ok


def test_running_it_again_changes_nothing(at_the_years_end: Watched) -> None:
    announce_2027(("2027-01-01", True), ("2027-01-04", True))
    assert recompute_all()
    assert recompute_all() == []


def test_days_that_stay_become_certain_and_nobody_is_told(at_the_years_end: Watched) -> None:
    announce_2027(("2027-01-01", True))
    assert recompute_all() == []
    assert not at_the_years_end.deadline("resolve").provisional
    event = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.RECOMPUTE)).one()
    assert "日期不变" in event.reason
    assert verify_replay(db.session()).ok


def test_what_is_done_keeps_its_days(at_the_years_end: Watched) -> None:
    desk = at_the_years_end
    accepted = desk.deadline("accept")
    announce_2027(("2027-01-01", True), ("2027-01-04", True))
    recompute_all()
    assert desk.deadline("accept").last_day == accepted.last_day
    assert desk.deadline("accept").calendar_version == accepted.calendar_version
