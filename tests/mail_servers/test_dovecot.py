"""The real server the poller is tested against: quick to start, quick to fill, and nothing left behind."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.support.certificates import Certificate, make_certificate
from tests.support.dovecot import Dovecot, dovecot_or_skip

pytestmark = pytest.mark.dovecot

ADDRESS, CODE = "office@163.example", "GOODCODE"
MAIL = b"Subject: lamp\r\n\r\nThe lamp is broken.\r\n"


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot.start({ADDRESS: CODE}) as running:
        yield running


def logged_in(dovecot: Dovecot) -> IMAPClient:
    client = IMAPClient(dovecot.host, dovecot.port, ssl=False, timeout=10)
    client.login(ADDRESS, CODE)
    return client


def test_it_starts_and_ends_within_a_second_and_leaves_nothing() -> None:
    dovecot_or_skip()
    began = time.monotonic()
    dovecot = Dovecot.start({ADDRESS: CODE})
    dovecot.stop()

    assert time.monotonic() - began < 1
    assert not dovecot.folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((dovecot.host, dovecot.port), timeout=1)


def test_two_run_beside_each_other(dovecot: Dovecot) -> None:
    with Dovecot.start({"other@163.example": CODE}) as other:
        with IMAPClient(other.host, other.port, ssl=False, timeout=10) as client:
            client.login("other@163.example", CODE)
        logged_in(dovecot).logout()


def test_three_hundred_mails_are_there_at_once_in_their_order(dovecot: Dovecot) -> None:
    began = time.monotonic()
    raws = [b"Subject: %d\r\n\r\n%d\r\n" % (number, number) for number in range(300)]
    for raw in raws:
        dovecot.deliver(ADDRESS, raw)
    assert time.monotonic() - began < 2

    with logged_in(dovecot) as client:
        client.select_folder("INBOX", readonly=True)
        got = client.fetch(client.search(), ["BODY.PEEK[]"])

    assert [got[uid][b"BODY[]"] for uid in sorted(got)] == raws


def test_arrival_and_folder_are_as_delivered(dovecot: Dovecot) -> None:
    arrived = datetime(2026, 11, 20, 9, 31, 5, tzinfo=UTC)
    dovecot.deliver(ADDRESS, MAIL, "垃圾邮件", arrived)

    with logged_in(dovecot) as client:
        client.normalise_times = False
        assert client.find_special_folder(b"\\Junk") == "垃圾邮件"
        client.select_folder("垃圾邮件", readonly=True)
        (mail,) = client.fetch(client.search(), ["INTERNALDATE", "FLAGS"]).values()

    assert mail[b"INTERNALDATE"] == arrived
    assert b"\\Seen" not in mail[b"FLAGS"]


def test_folders_are_those_of_163(dovecot: Dovecot) -> None:
    with logged_in(dovecot) as client:
        names = {name for _, _, name in client.list_folders()}

    assert names == {"INBOX", "草稿箱", "已发送", "已删除", "垃圾邮件", "病毒文件夹"}


def test_files_tell_whether_a_reader_touched_anything(dovecot: Dovecot) -> None:
    dovecot.deliver(ADDRESS, MAIL)
    before = dovecot.files(ADDRESS)

    with logged_in(dovecot) as client:
        client.select_folder("INBOX", readonly=True)
        client.fetch([1], ["BODY.PEEK[]"])
    assert dovecot.files(ADDRESS) == before

    with logged_in(dovecot) as client:
        client.select_folder("INBOX")
        client.fetch([1], ["BODY[]"])
    assert dovecot.files(ADDRESS) != before


def test_reading_and_deleting_in_webmail(dovecot: Dovecot) -> None:
    kept, gone = dovecot.deliver(ADDRESS, MAIL), dovecot.deliver(ADDRESS, MAIL + b"second\r\n")
    dovecot.mark_seen(ADDRESS)
    dovecot.remove(gone)

    with logged_in(dovecot) as client:
        client.select_folder("INBOX", readonly=True)
        (flags,) = client.get_flags(client.search()).values()

    assert b"\\Seen" in flags
    assert [name.partition(":")[0] for name in dovecot.files(ADDRESS)] == [kept.name]


def test_renumbering_shows_another_uidvalidity(dovecot: Dovecot) -> None:
    dovecot.deliver(ADDRESS, MAIL)
    shown = []
    for _ in range(3):
        with logged_in(dovecot) as client:
            shown.append(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])
            assert len(client.search()) == 1
        dovecot.renumber(ADDRESS)

    assert len(set(shown)) == 3


def test_a_wrong_code_is_refused_without_a_long_wait(dovecot: Dovecot) -> None:
    began = time.monotonic()
    with (
        IMAPClient(dovecot.host, dovecot.port, ssl=False, timeout=10) as client,
        pytest.raises(LoginError),
    ):
        client.login(ADDRESS, "wrong")

    assert time.monotonic() - began < 2


def test_tls_holds_with_the_right_certificate_only(dovecot: Dovecot, tmp_path: Path) -> None:
    def connect(context: ssl.SSLContext) -> None:
        with IMAPClient(dovecot.host, dovecot.tls_port, ssl_context=context, timeout=10) as client:
            client.login(ADDRESS, CODE)

    connect(dovecot.certificate.client_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(make_certificate(tmp_path).client_context())


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        pytest.param({"expired": True}, "expired", id="expired"),
        pytest.param({"names": ("imap.163.example",)}, "mismatch|not valid for", id="for another host"),
    ],
)
def test_bad_certificates_can_be_made(tmp_path: Path, made: dict[str, object], complaint: str) -> None:
    certificate: Certificate = make_certificate(tmp_path, **made)  # type: ignore[arg-type]  # a table of keywords
    server, client = socket.socketpair()
    with server, client:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talker = certificate.client_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        answers, questions = ssl.MemoryBIO(), ssl.MemoryBIO()
        listener = certificate.server_context().wrap_bio(questions, answers, server_side=True)
        with pytest.raises(ssl.SSLWantReadError):
            talker.do_handshake()
        questions.write(outgoing.read())
        with pytest.raises(ssl.SSLWantReadError):
            listener.do_handshake()
        incoming.write(answers.read())

        with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
            talker.do_handshake()
