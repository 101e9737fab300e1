"""The mailbox against a real Dovecot behind a gate that, like 163.com, opens no folder before ID."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mail_ingest.folders import watched
from mail_ingest.imap_mailbox import check, open_mailbox
from mail_ingest.mailbox import ConnectionSettings, FetchedHeaders, FetchedMail
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate

pytestmark = pytest.mark.dovecot

USER, PASSWORD = "zjg@163.example", "ABCDEFGHIJKLMNOP"
ARRIVED = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot.start({USER: PASSWORD}) as server:
        yield server


@pytest.fixture
def gate(dovecot: Dovecot) -> Iterator[IdGate]:
    with IdGate(dovecot.port, tls=dovecot.certificate.server_context()) as gate:
        yield gate
        gate.check_order()
        gate.check_nothing_changed()


def settings(dovecot: Dovecot, gate: IdGate, *, password: str = PASSWORD) -> ConnectionSettings:
    return ConnectionSettings(
        address=USER,
        username=USER,
        password=password,
        host="localhost",
        port=gate.port,
        ca_file=str(dovecot.certificate.certificate),
        timeout_seconds=10,
        deadline_seconds=60,
    )


def test_every_mail_comes_as_it_lies_there_and_nothing_is_touched(dovecot: Dovecot, gate: IdGate) -> None:
    mails = [
        b"Subject: plain\r\n\r\nThe lamp is broken.\r\n",
        "Subject: 延时服务费\r\n\r\n喆 镕 ㎜\r\n".encode("gb18030"),
        b"no header at all",
        b"Subject: bytes\r\n\r\n" + bytes(range(1, 256)).replace(b"\n", b"").replace(b"\r", b"") + b"\r\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 600_000,
    ]
    for raw in mails:
        dovecot.deliver(USER, raw, internaldate=ARRIVED)
    with open_mailbox(settings(dovecot, gate)) as mailbox:
        mailbox.open_folder("INBOX")
        before = dovecot.files(USER)  # opening moves new files aside, which is not a change of the mail
        sizes = mailbox.sizes(mailbox.uids())
        fetched = list(mailbox.fetch(mailbox.uids()))
        headers = list(mailbox.fetch_headers(mailbox.uids()))

    assert [item.raw for item in fetched if isinstance(item, FetchedMail)] == mails
    assert {item.internaldate for item in fetched if isinstance(item, FetchedMail)} == {ARRIVED}
    assert [sizes[item.uid] for item in fetched] == [len(raw) for raw in mails]
    assert all(isinstance(item, FetchedHeaders) for item in headers[:2])
    assert dovecot.files(USER) == before
    assert [name for name in before if name.endswith("S")] == []


def test_junk_is_found_by_its_flag_and_read_under_its_chinese_name(dovecot: Dovecot, gate: IdGate) -> None:
    dovecot.deliver(USER, b"Subject: first mail\r\n\r\nMy child \r\n", folder="垃圾邮件")
    with open_mailbox(settings(dovecot, gate)) as mailbox:
        names = [folder.name for folder in watched(mailbox.folders())]
        opened = mailbox.open_folder("垃圾邮件")
        [mail] = mailbox.fetch(mailbox.uids())

    assert names == ["INBOX", "垃圾邮件", "病毒文件夹"]
    assert opened.exists == 1
    assert isinstance(mail, FetchedMail)


def test_an_empty_folder_has_no_mail(dovecot: Dovecot, gate: IdGate) -> None:
    with open_mailbox(settings(dovecot, gate)) as mailbox:
        assert mailbox.open_folder("病毒文件夹").exists == 0
        assert mailbox.uids() == []
        assert list(mailbox.fetch([])) == []


def test_a_folder_closed_even_after_id_is_an_unsafe_login(dovecot: Dovecot) -> None:
    with IdGate(dovecot.port, tls=dovecot.certificate.server_context(), closed=True) as gate:
        assert check(settings(dovecot, gate)).code == "unsafe_login"


def test_a_wrong_code_is_refused(dovecot: Dovecot, gate: IdGate) -> None:
    assert check(settings(dovecot, gate, password="QRSTUVWX")).code == "login_refused"
