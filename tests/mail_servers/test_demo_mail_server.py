"""The demonstration server must trip a reader up exactly where 163.com does."""

from __future__ import annotations

import imaplib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.imap_utf7 import decode, encode

from demo.mail_server import DEMO_ACCOUNTS, DemoMailServer
from demo.post_office import FOLDERS
from tests.support.certificates import make_certificate

ADDRESS, CODE = "office@163.example", "GOODCODE"
MAIL = (
    b"Subject: lamp\r\nFrom: a@b.example\r\nTo: c@d.example,\r\n e@f.example\r\n\r\nThe lamp is broken.\r\n"
)


@pytest.fixture
def server() -> Iterator[DemoMailServer]:
    with DemoMailServer({ADDRESS: CODE}) as running:
        yield running


def logged_in(server: DemoMailServer) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
    client.login(ADDRESS, CODE)
    return client


def identified(server: DemoMailServer) -> IMAPClient:
    client = logged_in(server)
    client.id_({"name": "test", "version": "1"})
    return client


@pytest.mark.parametrize("read_only", [True, False])
def test_a_folder_is_refused_until_the_program_says_who_it_is(
    server: DemoMailServer, read_only: bool
) -> None:
    with logged_in(server) as client:
        with pytest.raises(IMAPClientError, match="Unsafe Login"):
            client.select_folder("INBOX", readonly=read_only)
        client.id_({"name": "test", "version": "1"})

        assert client.select_folder("INBOX", readonly=read_only)[b"EXISTS"] == 0


def test_an_empty_id_opens_nothing(server: DemoMailServer) -> None:
    with logged_in(server) as client:
        client.id_(None)

        with pytest.raises(IMAPClientError, match="Unsafe Login"):
            client.select_folder("INBOX", readonly=True)


def test_an_id_before_the_login_opens_nothing(server: DemoMailServer) -> None:
    with IMAPClient(server.host, server.port, ssl=False, timeout=5) as client:
        client.id_({"name": "test", "version": "1"})
        client.login(ADDRESS, CODE)

        with pytest.raises(IMAPClientError, match="Unsafe Login"):
            client.select_folder("INBOX", readonly=True)


@pytest.mark.parametrize(("address", "code"), [(ADDRESS, "wrong"), ("nobody@163.example", CODE)])
def test_a_wrong_code_is_refused_in_the_words_of_163(server: DemoMailServer, address: str, code: str) -> None:
    with (
        IMAPClient(server.host, server.port, ssl=False, timeout=5) as client,
        pytest.raises(LoginError, match="LOGIN Login error or password error"),
    ):
        client.login(address, code)


def test_a_changed_code_is_needed_at_the_next_login(server: DemoMailServer) -> None:
    server.office.change_code(ADDRESS, "NEWCODE")

    with IMAPClient(server.host, server.port, ssl=False, timeout=5) as client:
        with pytest.raises(LoginError):
            client.login(ADDRESS, CODE)
        client.login(ADDRESS, "NEWCODE")


def test_folders_have_the_names_and_flags_of_163(server: DemoMailServer) -> None:
    with logged_in(server) as client:
        listed = {name: set(flags) - {b"\\HasNoChildren"} for flags, _, name in client.list_folders()}

    assert listed == {
        "INBOX": set(),
        "草稿箱": {b"\\Drafts"},
        "已发送": {b"\\Sent"},
        "已删除": {b"\\Trash"},
        "垃圾邮件": {b"\\Junk"},
        "病毒文件夹": set(),
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.wire)
def test_folder_names_travel_in_modified_utf_7(folder: object) -> None:
    assert isinstance(folder, type(FOLDERS[0]))
    assert encode(folder.name) == folder.wire.encode()
    assert decode(folder.wire.encode()) == folder.name


def test_a_mail_comes_back_as_the_same_bytes_with_its_arrival(server: DemoMailServer) -> None:
    arrived = datetime(2026, 11, 20, 9, 31, 5, tzinfo=UTC)
    uid = server.deliver(ADDRESS, MAIL, "垃圾邮件", arrived)

    with identified(server) as client:
        client.normalise_times = False
        client.select_folder("垃圾邮件", readonly=True)
        assert client.search() == [uid]
        told = client.fetch([uid], ["FLAGS", "INTERNALDATE", "RFC822.SIZE"])[uid]
        body = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]

    assert (told[b"INTERNALDATE"], told[b"RFC822.SIZE"], told[b"FLAGS"]) == (arrived, len(MAIL), ())
    assert body == MAIL


