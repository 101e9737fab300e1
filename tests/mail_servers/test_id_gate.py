"""The gate before Dovecot: it refuses as 163.com does, and notices what a reader must not send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.support.certificates import make_certificate
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate, Seen, changing

pytestmark = pytest.mark.dovecot

ADDRESS, CODE = "office@163.example", 'GOOD"CODE'
MAIL = b"Subject: lamp\r\n\r\nThe lamp is broken.\r\n"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot.start({ADDRESS: CODE}) as running:
        running.deliver(ADDRESS, MAIL)
        yield running


@pytest.fixture
def gate(dovecot: Dovecot) -> Iterator[IdGate]:
    with IdGate(dovecot.port) as running:
        yield running


def logged_in(gate: IdGate) -> IMAPClient:
    client = IMAPClient(gate.host, gate.port, ssl=False, timeout=10)
    client.login(ADDRESS, CODE)
    return client


def read_properly(client: IMAPClient) -> bytes:
    client.id_({"name": "test", "version": "1"})
    client.select_folder("INBOX", readonly=True)
    (mail,) = client.fetch(client.search(), ["BODY.PEEK[]"]).values()
    client.logout()
    body: bytes = mail[b"BODY[]"]
    return body


def test_a_proper_reader_passes_and_its_order_is_on_record(gate: IdGate) -> None:
    assert read_properly(logged_in(gate)) == MAIL

    gate.check_order()
    gate.check_nothing_changed()
    talk = [verb for verb in gate.verbs(1) if verb != "CAPABILITY"]
    assert talk == ["LOGIN", "ID", "EXAMINE", "SEARCH", "FETCH", "LOGOUT"]


def test_it_works_the_same_inside_tls(dovecot: Dovecot, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with IdGate(dovecot.port, tls=certificate.server_context()) as gate:
        client = IMAPClient(gate.host, gate.port, ssl_context=certificate.client_context(), timeout=10)
        client.login(ADDRESS, CODE)

        assert read_properly(client) == MAIL
        gate.check_order()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_folder_before_id_is_refused_and_does_not_reach_the_server(gate: IdGate, read_only: bool) -> None:
    with logged_in(gate) as client:
        with pytest.raises(IMAPClientError, match="Unsafe Login"):
            client.select_folder("INBOX", readonly=read_only)
        with pytest.raises(AssertionError):
            gate.check_order()


def test_a_closed_gate_refuses_even_after_id(dovecot: Dovecot) -> None:
    with IdGate(dovecot.port, closed=True) as gate, logged_in(gate) as client:
        client.id_({"name": "test", "version": "1"})

        with pytest.raises(IMAPClientError, match="Unsafe Login"):
            client.select_folder("INBOX", readonly=True)


def test_every_connection_needs_its_own_id(gate: IdGate) -> None:
    read_properly(logged_in(gate))

    with logged_in(gate) as second, pytest.raises(IMAPClientError, match="Unsafe Login"):
        second.select_folder("INBOX", readonly=True)
    assert gate.connections == 2


def test_literals_pass_and_the_code_is_not_on_record(gate: IdGate) -> None:
    with logged_in(gate) as client:
        client.append("草稿箱", MAIL)

    assert "APPEND" in gate.verbs(1)
    assert "The" not in gate.verbs(1)
    assert not [command for command in gate.seen if CODE in command.words or ADDRESS in command.words]


@pytest.mark.parametrize(
    ("verb", "words", "changes"),
    [
        ("EXAMINE", "INBOX", False),
        ("FETCH", "1:5 (BODY.PEEK[])", False),
        ("FETCH", "1:5 (FLAGS INTERNALDATE RFC822.SIZE RFC822.HEADER)", False),
        ("FETCH", "1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])", False),
        ("FETCH", "1 (BODY.PEEK[]<0.1000000>)", False),
        ("FETCH", "1 (BODY[])", True),
        ("FETCH", "1 (BODY.PEEK[HEADER] BODY[TEXT])", True),
        ("FETCH", "1 (RFC822)", True),
        ("FETCH", "1 RFC822.TEXT", True),
        ("STORE", "1 +FLAGS (\\Seen)", True),
        ("SELECT", "INBOX", True),
        ("MOVE", "1 x", True),
        ("COPY", "1 x", True),
        ("EXPUNGE", "", True),
        ("CLOSE", "", False),
    ],
)
def test_what_counts_as_a_change(verb: str, words: str, changes: bool) -> None:
    assert bool(changing([Seen(1, verb, words)])) is changes


def test_a_change_is_noticed_behind_uid(gate: IdGate) -> None:
    with logged_in(gate) as client:
        client.id_({"name": "test", "version": "1"})
        client.select_folder("INBOX", readonly=True)
        client.fetch([1], ["BODY[]"])

        with pytest.raises(AssertionError, match="FETCH"):
            gate.check_nothing_changed()
