"""An office that sends through the test's own mail server, and the mails it wants to send."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import create_app
from config.settings import Settings
from core.clock import FixedClock
from core.db import db, transaction
from outbox.models import OutboxMessage, OutboxSender
from outbox.sender import OutboxRun, SendResult
from outbox.senders import register_password_source
from outbox.smtp_transport import open_smtp
from outbox.transport import OpenTransport
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tests.outbox.mail_server import CODE
from tests.support.app import clock_of, make_app
from tests.support.moments import MONDAY_MORNING

MIDDLE = "zjg23236764@163.com"
PRIMARY = "chuyoujiao@163.com"
PARENT = "lin.jiazhang@example.com"

_OFFICE = """\
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
{outbox}
"""
_MAILBOX = """
[[mailboxes]]
address = "{address}"
section = "{section}"
host = "127.0.0.1"
port = 993
ca_file = "{ca_file}"
"""
_SMTP = """
[mailboxes.smtp]
host = "127.0.0.1"
port = {port}
"""


def office_text(
    port: int | None, ca_file: Path | str = "", *, outbox: str = "seconds_between = 0", extra: str = ""
) -> str:
    """An office.toml whose two mailboxes send through a port of this computer; without a port they cannot."""
    text = _OFFICE.format(outbox=outbox)
    for address, section in ((MIDDLE, "zhongjiao"), (PRIMARY, "chuyoujiao")):
        text += _MAILBOX.format(address=address, section=section, ca_file=ca_file)
        text += _SMTP.format(port=port) if port is not None else ""
    return text + extra


def an_office(
    folder: Path, text: str, *, at: datetime = MONDAY_MORNING, code: str | None = CODE, **environ: str
) -> Flask:
    """An application of that office; the code is what somebody pasted on the mailbox page."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "office.toml"
    file.write_text(text, encoding="utf-8")
    app = make_app(folder / "data", at=at, HOTLINE_OFFICE_FILE=str(file), **environ)
    register_password_source(app, lambda _session, _address: code)
    return app


def the_same_office(folder: Path, text: str, *, at: datetime = MONDAY_MORNING) -> Flask:
    """The application of an office that exists, as another process opens it, or the next one after a restart."""
    file = folder / "office.toml"
    file.write_text(text, encoding="utf-8")
    environ = {
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "HOTLINE_OFFICE_FILE": str(file),
        "SECRET_KEY": "a secret key for tests only 0123456789",
    }
    app = create_app(Settings.from_environment(environ), FixedClock(at))
    register_password_source(app, lambda _session, _address: CODE)
    return app


class Desk:
    """What a test does with an office: put mails in, send, look at what became of them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    @property
    def clock(self) -> FixedClock:
        return clock_of(self.app)

    def forward(self, **amount: float) -> None:
        self.clock.moment += timedelta(**amount)

    def put(self, kind: OutboxKind = OutboxKind.NOTICE, **changes: Any) -> int:
        """One mail more; its id."""
        number = next(self._numbers)
        values = {
            "dedupe": f"test/{number}",
            "object_ref": f"ref-{number}",
            "sender": MIDDLE,
            "recipient": PARENT,
            "subject": f"关于您反映的事项〔编号 ZJ20261123-{number:04d}〕",
            "body": "您好：\n\n您反映的事项已经受理。\n",
            **changes,
        }
        with self.app.app_context(), transaction() as session:
            row = enqueue(session, kind, **values)
            assert row is not None
            return row.id

    def send(
        self,
        open_transport: OpenTransport = open_smtp,
        *,
        wait: float = 0.0,
        sleep: Callable[[float], None] | None = None,
    ) -> SendResult:
        """One run; a sleeping run moves the clock."""

        def move(seconds: float) -> None:
            self.forward(seconds=seconds)

        with self.app.app_context():
            return OutboxRun(open_transport, wait=wait, sleep=sleep or move).run()

    def row(self, message_id: int) -> OutboxMessage:
        with self.app.app_context():
            found = db.session().get_one(OutboxMessage, message_id)
            db.session.expunge_all()
            return found

    def rows(self) -> list[OutboxMessage]:
        with self.app.app_context():
            found = list(db.session().scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))
            db.session.expunge_all()
            return found

    def sender(self, address: str = MIDDLE) -> OutboxSender | None:
        with self.app.app_context():
            found = db.session().get(OutboxSender, address)
            db.session.expunge_all()
            return found

    def sender_is_free(self, address: str = MIDDLE) -> bool:
        found = self.sender(address)
        return found is None or (found.blocked_until is None and not found.alarm)

    def states(self) -> list[str]:
        return [str(row.state) for row in self.rows()]

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