def test_parts_of_a_mail_can_be_asked_for(server: DemoMailServer) -> None:
    uid = server.deliver(ADDRESS, MAIL)
    asked = ["BODY.PEEK[HEADER]", "BODY.PEEK[HEADER.FIELDS (TO)]", "BODY.PEEK[TEXT]", "BODY.PEEK[]<4.10>"]

    with identified(server) as client:
        client.select_folder("INBOX", readonly=True)
        got = client.fetch([uid], asked)[uid]

    head, _, text = MAIL.partition(b"\r\n\r\n")
    assert got[b"BODY[HEADER]"] == head + b"\r\n\r\n"
    assert got[b"BODY[HEADER.FIELDS (TO)]"] == b"To: c@d.example,\r\n e@f.example\r\n\r\n"
    assert got[b"BODY[TEXT]"] == text
    assert got[b"BODY[]<4>"] == MAIL[4:14]


@pytest.mark.parametrize(
    ("read_only", "item", "seen"),
    [
        pytest.param(True, "BODY.PEEK[]", False, id="how it is done"),
        pytest.param(False, "BODY.PEEK[]", False, id="PEEK is enough"),
        pytest.param(True, "BODY[]", False, id="EXAMINE is enough"),
        pytest.param(False, "BODY[]", True, id="careless"),
        pytest.param(False, "RFC822", True, id="careless in the old way"),
    ],
)
def test_only_a_careless_fetch_marks_a_mail_as_read(
    server: DemoMailServer, read_only: bool, item: str, seen: bool
) -> None:
    uid = server.deliver(ADDRESS, MAIL)

    with identified(server) as client:
        client.select_folder("INBOX", readonly=read_only)
        client.fetch([uid], [item])

    assert ("\\Seen" in server.office.mails(ADDRESS, "INBOX")[0].flags) is seen


def test_uids_are_large_have_gaps_and_uidnext_is_never_told(server: DemoMailServer) -> None:
    uids = [server.deliver(ADDRESS, MAIL) for _ in range(5)]

    with identified(server) as client:
        opened = client.select_folder("INBOX", readonly=True)
        status = client.folder_status("INBOX", ["MESSAGES", "UIDVALIDITY"])

    assert min(uids) > 10**9
    assert uids != list(range(uids[0], uids[0] + 5))
    assert (opened[b"UIDVALIDITY"], b"UIDNEXT" in opened) == (1, False)
    assert status == {b"MESSAGES": 5, b"UIDVALIDITY": 1}


def test_a_search_beyond_the_last_mail_finds_the_last_mail(server: DemoMailServer) -> None:
    uids = [server.deliver(ADDRESS, MAIL) for _ in range(3)]

    with identified(server) as client:
        client.select_folder("INBOX", readonly=True)

        assert client.search(["UID", f"{uids[-1] + 100}:*"]) == [uids[-1]]
        assert client.search(["UID", f"{uids[1]}:*"]) == uids[1:]
        assert client.search(["SUBJECT", "lamp"]) == []


def test_days_of_a_search_are_the_days_of_the_office(server: DemoMailServer) -> None:
    late = server.deliver(
        ADDRESS, MAIL, internaldate=datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    )  # the 24th there

    with identified(server) as client:
        client.select_folder("INBOX", readonly=True)

        assert client.search(["SINCE", "24-Nov-2026"]) == [late]
        assert client.search(["BEFORE", "24-Nov-2026"]) == []


def says(server: DemoMailServer, *lines: bytes) -> bytes:
    """The answer to the last of these lines."""
    with (
        socket.create_connection((server.host, server.port), timeout=5) as raw,
        raw.makefile("rwb") as stream,
    ):
        stream.readline()
        for line in lines:
            stream.write(line + b"\r\n")
            stream.flush()
            while (answer := stream.readline()).startswith(b"*"):
                pass
    return answer


