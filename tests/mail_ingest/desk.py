"""An office with one mailbox that can send; what arrives is polled at once."""

from __future__ import annotations

import json

import sqlalchemy as sa
from flask import Flask

from core.db import db, end_read
from mail_ingest.polling import poll_all
from outbox.models import OutboxMessage
from tests.mail_ingest.killing import ListMailbox, WarmReader
from tests.mail_ingest.post import ZHONGJIAO
from tickets.models import Message, Ticket

SMTP = f"""
[[mailboxes]]
address = "{ZHONGJIAO}"
section = "zhongjiao"
host = "localhost"
port = 1
tls = false
password_env = "CODE_A"
[mailboxes.smtp]
host = "localhost"
port = 2
tls = false
"""


class Desk:
    """Its mailbox is a list."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.mails: list[bytes] = []

    def arrives(self, *mails: bytes) -> None:
        self.mails += mails
        with self.app.app_context():
            [result] = poll_all(lambda _: ListMailbox(self.mails), WarmReader(), only_due=False)
            assert result.ok
            db.session.remove()

    def tickets(self) -> list[str]:
        with self.app.app_context():
            found = list(db.session().scalars(sa.select(Ticket.number).order_by(Ticket.id)))
            end_read()
            return found

    def notes(self, position: int = -1) -> str:
        """What the page says beneath a message, in the order they came."""
        with self.app.app_context():
            rows = (
                db.session().scalars(sa.select(Message).order_by(Message.recorded_at, sa.text("rowid"))).all()
            )
            end_read()
            return "\n".join(json.loads(rows[position].notes))

    def our_letter(self) -> str:
        with self.app.app_context():
            found = db.session().scalars(sa.select(OutboxMessage.message_id)).first()
            end_read()
            assert found is not None
            return found
