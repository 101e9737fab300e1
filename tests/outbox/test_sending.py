"""Mails leave over TLS, as the account that logs in, and look as a mail program expects them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.vault import DataKey
from outbox import verbs
from outbox.models import OutboxMessage
from outbox.vocabulary import OutboxKind, OutboxState
from tests.outbox.desk import MIDDLE, PARENT, PRIMARY, Desk
from tests.outbox.mail_server import MailServer


def only(mails: list[EmailMessage]) -> EmailMessage:
    (mail,) = mails
    return mail


def test_a_mail_leaves_once_and_is_marked_sent(desk: Desk, server: MailServer) -> None:
    message_id = desk.put()

    assert desk.send().sent == 1
    assert desk.send().sent == 0
    row = desk.row(message_id)
    assert (row.state, row.attempts, row.sent_at) == (OutboxState.SENT, 1, desk.clock.now())
    assert server.recipients == [PARENT]
    assert only(server.mails)["Message-ID"] == row.message_id


def test_from_is_the_account_in_header_and_envelope_with_the_sections_name(
    desk: Desk, server: MailServer
) -> None:
    desk.put(sender=PRIMARY)
    desk.send()

    sender = only(server.mails)["From"].addresses[0]
    assert (sender.addr_spec, sender.display_name) == (PRIMARY, "安溪县教育局初幼教股")
    assert server.envelope_senders == [PRIMARY]
    assert server.logins == [PRIMARY]


def test_chinese_arrives_as_written_in_base64(desk: Desk, server: MailServer) -> None:
    body = "您好：\n\n您反映的事项（编号 ZJ20261123-0007）已由我局受理。\n.一行以点开头\n"
    desk.put(
        subject="关于您反映的事项〔编号 ZJ20261123-0007〕的告知以及一段很长的中文标题用来折行", body=body
    )
    desk.send()

    mail = only(server.mails)
    assert mail["Subject"] == "关于您反映的事项〔编号 ZJ20261123-0007〕的告知以及一段很长的中文标题用来折行"
    assert mail["Content-Transfer-Encoding"] == "base64"
    assert mail.get_content() == body.replace("\n", "\r\n")
    assert server.raw[0].isascii()
    assert all(len(line) <= 78 for line in server.raw[0].splitlines())


@pytest.mark.parametrize(
    ("kind", "auto_submitted", "suppress"),
    [
        (OutboxKind.ACKNOWLEDGEMENT, "auto-replied", "All"),
        (OutboxKind.STAFF, "auto-generated", "All"),
        (OutboxKind.REPORT, "auto-generated", "All"),
        (OutboxKind.HEARTBEAT, "auto-generated", "All"),
        pytest.param(OutboxKind.ANSWER, None, "OOF, AutoReply", id="an answer's bounce must come back"),
        (OutboxKind.NOTICE, None, "OOF, AutoReply"),
    ],
)
def test_machines_are_told_not_to_answer(
    desk: Desk, server: MailServer, kind: OutboxKind, auto_submitted: str | None, suppress: str
) -> None:
    desk.put(kind)
    desk.send()

    mail = only(server.mails)
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (auto_submitted, suppress)


def test_a_long_message_id_is_answered_readably(desk: Desk, server: MailServer) -> None:
    original = f"<{'a' * 90}@{'b' * 40}.prod.outlook.com>"
    desk.put(headers={"In-Reply-To": original, "References": f"<first@example.com> {original}"})
    desk.send()

    lines = server.raw[0].decode("ascii").replace("\r\n ", " ").split("\r\n")
    assert f"In-Reply-To: {original}" in lines
    assert f"References: <first@example.com> {original}" in lines


@pytest.mark.parametrize(
    "subject", ["主题\r\nBcc: someone@example.com", "主题\nBcc: someone@example.com", "a\x00b\x85Bcc: c"]
)
def test_no_subject_adds_a_header(desk: Desk, server: MailServer, subject: str) -> None:
    desk.put(subject=subject, headers={"In-Reply-To": "<a@b>\r\nBcc: c@example.com", "X-Note": "a\r\nBcc: d"})
    desk.send()

    mail = only(server.mails)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] == "<a@b>"
    assert server.recipients == [PARENT]


@pytest.mark.parametrize(
    "recipient", ["a@b\r\nRCPT TO:<c@d>", "two@example.com,other@example.com", "没有地址", "家长@example.com"]
)
def test_what_is_no_address_fails_without_asking_a_server(
    desk: Desk, server: MailServer, recipient: str
) -> None:
    message_id = desk.put(recipient=recipient)
    good = desk.put()

    result = desk.send()

    assert (result.failed, result.sent) == (1, 1)
    assert desk.row(message_id).state == OutboxState.FAILED
    assert "电话" in desk.row(message_id).last_error
    assert desk.row(good).state == OutboxState.SENT


def test_a_destroyed_key_fails_the_mail_and_holds_up_nobody(desk: Desk) -> None:
    gone, good = desk.put(), desk.put()
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(DataKey).where(DataKey.id == desk_key(desk, gone)).values(wrapped=None))

    desk.send()

    assert desk.row(gone).state == OutboxState.FAILED
    assert desk.row(good).state == OutboxState.SENT


def desk_key(desk: Desk, message_id: int) -> str:
    return desk.row(message_id).data_key_id


def test_the_most_important_leaves_first(desk: Desk, server: MailServer) -> None:
    for kind in reversed(OutboxKind):
        desk.put(kind, subject=str(kind))
    desk.put(OutboxKind.STAFF, subject="alarm", urgent=True)

    desk.send()

    assert [mail["Subject"] for mail in server.mails] == [
        "alarm",
        "notice",
        "answer",
        "acknowledgement",
        "report",
        "staff",
        "heartbeat",
    ]


def test_what_must_wait_for_its_time_waits(desk: Desk) -> None:
    desk.put(not_before=desk.clock.now() + timedelta(hours=1))

    assert desk.send().sent == 0
    desk.forward(hours=1)
    assert desk.send().sent == 1


def test_mails_leave_at_the_senders_pace_and_each_sender_has_its_own(
    office: Callable[..., Desk], server: MailServer
) -> None:
    desk = office(outbox="seconds_between = 20")
    for sender in (MIDDLE, MIDDLE, PRIMARY):
        desk.put(sender=sender)

    assert desk.send().sent == 2
    desk.forward(seconds=19)
    assert desk.send().sent == 0
    desk.forward(seconds=1)
    assert desk.send().sent == 1


def test_a_run_that_may_wait_sends_all_at_the_same_pace(office: Callable[..., Desk]) -> None:
    desk = office(outbox="seconds_between = 20")
    for _ in range(3):
        desk.put()
    begun = desk.clock.now()

    assert desk.send(wait=60).sent == 3
    assert desk.clock.now() - begun == timedelta(seconds=40)


def test_who_waits_for_it_is_told_in_the_same_transaction(desk: Desk) -> None:
    told: list[tuple[str, object]] = []

    def follow(session: object, mail: OutboxMessage, at: object) -> None:
        told.append((mail.object_ref, at))

    verbs.on_sent(desk.app, OutboxKind.ANSWER, follow)
    desk.put(OutboxKind.ANSWER, object_ref="the-ticket")
    desk.put(OutboxKind.NOTICE, object_ref="another")

    desk.send()

    assert told == [("the-ticket", desk.clock.now())]


def test_a_mail_that_left_is_not_sent_again_because_somebody_else_failed(
    desk: Desk, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(session: object, mail: OutboxMessage, at: object) -> None:
        raise LookupError("no such ticket")

    verbs.on_sent(desk.app, OutboxKind.NOTICE, break_down)
    message_id = desk.put()

    desk.send()
    desk.send()

    assert desk.row(message_id).state == OutboxState.SENT
    assert len(server.mails) == 1
    assert "no such ticket" in caplog.text


def test_the_outbox_keeps_no_address_and_no_text_in_the_open(desk: Desk) -> None:
    desk.put(body="正文里的姓名")
    desk.send()

    with desk.app.app_context():
        stored = db.session().execute(sa.text("SELECT * FROM outbox_message")).mappings().one()
        everything = "".join(
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for value in stored.values()
        )
    assert PARENT not in everything
    assert "正文里的姓名" not in everything