@pytest.mark.parametrize(
    "change",
    [
        b"STORE 1 +FLAGS (\\Deleted)",
        b"UID COPY 1:* INBOX",
        b"EXPUNGE",
        b"CREATE x",
        b'APPEND "INBOX" {2+}\r\nhi',
    ],
)
def test_nothing_can_be_changed_over_imap(server: DemoMailServer, change: bytes) -> None:
    server.deliver(ADDRESS, MAIL)
    login = f"a1 LOGIN {ADDRESS} {CODE}".encode()

    answer = says(server, login, b'a2 ID ("name" "test")', b"a3 SELECT INBOX", b"a4 " + change)

    assert answer.startswith(b"a4 NO ")
    assert [(mail.raw, mail.flags) for mail in server.office.mails(ADDRESS, "INBOX")] == [(MAIL, set())]


def test_a_line_that_ends_in_a_blank_is_refused(server: DemoMailServer) -> None:
    assert says(server, b"a1 NOOP ") == b"a1 BAD Request not ending with CRLF\r\n"


def test_authenticate_is_refused_so_that_login_is_used(server: DemoMailServer) -> None:
    assert says(server, b"a1 AUTHENTICATE PLAIN AGEAYg==").startswith(b"a1 BAD ")


def test_a_search_without_a_folder_is_a_state_error(server: DemoMailServer) -> None:
    with imaplib.IMAP4(server.host, server.port, timeout=5) as client:
        client.login(ADDRESS, CODE)
        client.state = "SELECTED"  # the library would not let this out

        assert client.search(None, "ALL") == ("NO", [b"SEARCH State error"])


def test_a_mail_removed_in_webmail_is_gone_from_an_open_session(server: DemoMailServer) -> None:
    first, second = server.deliver(ADDRESS, MAIL), server.deliver(ADDRESS, MAIL)

    with identified(server) as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search() == [first, second]
        server.office.remove(ADDRESS, "INBOX", first)

        assert set(client.fetch([first, second], ["BODY.PEEK[]"])) == {second}


def test_it_speaks_tls_when_it_has_a_certificate(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with (
        DemoMailServer({ADDRESS: CODE}, tls=certificate.server_context()) as server,
        IMAPClient(server.host, server.port, ssl_context=certificate.client_context(), timeout=5) as client,
    ):
        assert client.login(ADDRESS, CODE)


def test_stopping_ends_the_open_connections_and_leaves_no_thread(server: DemoMailServer) -> None:
    client = logged_in(server)

    server.stop()

    with pytest.raises((IMAPClientAbortError, OSError)):
        client.noop()
    client.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loopback-")]


def test_stopping_does_not_wait_for_a_client_that_never_shakes_hands(tmp_path: Path) -> None:
    server = DemoMailServer({ADDRESS: CODE}, tls=make_certificate(tmp_path).server_context()).start()
    with socket.create_connection((server.host, server.port), timeout=5) as silent:
        stopper = threading.Thread(target=server.stop, daemon=True)
        stopper.start()
        stopper.join(5)

        assert not stopper.is_alive()
        assert silent.recv(1) == b""


def test_many_readers_while_mail_arrives(server: DemoMailServer) -> None:
    def deliver() -> None:
        for _ in range(200):
            server.deliver(ADDRESS, MAIL)

    writer = threading.Thread(target=deliver)
    clients = [identified(server) for _ in range(5)]
    writer.start()
    for client in clients:
        client.select_folder("INBOX", readonly=True)
    writer.join()

    assert {len(client.search()) for client in clients} == {200}
    for client in clients:
        client.logout()


@pytest.mark.skipif(os.name != "posix", reason="ends the command by SIGTERM")
def test_the_command_delivers_its_samples_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "demo.mail_server", "--port", "0", "--smtp-port", "0"]
    with subprocess.Popen(
        [*command, "--deliver-samples", "--over-seconds", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ports = re.search(r"IMAP 127\.0\.0\.1:(\d+) +SMTP 127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert ports is not None
        address, code = next(iter(DEMO_ACCOUNTS.items()))
        with IMAPClient("127.0.0.1", int(ports[1]), ssl=False, timeout=5) as client:
            client.login(address, code)
            client.id_({"name": "test", "version": "1"})
            client.select_folder("INBOX", readonly=True)
            found = 0
            while found < 12:  # the test's own time limit ends it
                found = len(client.search())
        process.send_signal(signal.SIGTERM)

        assert process.wait(5) == 0
