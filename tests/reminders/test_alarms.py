"""Danger to life, and five complaints about one school in a day, reach the duty contact at once and once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from core.clock import now
from core.db import db, transaction
from core.registry import Banner
from tests.life.support import PHONE, person
from tests.reminders.conftest import Watched
from tickets.models import School, Ticket
from tickets.queries.listing import badges
from tickets.reminders import alarms
from tickets.vocabulary import Action, Alarm

IN_DANGER = "孩子说不想活了，要跳楼。"


def a_school() -> int:
    with transaction() as session:
        school = School(name="城东实验小学")
        session.add(school)
        session.flush()
        return school.id


def test_danger_to_life_is_told_at_once_and_once(desk: Watched) -> None:
    desk.register(PHONE, matter=IN_DANGER)
    assert desk.ticket().alarm is Alarm.Y1

    assert alarms.tell_duty() == 1
    assert alarms.tell_duty() == 0
    ((recipient, text),) = desk.mails()
    assert recipient == "duty@example.com"
    assert "生命安全" in text
    assert desk.number not in text
    assert "跳楼" not in text


def test_the_mail_passes_every_limit(desk: Watched) -> None:
    from outbox.models import OutboxMessage

    desk.register(PHONE, matter=IN_DANGER)
    alarms.tell_duty()
    assert db.session.execute(sa.select(OutboxMessage.priority)).scalar_one() == 0


def banner(username: str) -> list[Banner]:
    actor = person(username)
    db.session.rollback()
    return alarms.banners(actor, badges(db.session(), actor, now()).in_danger)


def test_the_banner_stands_until_somebody_takes_it_on(desk: Watched) -> None:
    with desk.app.test_request_context():
        number = desk.register(PHONE, matter=IN_DANGER)
        assert [number in each.text for each in banner("head")] == [True]
        assert banner("other_head") == []
        desk.do("worker", Action.ACCEPT)
        assert banner("head") == []


def test_five_about_one_school_in_a_day_are_a_cluster(desk: Watched) -> None:
    school = a_school()
    for _ in range(4):
        desk.register(PHONE, school_ids=(school,))
    assert alarms.clusters(db.session()) == []

    desk.register(PHONE, school_ids=(school,))
    db.session.rollback()
    ((found),) = alarms.clusters(db.session())
    assert (found.school, found.count) == ("城东实验小学", 5)
    assert alarms.tell_duty() == 1
    assert alarms.tell_duty() == 0
    assert "城东" not in desk.mails()[0][1]

    desk.later(hours=25)
    db.session.rollback()
    assert alarms.clusters(db.session()) == []


def received(desk: Watched, school: int, *hours_ago: float) -> None:
    """Complaints that arrived so many hours ago and are entered now."""
    for hours in hours_ago:
        desk.register(PHONE, school_ids=(school,), received_at=now() - timedelta(hours=hours))


def told() -> int:
    db.session.rollback()
    return alarms.tell_duty()


def test_letters_that_an_outage_held_back_alarm_when_they_come_in(desk: Watched) -> None:
    school = a_school()
    received(desk, school, 60, 58, 57, 57, 56)

    assert told() == 1
    db.session.rollback()
    ((found),) = alarms.clusters(db.session())
    assert (found.count, found.begins) == (5, now() - timedelta(hours=60))


def test_a_call_written_down_late_completes_the_day_it_came_on(desk: Watched) -> None:
    school = a_school()
    received(desk, school, 3, 2, 2, 1)
    desk.later(hours=26)
    assert told() == 0

    received(desk, school, 28)
    assert told() == 1


def test_five_entered_at_once_that_came_on_five_days_are_none(desk: Watched) -> None:
    received(desk, a_school(), 1, 30, 60, 90, 120)

    assert told() == 0
    db.session.rollback()
    assert alarms.clusters(db.session()) == []


def test_who_joins_a_crowd_that_was_told_of_raises_no_second_alarm(desk: Watched) -> None:
    school = a_school()
    received(desk, school, 0, 0, 0, 0, 0)
    assert told() == 1
    desk.later(hours=14)  # past midnight: another day, the same crowd
    received(desk, school, 0, 0, 0, 0, 0, 5)
    assert told() == 0

    desk.later(hours=11)
    received(desk, school, 0, 0, 0, 0)
    assert told() == 0
    received(desk, school, 0)
    assert told() == 1


def test_old_letters_brought_in_for_the_record_alarm_nobody(desk: Watched) -> None:
    received(desk, a_school(), *[24 * 20] * 6)

    assert told() == 0


def test_each_school_has_its_own_crowd(desk: Watched) -> None:
    school = a_school()
    with transaction() as session:
        session.add(School(name="城西小学"))
        session.flush()
        other = session.scalars(sa.select(School.id).where(School.name == "城西小学")).one()
    received(desk, school, 1, 1, 1, 1)
    received(desk, other, 1)

    assert told() == 0


def test_an_everyday_case_alarms_nobody(desk: Watched) -> None:
    desk.register(PHONE)
    assert alarms.tell_duty() == 0
    assert db.session.execute(sa.select(sa.func.count(Ticket.id))).scalar_one() == 1
