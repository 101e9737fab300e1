"""An office whose two mailboxes lie on a server of the test, and what a test asks of its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from core.db import db, end_read
from mail_ingest.counting import Counts
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.models import MailItem, MailLedger, MailLink
from mail_ingest.polling import PollResult, poll_all
from mail_ingest.reading_child import reader
from mail_ingest.vocabulary import LinkRole
from tests.support.moments import MONDAY_MORNING
from tickets.models import Ticket

ZHONGJIAO, CHUYOUJIAO = "zjg23236764@163.com", "chuyoujiao@163.com"
CODE = "ABCDEFGHIJKLMNOP"
CODES = {"CODE_A": CODE, "CODE_B": CODE}

_OFFICE = """
[office]
name = "安溪县教育局"
short_name = "县教育局"
area_code = "0595"

[[sections]]
slug = "zhongjiao"
name = "中教股"
number_prefix = "ZJ"
phone = "23236764"
stages = ["junior", "senior", "vocational"]

[[sections]]
slug = "chuyoujiao"
name = "初幼教股"
number_prefix = "CY"
phone = "23220785"
stages = ["kindergarten", "primary"]

{mailboxes}
[mail]
poll_seconds = 1
poll_deadline_seconds = {deadline}
work_senders = {work}
[security]
totp_roles = []
"""
_MAILBOX = """
[[mailboxes]]
address = "{address}"
section = "{section}"
host = "localhost"
port = {port}
tls = {tls}
{more}
"""


@dataclass(frozen=True)
class Box:
    """One mailbox of the office: where its server listens."""

    address: str
    section: str
    port: int
    ca_file: str = ""  # none: no TLS
    code: str = "CODE_A"  # the variable with its authorisation code; empty: it is pasted on the page
    intake_from: str = ""


def office_text(*boxes: Box, deadline: int = 60, work: str = "[]") -> str:
    """An office.toml with these mailboxes."""
    written = ""
    for box in boxes:
        more = [f'ca_file = "{box.ca_file}"'] if box.ca_file else []
        more += [f'password_env = "{box.code}"'] if box.code else []
        more += [f"intake_from = {box.intake_from}"] if box.intake_from else []
        written += _MAILBOX.format(
            address=box.address,
            section=box.section,
            port=box.port,
            tls="true" if box.ca_file else "false",
            more="\n".join(more),
        )
    return _OFFICE.format(mailboxes=written, deadline=deadline, work=work)


def a_mail(
    subject: str = "延时班另收材料费",
    text: str = "城东中学七年级延时班每人另收 120 元材料费，没有公示。",
    *,
    sender: str = "林女士 <lin88@qq.example>",
    message_id: str = "",
    to: str = ZHONGJIAO,
    **headers: str,
) -> bytes:
    """A complaint as a web mailer writes it; headers by keyword, `_` for `-`."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(MONDAY_MORNING)
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@dataclass(frozen=True)
class Books:
    """What the database holds, to be compared before and after."""

    tickets: tuple[str, ...]
    items: int
    ledger: int
    links: tuple[tuple[int, str, str], ...]


def books(app: Flask) -> Books:
    with app.app_context():
        session = db.session()
        links = session.execute(
            sa.select(MailLink.item_id, Ticket.number, MailLink.role)
            .join(Ticket, Ticket.id == MailLink.ticket_id)
            .order_by(MailLink.item_id, Ticket.number)
        )
        found = Books(
            tickets=tuple(session.scalars(sa.select(Ticket.number).order_by(Ticket.id))),
            items=session.scalar(sa.select(sa.func.count()).select_from(MailItem)) or 0,
            ledger=session.scalar(sa.select(sa.func.count()).select_from(MailLedger)) or 0,
            links=tuple((row.item_id, row.number, row.role.value) for row in links),
        )
        end_read()
        return found


def items(app: Flask) -> list[dict[str, Any]]:
    """Every mail item with what lists show of it."""
    with app.app_context():
        rows = db.session().scalars(sa.select(MailItem).order_by(MailItem.id)).all()
        found = [
            {
                "id": row.id,
                "kind": row.kind.value if row.kind else None,
                "state": row.state.value,
                "reason": row.reason.value if row.reason else None,
                "from_junk": row.from_junk,
                "subject": row.subject,
            }
            for row in rows
        ]
        end_read()
        return found


def origins(app: Flask) -> dict[int, str]:
    """The ticket each mail made, by the mail's id."""
    return {item: number for item, number, role in books(app).links if role == LinkRole.ORIGIN.value}


def poll(app: Flask) -> list[PollResult]:
    """A poll of every mailbox, as `mail poll` does it."""
    with app.app_context():
        return poll_all(open_mailbox, reader(), only_due=False)


def total(results: list[PollResult]) -> dict[str, int]:
    """What a poll reports, over all mailboxes, without what is zero."""
    counts = Counts()
    for result in results:
        counts.add(result.counts)
    return {name: value for name, value in counts.as_json().items() if value}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement the application sends meanwhile, commits among them."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    def note_commit(_connection: object) -> None:
        sent.append("COMMIT")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", note_commit)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", note_commit)
