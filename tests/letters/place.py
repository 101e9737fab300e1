"""An office with a mail server of its own, and complaints that came by mail: what the tests of the letters work with."""

from __future__ import annotations

import itertools
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, end_read, transaction
from demo.mail_sink import MailSink
from outbox.models import OutboxMessage
from outbox.sender import OutboxRun
from outbox.smtp_transport import open_smtp
from outbox.vocabulary import OutboxKind
from tests.accounts.people import Desk as Accounts
from tests.desk.office import Office
from tests.support.app import clock_of
from tickets.deadlines.rules import DeadlineKind
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.letters.sending import CarriedOut, carry_out
from tickets.models import Deadline, Ticket
from tickets.vocabulary import Action, Channel

PARENT = Person(name="陈大文", email="chendawen@example.com")
DONE = {
    "outcome": "true",
    "measures": "已责成学校退还材料费。",
    "evidence": "退费签领表",
    "answer": "陈大文您好，经核查，您反映的情况属实，已责成学校退还。",
}


def office_text(port: int | None) -> str:
    smtp = f'[mailboxes.smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = false\nauth = false\n'
    return f"""
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
[outbox]
seconds_between = 0
[[mailboxes]]
address = "zhongjiao@example.com"
section = "zhongjiao"
host = "127.0.0.1"
port = 993
{smtp if port else ""}
"""


class Place:
    """An office with a mail server, and a complaint that came by mail."""

    def __init__(self, app: Flask, sink: MailSink) -> None:
        self.app, self.sink = app, sink
        self._letters = itertools.count(1)
        accounts = Accounts(app)
        accounts.account("li", Role.HANDLER, name="李明")
        accounts.account("wang", Role.HEAD, name="王建国")
        self.office = Office(app, accounts)

    def ticket(self, *people: Person) -> str:
        new = NewTicket(
            channel=Channel.MAIL,
            received_at=clock_of(self.app).now(),
            matter="学校课后服务另收材料费。",
            people=people or (PARENT,),
            section="zhongjiao",
        )
        with self.app.app_context(), transaction() as session:
            return register(session, new, actor=self.office.actor_in(session, "li")).ticket.number

    def do(self, number: str, action: Action, by: str, **fields: str) -> CarriedOut:
        with self.app.app_context(), transaction() as session:
            version = session.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()
            actor = self.office.actor_in(session, by)
            return carry_out(session, number, action, version=version, actor=actor, fields=fields)

    def approved(self, *people: Person) -> str:
        number = self.ticket(*people)
        self.do(number, Action.ACCEPT, "li", handler="li")
        self.do(number, Action.START, "li")
        self.do(number, Action.REPORT_DONE, "li", **DONE)
        self.do(number, Action.APPROVE, "wang")
        return number

    def send(self) -> int:
        with self.app.app_context():
            return OutboxRun(open_smtp, wait=0, sleep=lambda _seconds: None).run().sent

    def mails(self) -> list[tuple[str, str, str]]:
        read = [message_from_bytes(mail.raw, policy=policy.default) for mail in self.sink.received]
        return [(mail["To"], mail["Subject"], mail.get_content()) for mail in read]

    def deadline(self, number: str, kind: DeadlineKind) -> Deadline:
        with self.app.app_context():
            row = (
                db.session()
                .scalars(
                    sa.select(Deadline).join(Ticket).where(Ticket.number == number, Deadline.kind == kind)
                )
                .one()
            )
            db.session.expunge_all()
            return row

    def outbox(self, kind: OutboxKind) -> list[OutboxMessage]:
        with self.app.app_context():
            found = list(db.session().scalars(sa.select(OutboxMessage).where(OutboxMessage.kind == kind)))
            db.session.expunge_all()
            return found

    def arrives(self, folder: Path, subject: str, text: str, **headers: str) -> None:
        """A mail of the parent's comes into the section's mailbox."""
        mail = EmailMessage()
        mail["From"], mail["To"] = "陈大文 <chendawen@example.com>", "zhongjiao@example.com"
        mail["Subject"], mail["Date"] = subject, format_datetime(clock_of(self.app).now())
        mail["Message-ID"] = f"<{next(self._letters)}@home.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        file = folder / "arrives.eml"
        file.write_bytes(mail.as_bytes(policy=policy.SMTP))
        done = self.app.test_cli_runner().invoke(args=["mail", "import", str(file)])
        assert done.exit_code == 0, done.output

    def ticket_numbers(self) -> list[str]:
        with self.app.app_context():
            found = list(db.session().scalars(sa.select(Ticket.number).order_by(Ticket.id)))
            end_read()
            return found
