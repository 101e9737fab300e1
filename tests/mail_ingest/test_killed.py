"""The machine dies in the middle: whatever the step, the next poll leaves exactly one ticket a mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core.blobs import blob_store
from core.db import db
from mail_ingest.models import MailItem, MailLedger
from mail_ingest.vocabulary import LedgerState
from outbox.models import OutboxMessage
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.post import CODES, ZHONGJIAO, Box, a_mail, books, poll
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate
from tests.support.moments import MONDAY_MORNING
from tickets.models import Ticket

pytestmark = [pytest.mark.dovecot, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
MAILS = 4
STEPS = [
    "mail.blobs_written",
    "mail.ledger_written",
    "mail.read",
    "mail.read:3",
    "mail.before_commit",
    "mail.before_commit:2",
    "mail.after_commit",
    "mail.after_commit:3",
]


def poll_until_it_dies(app: Flask, failpoint: str) -> None:
    """`mail poll` in a process of its own, killed at the failpoint as a power cut would."""
    settings = app.extensions["settings"]
    environ = {
        **os.environ,
        **CODES,
        "HOTLINE_DATA_DIR": str(settings.data_dir),
        "HOTLINE_OFFICE_FILE": str(settings.office_file),
        "SECRET_KEY": settings.secret_key,
        "HOTLINE_TEST_HOOKS": "1",
        "HOTLINE_NOW": MONDAY_MORNING.isoformat(),
        "HOTLINE_FAILPOINT": failpoint,
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "mail", "poll", "--json"],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_each_mail_is_one_ticket(
    make_office: MakeOffice, dovecot: Dovecot, gate: IdGate, step: str
) -> None:
    office = make_office(Box(ZHONGJIAO, "zhongjiao", gate.port, str(dovecot.certificate.certificate)))
    raw = [a_mail(f"第 {number} 封", message_id=f"<{number}@qq.example>") for number in range(MAILS)]
    raw[1] = a_mail("没有编号的信")  # no Message-ID
    for content in raw:
        dovecot.deliver(ZHONGJIAO, content, internaldate=MONDAY_MORNING)

    poll_until_it_dies(office, step)
    poll(office)

    found = books(office)
    assert len(found.tickets) == found.items == found.ledger == MAILS
    assert sorted(role for _, _, role in found.links) == ["origin"] * MAILS
    with office.app_context():
        session = db.session()
        states = set(session.scalars(sa.select(MailLedger.state)))
        assert states == {LedgerState.DONE}
        stored = {blob_store().get(name) for name in session.scalars(sa.select(MailItem.blob))}
        assert {each.replace(b"\r\n", b"\n") for each in stored} == set(raw)
        letters = session.scalars(sa.select(OutboxMessage.dedupe)).all()
        told = sorted(each for each in letters if each.startswith("acknowledge/"))
        # Three a day an address; the others are told in one letter on the next day.
        assert told == [f"acknowledge/ZJ20261123-{number:04d}" for number in (1, 2, 3)]
        numbers = sorted(session.scalars(sa.select(Ticket.number)))
        assert numbers == [f"ZJ20261123-{number:04d}" for number in range(1, MAILS + 1)]  # no gap
    assert books(office) == found
    poll(office)
    assert books(office) == found
