"""However slowly or strangely a server talks: the conversation ends in time, and with the port's own error."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mail_ingest.imap_mailbox import check, open_mailbox
from mail_ingest.mailbox import FetchedMail, MailboxUnavailable
from tests.mailbox.scripted import ScriptedServer, Session, a_mail
from tests.support.certificates import make_certificate

THREE = {3: a_mail("three"), 5: a_mail("five"), 7: a_mail("seven")}


def drip(session: Session, tag: bytes, command: bytes) -> None:
    session.stream.sendall(b"* 1 FETCH (UID 3 BODY[] {1000}\r\n")
    session.drip(b"x" * 400)


def dripped_greeting(session: Session) -> None:
    session.drip(b"* OK " + b"x" * 400)


@pytest.mark.parametrize("where", ["greeting", "fetch", "fetch over tls", "goodbye"])
def test_a_server_that_drips_is_left_at_the_deadline(where: str, tmp_path: Path) -> None:
    """Each byte starts the socket's timeout anew, so nothing but the deadline ends this."""
    certificate = make_certificate(tmp_path)
    tls = where == "fetch over tls"
    server = ScriptedServer(mails=THREE, tls=certificate.server_context() if tls else None)
    if where == "greeting":
        server.greeting = dripped_greeting
    else:
        server.answers = {"LOGOUT" if where == "goodbye" else "UID FETCH": drip}
    trouble = None
    with server:
        settings = server.settings(
            tls=tls, ca_file=str(certificate.certificate), timeout_seconds=0.5, deadline_seconds=0.8
        )
        started = time.monotonic()
        try:
            with open_mailbox(settings) as mailbox:
                mailbox.open_folder("INBOX")
                if where != "goodbye":
                    list(mailbox.fetch([3]))
        except MailboxUnavailable as error:
            trouble = error
        took = time.monotonic() - started

    assert 0.75 < took < 3  # the server would drip for 20 s
    assert (trouble.code if trouble else None) == (None if where == "goodbye" else "timeout")


def test_a_connection_that_ended_leaves_no_timer_behind() -> None:
    with ScriptedServer() as server:
        with open_mailbox(server.settings()):
            assert timers() != []
        check(server.settings(password="QRSTUVWX"))

        assert timers() == []


def timers() -> list[threading.Thread]:
    time.sleep(0.05)  # a timer that was called off ends by itself
    return [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_silent_server_is_left_after_the_timeout() -> None:
    def silent(session: Session) -> None:
        session.server.wait_until_stopped()

    with ScriptedServer(greeting=silent) as server:
        started = time.monotonic()
        result = check(server.settings(timeout_seconds=0.5))
        took = time.monotonic() - started

    assert (result.ok, result.code) == (False, "unreachable")
    assert took < 1.5


def spoilt_by(chance: random.Random) -> Callable[[bytes], bytes]:
    """Every fourth answer loses bytes, gains some or has one changed."""

    def spoil(text: bytes) -> bytes:
        if chance.random() > 0.25:
            return text
        cut = chance.randrange(len(text))
        added = chance.choice(
            [b"(", b")", b'"', b"{5}\r\n", b"\r\n", b"NIL", b"\0", b" ", b"[", b"]", b"\xff", b""]
        )
        return text[:cut] + added + text[cut + chance.randrange(4) :]

    return spoil


def test_whatever_a_server_mumbles_nothing_but_the_ports_own_error_comes_out() -> None:
    chance = random.Random(20261123)  # the same mumbling every time
    seen: set[str] = set()
    for _ in range(200):
        with ScriptedServer(mails=THREE, spoil=spoilt_by(chance)) as server:
            settings = server.settings(timeout_seconds=0.1, deadline_seconds=0.5)
            try:
                with open_mailbox(settings) as mailbox:
                    mailbox.folders()
                    mailbox.open_folder("INBOX")
                    for item in mailbox.fetch(mailbox.uids()):
                        seen.add("whole" if isinstance(item, FetchedMail) else item.reason)
            except MailboxUnavailable as trouble:
                seen.add(trouble.code)

    assert {"whole", "missing", "other", "unreachable", "timeout"} <= seen
