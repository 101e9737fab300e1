"""Each fault of the scripted server, seen through the library the poller uses: this is what the poller has to survive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from tests.support.scripted_imap import Fault, ScriptedImap

FIRST, SECOND = 1446555803, 1446555810
MAILS = {FIRST: b"Subject: one\r\n\r\n" + b"line\r\n" * 20, SECOND: b"Subject: two\r\n\r\nsecond\r\n"}


@contextmanager
def connected(server: ScriptedImap) -> Iterator[IMAPClient]:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=SocketTimeout(0.4, 0.4))
    try:
        yield client
    finally:
        client.shutdown()


def read(client: IMAPClient, server: ScriptedImap) -> dict[int, bytes | None]:
    client.login(server.address, server.code)
    client.id_({"name": "test", "version": "1"})
    client.select_folder("INBOX", readonly=True)
    uids = client.search()
    return {uid: mail[b"BODY[]"] for uid, mail in client.fetch(uids, ["BODY.PEEK[]"]).items()}


def test_without_a_fault_it_gives_all_mails() -> None:
    with ScriptedImap(MAILS) as server, connected(server) as client:
        assert read(client, server) == MAILS
        assert server.fetched == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.BUSY, IMAPClientError),
        (Fault.WRONG_CODE, LoginError),
        (Fault.CHINESE_REFUSAL, LoginError),
        (Fault.UNSAFE_LOGIN, IMAPClientError),
        (Fault.UNSAFE_BYE, IMAPClientAbortError),
        (Fault.SILENT, TimeoutError),
        (Fault.SEARCH_STALLS, TimeoutError),
        (Fault.FETCH_STALLS, TimeoutError),
        (Fault.HUGE_LITERAL, TimeoutError),
        (Fault.SHORT_LITERAL, (IMAPClientAbortError, TimeoutError)),
        (Fault.DROPS, IMAPClientAbortError),
        (Fault.BYE, IMAPClientAbortError),
        (Fault.GARBAGE, IMAPClientAbortError),
        (Fault.LONG_LITERAL, (IMAPClientAbortError, ProtocolError)),
        (Fault.REFUSES_FETCH, IMAPClientError),
    ],
)
def test_faults_that_the_library_reports(
    fault: Fault, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with ScriptedImap(MAILS, fault) as server, pytest.raises(error), connected(server) as client:
        read(client, server)


@pytest.mark.parametrize(
    ("fault", "got"),
    [
        pytest.param(Fault.NOTHING, {SECOND: MAILS[SECOND]}, id="nothing"),
        pytest.param(Fault.OTHER_UID, {SECOND: MAILS[SECOND]}, id="a uid nobody asked for"),
        pytest.param(Fault.NIL_BODY, {FIRST: None, SECOND: MAILS[SECOND]}, id="NIL"),
        pytest.param(Fault.EMPTY_BODY, {FIRST: b"", SECOND: MAILS[SECOND]}, id="empty"),
        pytest.param(Fault.CUT_MAIL, {FIRST: MAILS[FIRST][:68], SECOND: MAILS[SECOND]}, id="half a mail"),
    ],
)
def test_faults_that_the_library_passes_over_in_silence(fault: Fault, got: dict[int, bytes | None]) -> None:
    with ScriptedImap(MAILS, fault, only=frozenset({FIRST})) as server, connected(server) as client:
        assert read(client, server) == got


def test_a_size_can_be_a_lie() -> None:
    with ScriptedImap(MAILS, Fault.HUGE_SIZE, only=frozenset({FIRST})) as server, connected(server) as client:
        read(client, server)
        sizes = {
            uid: told[b"RFC822.SIZE"] for uid, told in client.fetch([FIRST, SECOND], ["RFC822.SIZE"]).items()
        }

    assert sizes == {FIRST: 4 * 1024**3, SECOND: len(MAILS[SECOND])}


def test_a_drip_is_never_a_timeout_of_the_socket() -> None:
    """One byte a second keeps every read short of its limit: only a deadline of the reader's own ends it."""
    with ScriptedImap(MAILS, Fault.DRIPS) as server:
        server.drip_seconds = 0.2
        client = IMAPClient(server.host, server.port, ssl=False, timeout=SocketTimeout(2, 0.4))
        client.login(server.address, server.code)
        client.id_({"name": "test", "version": "1"})
        client.select_folder("INBOX", readonly=True)
        began = time.monotonic()
        tag = client._imap._command("UID", "FETCH", str(FIRST), "(BODY.PEEK[])")
        dripped = [client._imap.read(1) for _ in range(5)]
        client.shutdown()

    assert tag
    assert b"".join(dripped) == b"* 1 F"
    assert time.monotonic() - began > 0.7


def test_uidvalidity_can_be_absent_or_change() -> None:
    def shown(server: ScriptedImap) -> object:
        with connected(server) as client:
            client.login(server.address, server.code)
            client.id_({"name": "test", "version": "1"})
            return client.select_folder("INBOX", readonly=True).get(b"UIDVALIDITY")

    with ScriptedImap(MAILS, Fault.NO_UIDVALIDITY) as server:
        absent = shown(server)
        server.fault, server.uidvalidity = None, 77

        assert (absent, shown(server)) == (None, 77)


def test_healed_it_gives_the_mail_and_attempts_were_counted() -> None:
    with ScriptedImap(MAILS, Fault.WRONG_CODE) as server:
        for _ in range(3):
            with pytest.raises(LoginError), connected(server) as client:
                read(client, server)
        server.fault = None
        with connected(server) as client:
            assert read(client, server) == MAILS

        assert server.logins == 4


def test_a_mail_expunged_between_search_and_fetch_is_absent() -> None:
    with ScriptedImap(MAILS) as server, connected(server) as client:
        read(client, server)
        server.expunge(FIRST)
        server.deliver(SECOND + 5, b"Subject: three\r\n\r\n")

        assert set(client.fetch([FIRST, SECOND, SECOND + 5], ["BODY.PEEK[]"])) == {SECOND, SECOND + 5}


def test_stopping_ends_a_stalled_conversation_at_once() -> None:
    server = ScriptedImap(MAILS, Fault.SILENT)
    server.__enter__()
    with pytest.raises(TimeoutError), connected(server):
        pass
    began = time.monotonic()
    server.__exit__(None, None, None)

    assert time.monotonic() - began < 1
