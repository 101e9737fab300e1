"""No mail too many: machines get no answer, and two copies of the product that write to each other stop by themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, end_read
from demo.mail_sink import MailSink
from mail_ingest.polling import poll_all
from outbox.models import OutboxMessage
from outbox.sender import OutboxRun
from outbox.smtp_transport import open_smtp
from outbox.vocabulary import OutboxKind
from tests.mail_ingest.killing import ListMailbox, WarmReader
from tests.mail_ingest.post import a_mail
from tests.support.app import make_app
from tests.support.corpora import corpora_or_skip

MACHINES = (
    "bounce_dsn",
    "auto_reply",
    "arf_feedback_report",
    "mdn_read_receipt",
    "auto_generated",
    "list_or_bulk",
)
_HERE, _THERE = "zhongjiao@here.example", "zhongjiao@there.example"
_OFFICE = """
[office]
name = "安溪县教育局"
short_name = "县教育局"
[[sections]]
slug = "zhongjiao"
name = "中教股"
number_prefix = "ZJ"
phone = "23236764"
stages = ["junior", "senior"]
[outbox]
seconds_between = 0
[mail]
poll_seconds = 1
heartbeat = false
[[mailboxes]]
address = "{address}"
section = "zhongjiao"
host = "127.0.0.1"
port = 1
tls = false
password_env = "CODE_A"
[mailboxes.smtp]
host = "127.0.0.1"
port = {port}
tls = false
auth = false
"""


class Copy:
    """One copy of the product: a mailbox that is a list, and a mail server that keeps what it sends."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir()
        self.sink = MailSink().start()
        text = _OFFICE.format(address=address, port=self.sink.port)
        self.app: Flask = make_app(folder, office=text)
        self.inbox: list[bytes] = []

    def work(self) -> None:
        """Takes in what lies in the mailbox, and sends what is due."""
        with self.app.app_context():
            (result,) = poll_all(lambda _: ListMailbox(self.inbox), WarmReader(), only_due=False)
            assert result.ok
            OutboxRun(open_smtp, sleep=lambda _seconds: None).run()
            end_read()

    def sent(self) -> list[bytes]:
        return [mail.raw for mail in self.sink.received]

    def close(self) -> None:
        self.sink.stop()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Copy, Copy]]:
    monkeypatch.setenv("CODE_A", "ABCDEFGHIJKLMNOP")
    pair = Copy(tmp_path / "here", _HERE), Copy(tmp_path / "there", _THERE)
    yield pair
    for each in pair:
        each.close()


@pytest.mark.parametrize("headers", ["kept", "lost on the way"])
@pytest.mark.parametrize("rounds", [20, pytest.param(100, marks=pytest.mark.long)])
def test_two_copies_that_write_to_each_other_stop_by_themselves(
    copies: tuple[Copy, Copy], rounds: int, headers: str
) -> None:
    """20 rounds in `make test`, 100 in `make test-long`; also where something between them drops what marks a machine."""
    here, there = copies
    first = a_mail("收费", "延时班收费没有公示。", sender=f"家长 <{_THERE}>", message_id="<1@x.example>")
    here.inbox.append(first.replace(b"zjg23236764@163.com", _HERE.encode()))
    for _ in range(rounds):
        for one, other in ((here, there), (there, here)):
            before = len(one.sent())
            one.work()
            arrived = one.sent()[before:]
            other.inbox += [_unmarked(raw) if headers != "kept" else raw for raw in arrived]

    assert 1 <= len(here.sent()) + len(there.sent()) <= 2


def _unmarked(raw: bytes) -> bytes:
    return re.sub(rb"(?m)^(?:Auto-Submitted|X-Auto-Response-Suppress):.*\r\n", b"", raw)


def test_no_machine_mail_of_the_collection_is_acknowledged(copies: tuple[Copy, Copy]) -> None:
    folder = corpora_or_skip()
    kinds = json.loads((folder / "kinds.json").read_text(encoding="utf-8"))
    names = sorted({entry["file"] for kind in MACHINES for entry in kinds[kind]})
    here, _ = copies
    here.inbox += [(folder / "mails" / name).read_bytes() for name in names]

    here.work()

    assert len(names) > 200
    with here.app.app_context():
        acknowledged = db.session().scalar(
            sa.select(sa.func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.kind == OutboxKind.ACKNOWLEDGEMENT)
        )
        end_read()
    assert acknowledged == 0
    assert here.sent() == []
