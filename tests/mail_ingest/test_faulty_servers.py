"""Whatever a server does: the poll ends in time, health tells it, and once the server is well again nothing is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.blobs import blob_store
from core.db import db, end_read
from mail_ingest import health
from mail_ingest.imap_mailbox import ImapMailbox, open_mailbox
from mail_ingest.mailbox import ConnectionSettings
from mail_ingest.models import MailboxState, MailItem, MailLedger
from mail_ingest.polling import PollResult, poll_all
from mail_ingest.vocabulary import ItemState, LedgerState
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.killing import ListMailbox, WarmReader
from tests.mail_ingest.post import Box, a_mail, books
from tests.support.app import clock_of
from tests.support.scripted_imap import ADDRESS, CODE, Fault, ScriptedImap

DEADLINE, SILENCE, MARGIN = 2.0, 0.7, 6.0
MAILS = {
    uid: a_mail(
        f"第 {uid} 封",
        "延时班收费没有公示。" * uid,
        sender=f"p{uid} <p{uid}@x.example>",
        message_id=f"<{uid}@x.example>",
    )
    for uid in (1, 2, 3, 4)
}
# No fault of the mails: the folder has no number to tell its epochs by, or a size that is believed.
HARMLESS = {Fault.NO_UIDVALIDITY, Fault.HUGE_SIZE}


def hurried(settings: ConnectionSettings) -> ImapMailbox:
    """The real connection, with less patience than an office has."""
    return open_mailbox(replace(settings, deadline_seconds=DEADLINE, timeout_seconds=SILENCE))


def poll(
    app: Flask, opened: Callable[[ConnectionSettings], ImapMailbox | ListMailbox] = hurried
) -> PollResult:
    with app.app_context():
        started = time.monotonic()
        [result] = poll_all(opened, WarmReader(), only_due=False)
        assert opened is not hurried or time.monotonic() - started < DEADLINE + MARGIN
        db.session.remove()
        return result


def levels(app: Flask) -> list[str]:
    with app.app_context():
        return [check.level for check in health.checks()]


def stored(app: Flask) -> set[bytes]:
    with app.app_context():
        found = {blob_store().get(name) for name in db.session().scalars(sa.select(MailItem.blob))}
        assert audit.verify_chain(db.session()).ok
        end_read()
        return found


@pytest.mark.slow
@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_the_poll_ends_and_after_healing_every_mail_is_there_once(
    make_office: MakeOffice, fault: Fault
) -> None:
    with ScriptedImap(MAILS, fault) as server:
        app = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=CODE)

        result = poll(app)

        if fault not in HARMLESS:
            assert not result.ok or result.counts.errors
            assert books(app).tickets == ()
            assert levels(app) == ["warning"] or levels(app) == ["error"]
        server.fault = None
        for _ in range(3):
            clock_of(app).moment += timedelta(hours=3)
            assert poll(app, open_mailbox).ok
        clock_of(app).moment += timedelta(days=1)  # that it was numbered anew is told for a day
        assert poll(app, open_mailbox).ok

        if fault is Fault.HUGE_SIZE:
            assert len(stored(app)) == len(MAILS), "the headers wait in the tray for a person"
        else:
            assert stored(app) == set(MAILS.values())
            assert len(books(app).tickets) == len(MAILS)
        assert levels(app) == ["ok"]
        before = books(app)
        poll(app, open_mailbox)
        assert books(app) == before


@pytest.mark.slow
def test_a_new_epoch_and_new_mails_make_no_mail_a_second_ticket(make_office: MakeOffice) -> None:
    with ScriptedImap(MAILS) as server:
        app = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=CODE)
        poll(app)
        server.uidvalidity = 2
        server.deliver(5, a_mail("第 5 封", sender="p5 <p5@x.example>"))
        poll(app)

        assert len(books(app).tickets) == len(MAILS) + 1
        assert books(app).ledger == 2 * len(MAILS) + 1


def test_a_server_that_numbers_anew_all_the_time_is_told_and_asked_less_often(
    make_office: MakeOffice,
) -> None:
    with ScriptedImap(MAILS) as server:
        app = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=CODE)
        poll(app)
        assert levels(app) == ["ok"]
        for epoch in (2, 3, 4):
            server.uidvalidity = epoch
            poll(app)
            assert levels(app) == ["warning"]

        assert len(books(app).tickets) == len(MAILS)
        with app.app_context():
            row = db.session().scalars(sa.select(MailboxState)).one()
            assert row.next_try_at == clock_of(app).moment + timedelta(hours=2)
            db.session.remove()
        clock_of(app).moment += timedelta(days=1, minutes=1)
        poll(app)
        assert levels(app) == ["ok"]


def test_what_failed_and_is_then_deleted_is_no_trouble_for_ever(make_office: MakeOffice) -> None:
    with ScriptedImap(MAILS, Fault.NOTHING, only=frozenset({2})) as server:
        app = make_office(Box(ADDRESS, "zhongjiao", server.port), CODE_A=CODE)
        poll(app)
        assert levels(app) == ["warning"]
        server.expunge(2)
        poll(app)

        assert levels(app) == ["ok"]
        with app.app_context():
            states = db.session().scalars(sa.select(MailLedger.state).where(MailLedger.uid == 2)).all()
            assert states == [LedgerState.VANISHED]


class _Breaks(ListMailbox):
    """Ends in the middle, as when the machine is switched off at the first start."""

    def __init__(self, mails: Sequence[bytes], after: int) -> None:
        super().__init__(mails)
        self._after = after

    def fetch(self, uids: Sequence[int]):  # type: ignore[no-untyped-def]  # as the port has it
        for count, answer in enumerate(super().fetch(uids)):
            if count == self._after:
                raise KeyboardInterrupt
            yield answer


def test_a_first_start_with_many_mails_goes_on_where_it_ended_and_shows_how_many_wait(
    make_office: MakeOffice,
) -> None:
    mails = [
        a_mail(f"第 {n} 封", sender=f"p{n} <p{n}@x.example>", message_id=f"<{n}@x.example>")
        for n in range(300)
    ]
    app = make_office(Box(ADDRESS, "zhongjiao", 1), CODE_A=CODE)
    with app.app_context(), pytest.raises(KeyboardInterrupt):
        poll_all(lambda _: _Breaks(mails, 120), WarmReader(), only_due=False)
    with app.app_context():
        session = db.session()
        assert session.scalars(sa.select(MailboxState.waiting)).one() == 200
        assert session.scalar(sa.select(sa.func.count()).select_from(MailLedger)) == 100
        assert set(session.scalars(sa.select(MailItem.state))) == {ItemState.NEW}
        end_read()
        [result] = poll_all(partial(_listed, mails), WarmReader(), only_due=False)
        db.session.remove()

    assert result.counts.fetched == 200
    assert len(books(app).tickets) == 300


def _listed(mails: Sequence[bytes], _settings: ConnectionSettings) -> ListMailbox:
    return ListMailbox(mails)
