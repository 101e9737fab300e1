"""Two at once: nothing becomes two tickets, nobody is shown an error, no row says for ever that work is under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.actor import SYSTEM
from core import leases
from core.db import db, end_read, transaction
from core.errors import DomainError, HeldElsewhere
from core.leases import Lease
from mail_ingest import quarantine, storing, tray
from mail_ingest.models import MailboxState, MailItem, MailLedger, MailLink
from mail_ingest.polling import poll_all
from mail_ingest.processing import work_off
from mail_ingest.storing import Arrived, Place
from mail_ingest.vocabulary import ItemState, LedgerState
from outbox.models import OutboxMessage
from tests.mail_ingest.killing import POISON, ListMailbox, WarmReader
from tests.mail_ingest.post import CODE, ZHONGJIAO, Box, a_mail, office_text, statements
from tests.support.app import end_app, make_app
from tests.support.moments import MONDAY_MORNING
from tests.support.postgres import new_database
from tickets.models import Ticket

ENGINES = [
    "sqlite",
    pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow]),
]


@pytest.fixture(params=ENGINES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    monkeypatch.setenv("CODE_A", CODE)
    environ: dict[str, Any] = {"DATABASE_URL": new_database()} if request.param == "postgresql" else {}
    text = office_text(Box(ZHONGJIAO, "zhongjiao", 1), work='["@school.example"]')
    app = make_app(tmp_path, office=text, CODE_A=CODE, **environ)
    with app.app_context():
        yield app
        end_app(app)


def poll(*mails: bytes) -> None:
    [result] = poll_all(lambda _: ListMailbox(mails), WarmReader(), only_due=False)
    assert result.ok


def at_once(app: Flask, *works: Callable[[], object]) -> list[Exception]:
    """Each in a thread of its own, begun together; what they raised."""
    start = threading.Barrier(len(works))
    raised: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test
                raised.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def place(uidvalidity: int = 1) -> Place:
    mailbox_id = db.session.scalars(sa.select(MailboxState.id)).one()
    end_read()
    return Place(mailbox_id=mailbox_id, folder="INBOX", uidvalidity=uidvalidity)


def test_a_ledger_row_of_a_mail_that_was_dealt_with_says_so_from_the_start(office: Flask) -> None:
    raw = a_mail()
    poll(raw)
    storing.store(place(uidvalidity=2), [Arrived(raw=raw, received_at=MONDAY_MORNING, uid=1)])

    assert list(db.session.scalars(sa.select(MailLedger.state))) == [LedgerState.DONE] * 2


def test_a_mail_fetched_by_another_process_is_not_noted_as_failed(office: Flask) -> None:
    poll(a_mail())
    storing.note_failure(place(), [1], "short")
    storing.note_vanished(place(), [1])

    assert list(db.session.scalars(sa.select(MailLedger.state))) == [LedgerState.DONE]


def test_the_same_batch_stored_and_dealt_with_by_three_processes_is_there_once(office: Flask) -> None:
    mails = [
        a_mail(f"第 {n} 封", sender=f"p{n} <p{n}@x.example>", message_id=f"<{n}@x.example>")
        for n in range(12)
    ]
    where = place()

    def take_in() -> None:
        storing.store(
            where,
            [Arrived(raw=raw, received_at=MONDAY_MORNING, uid=uid) for uid, raw in enumerate(mails, start=1)],
        )
        work_off(WarmReader())

    assert at_once(office, take_in, take_in, take_in) == []
    work_off(WarmReader())
    end_read()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == len(mails)
    assert set(db.session.scalars(sa.select(MailLedger.state))) == {LedgerState.DONE}


def test_twins_made_tickets_at_the_same_moment_are_one_ticket(office: Flask) -> None:
    raw = a_mail(sender="王老师 <wang@school.example>", message_id="<1@school.example>")
    poll(raw, b"Received: from mx2.example by us; Mon, 23 Nov 2026 09:00:00 +0800\n" + raw)
    first, second = db.session.scalars(sa.select(MailItem.id).order_by(MailItem.id)).all()
    end_read()

    raised = at_once(
        office,
        lambda: tray.make_ticket(first, WarmReader(), actor=SYSTEM),
        lambda: tray.make_ticket(second, WarmReader(), actor=SYSTEM),
    )

    assert raised == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1
    assert sorted(row.value for row in db.session.scalars(sa.select(MailLink.role))) == ["copy", "origin"]


def test_one_mail_made_a_ticket_by_two_people_at_the_same_moment_is_one_ticket(office: Flask) -> None:
    poll(a_mail(sender="王老师 <wang@school.example>"))
    make = lambda: tray.make_ticket(1, WarmReader(), actor=SYSTEM)  # noqa: E731 - the same for both

    raised = at_once(office, make, make)

    assert [type(error) for error in raised] == [DomainError]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


def test_tickets_are_locked_before_a_number_is_counted_up(office: Flask) -> None:
    poll(a_mail(message_id="<1@x.example>"))
    ours = db.session.scalars(sa.select(OutboxMessage.message_id)).one()
    end_read()
    mails = [
        a_mail("另一件", "食堂饭菜变质。", sender="b <b@y.example>", message_id="<2@y.example>"),
        a_mail("Re: 来信已登记", "补充：收据在这里。", In_Reply_To=ours, message_id="<3@x.example>"),
    ]
    with statements(office) as sent:
        poll(a_mail(message_id="<1@x.example>"), *mails)

    counted = next(number for number, each in enumerate(sent) if "UPDATE number_counter" in each)
    assert any("FROM ticket" in each and "ticket.number IN" in each for each in sent[:counted])
    if db.engine.dialect.name == "postgresql":
        assert any("FROM ticket" in each and "FOR UPDATE" in each for each in sent[:counted])
    assert not any("FROM ticket " in each and "FOR UPDATE" in each for each in sent[counted:])


def test_an_unreadable_mail_that_somebody_dealt_with_meanwhile_stops_no_other(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [POISON + b"\n" + a_mail(f"读不懂 {n}", message_id=f"<{n}@x.example>") for n in range(3)]
    for _ in range(3):
        poll(*mails)
    really = quarantine.process_again

    def meanwhile(item_id: int, *args: object, **named: object) -> bool:
        if item_id == 1:
            raise DomainError("这封邮件已经处理过了。")
        if item_id == 2:
            raise LookupError("whatever")
        return really(item_id, *args, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(quarantine, "process_again", meanwhile)
    monkeypatch.setattr("tests.mail_ingest.killing.POISON", b"nothing is poison now")

    done = quarantine.process_all_again(WarmReader())

    assert (done.read, done.unreadable, done.meanwhile) == (1, 1, 1)
    states = db.session.scalars(sa.select(MailItem.state).order_by(MailItem.id)).all()
    assert states == [ItemState.QUARANTINED, ItemState.QUARANTINED, ItemState.LINKED]


def test_work_whose_lease_another_has_taken_stops_before_its_next_step(office: Flask) -> None:
    leases.ensure_held()  # under none there is nothing to lose
    with leases.held("mail.poll", "here", seconds=1):
        leases.ensure_held()
        with transaction() as session:
            session.execute(sa.update(Lease).values(holder="elsewhere", epoch=Lease.epoch + 1))
        time.sleep(0.6)  # a renewal comes thrice a second
        with pytest.raises(HeldElsewhere):
            poll(a_mail())

    assert db.session.scalar(sa.select(sa.func.count()).select_from(MailItem)) == 0


def test_work_that_cannot_renew_its_lease_stops_when_it_has_run_out(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_renew", lambda *_: None)
    with leases.held("mail.poll", "here", seconds=1):
        time.sleep(1.05)
        with pytest.raises(HeldElsewhere):
            leases.ensure_held()
