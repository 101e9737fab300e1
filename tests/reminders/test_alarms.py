"""Danger to life, and five complaints about one school in a day, reach the duty contact at once and once."""

from __future__ import annotations

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


def test_an_everyday_case_alarms_nobody(desk: Watched) -> None:
    desk.register(PHONE)
    assert alarms.tell_duty() == 0
    assert db.session.execute(sa.select(sa.func.count(Ticket.id))).scalar_one() == 1
