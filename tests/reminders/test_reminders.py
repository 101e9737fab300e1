"""临期 from the working day before, today, 超期 from the first day over, five over to the leader: each exactly once, on working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import LoginSession
from core.clock import OFFICE_ZONE, now
from core.db import db, transaction
from outbox.models import OutboxMessage
from tests.life.support import MAIL, PHONE, person
from tests.reminders.conftest import Watched
from tickets import overdue_reasons
from tickets.loading import SOURCE
from tickets.models import Reminder, Ticket
from tickets.reminders.jobs import resume_by_date
from tickets.reminders.raising import Raised, raise_due
from tickets.replay import verify_replay
from tickets.vocabulary import Action, OverdueReason, Status


def at(desk: Watched, day: str) -> Raised:
    """The morning run of a day."""
    desk.clock.moment = datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=OFFICE_ZONE)
    return raise_due()


def levels() -> list[str]:
    db.session.rollback()
    return [row.level.value for row in db.session.scalars(sa.select(Reminder).order_by(Reminder.id))]


@pytest.fixture
def being_handled(desk: Watched) -> Watched:
    """Registered on Monday 23 November: the answer is due on 7 December, the statutory notice on 8 December."""
    desk.register(PHONE)
    desk.until(Status.IN_PROGRESS)
    desk.do("worker", Action.NOTIFY)  # the notice is given: only the answer is owed
    return desk


def test_each_level_comes_on_its_day_and_once(being_handled: Watched) -> None:
    desk = being_handled
    new = {
        day: at(desk, day).reminders
        for day in ("2026-12-03", "2026-12-04", "2026-12-05", "2026-12-07", "2026-12-08", "2026-12-09")
    }

    assert new == {
        "2026-12-03": 0,
        "2026-12-04": 1,  # Friday: the working day before Monday the 7th
        "2026-12-05": 0,  # Saturday
        "2026-12-07": 1,
        "2026-12-08": 1,
        "2026-12-09": 0,
    }
    assert at(desk, "2026-12-14").reminders == 1
    assert levels() == ["yellow", "due_today", "red", "red_five"]


def test_a_second_run_reminds_of_nothing(being_handled: Watched) -> None:
    desk = being_handled
    desk.writes_to("worker")
    assert at(desk, "2026-12-07") == Raised(reminders=1, digests=1)
    assert at(desk, "2026-12-07") == Raised()
    assert len(desk.mails()) == 1


def test_whom_it_concerns_widens_from_the_handler_to_the_leader(being_handled: Watched) -> None:
    desk = being_handled
    desk.writes_to("worker", "head", "head_only", "leader", "other_head", "supervisor")

    told = {}
    for day in ("2026-12-04", "2026-12-08", "2026-12-14"):
        before = len(desk.mails())
        at(desk, day)
        told[day] = {recipient.partition("@")[0] for recipient, _ in desk.mails()[before:]}

    assert told == {
        "2026-12-04": {"worker"},
        "2026-12-08": {"worker", "head", "head_only"},
        "2026-12-14": {"worker", "head", "head_only", "leader"},
    }


def test_a_mail_says_how_many_and_nothing_else(being_handled: Watched) -> None:
    desk = being_handled
    desk.writes_to("worker")
    at(desk, "2026-12-08")

    ((_, text),) = desk.mails()
    assert "已超期：1 件" in text
    assert "超期原因" in text
    for secret in (desk.number, "材料费", "林小雅", "13905951234", "学校"):
        assert secret not in text


def test_who_gave_no_address_gets_no_mail(being_handled: Watched) -> None:
    assert at(being_handled, "2026-12-08") == Raised(reminders=1, digests=0)


def test_an_extended_deadline_reminds_again_before_its_new_day(being_handled: Watched) -> None:
    desk = being_handled
    at(desk, "2026-12-04")
    desk.do("worker", Action.EXTEND, days="3")
    desk.do("leader", Action.EXTEND)

    assert at(desk, "2026-12-07").reminders == 0
    assert at(desk, "2026-12-09").reminders == 1
    assert levels() == ["yellow", "yellow"]


def test_what_rests_is_not_reminded_of_and_wakes_by_its_date(being_handled: Watched) -> None:
    desk = being_handled
    desk.do("head", Action.SUSPEND, until="2026-12-10")
    assert at(desk, "2026-12-08").reminders == 0
    assert resume_by_date() == 0

    at(desk, "2026-12-11")
    assert resume_by_date() == 1
    assert resume_by_date() == 0
    assert desk.status() is Status.IN_PROGRESS
    assert verify_replay(db.session()).ok


def test_history_from_elsewhere_reminds_nobody(being_handled: Watched) -> None:
    with transaction() as session:
        session.execute(sa.update(Ticket).values(source=SOURCE, external_id="1"))
    assert at(being_handled, "2026-12-08").reminders == 0


def test_a_ticket_without_a_handler_reminds_the_section(desk: Watched) -> None:
    desk.register(MAIL)
    desk.writes_to("worker", "clerk_only", "other_worker")
    at(desk, "2026-11-25")

    assert [recipient for recipient, _ in desk.mails()] == ["worker@example.com"]


def test_a_deputy_is_reminded_too(being_handled: Watched) -> None:
    from accounts.models import Delegation
    from core.clock import now
    from tests.life.support import person

    desk = being_handled
    desk.writes_to("worker", "handler_only")
    ids: dict[str, Any] = {name: person(name).id for name in ("worker", "handler_only")}
    with transaction() as session:
        session.add(
            Delegation(
                principal_id=ids["worker"],
                deputy_id=ids["handler_only"],
                from_day="2026-12-01",
                until_day="2026-12-10",
                created_by_id=ids["worker"],
                created_at=now(),
            )
        )
    at(desk, "2026-12-07")

    assert {recipient for recipient, _ in desk.mails()} == {"worker@example.com", "handler_only@example.com"}
    assert db.session.execute(sa.select(sa.func.count(OutboxMessage.id))).scalar_one() == 2


def late_with_reason(desk: Watched, expected_on: str) -> None:
    """Since 12-08 the answer is owed, and on that day somebody has said why."""
    at(desk, "2026-12-08")
    with transaction() as session:
        overdue_reasons.explain(
            session,
            desk.number,
            reason=OverdueReason.SCHOOL_SILENT,
            text="",
            expected_on=date.fromisoformat(expected_on),
            actor=person("worker"),
        )


def test_a_reason_that_has_grown_old_is_reminded_of_once(being_handled: Watched) -> None:
    desk = being_handled
    desk.writes_to("worker", "head")
    late_with_reason(desk, "2026-12-31")
    before = len(desk.mails())

    assert at(desk, "2026-12-11").reminders == 0
    assert at(desk, "2026-12-14").reminders == 1  # five days over
    assert at(desk, "2026-12-15").reminders == 1  # five working days after the reason
    assert at(desk, "2026-12-16").reminders == 0
    told = desk.mails()[before:]
    renewed = [(who, text) for who, text in told if "超期原因要更新：1 件" in text]
    assert {who for who, _ in renewed} == {"worker@example.com", "head@example.com"}
    assert "填写超期原因和预计办结日期" in renewed[0][1]


def test_a_promised_day_that_has_gone_by_is_reminded_of_too(being_handled: Watched) -> None:
    desk = being_handled
    late_with_reason(desk, "2026-12-09")

    assert at(desk, "2026-12-09").reminders == 0
    assert at(desk, "2026-12-10").reminders == 1
    assert at(desk, "2026-12-11").reminders == 0


def test_a_report_no_head_has_seen_for_a_working_day_moves_up_once(desk: Watched) -> None:
    desk.writes_to("leader", "worker")
    desk.register(PHONE)
    desk.until(Status.PENDING_REVIEW)  # Monday 23 November

    assert at(desk, "2026-11-24") == Raised()
    assert at(desk, "2026-11-25") == Raised(reminders=1, digests=1)
    assert at(desk, "2026-11-26").digests == 0
    ((recipient, text),) = [mail for mail in desk.mails() if "请您审批" in mail[1]]
    assert recipient == "leader@example.com"
    assert desk.number not in text


def test_nothing_moves_up_while_the_head_is_here(desk: Watched) -> None:
    desk.register(PHONE)
    desk.until(Status.PENDING_REVIEW)
    desk.later(hours=3)
    with transaction() as session:
        head = person("head").id
        assert head is not None
        session.add(LoginSession(token_hash="x", account_id=head, started_at=now(), seen_at=now()))

    assert at(desk, "2026-11-25") == Raised()
