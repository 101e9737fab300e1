"""A small IMAP server that behaves like 163.com, or misbehaves as a test asks; it writes down what it is told."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from mail_ingest.mailbox import ConnectionSettings

USER, PASSWORD = "zjg@example.cn", "ABCDEFGHIJKLMNOP"
ARRIVED = b"23-Nov-2026 09:15:00 +0800"

WIRE_JUNK, WIRE_VIRUS, WIRE_ADVERTS = b"&V4NXPpCuTvY-", b"&dcVr0mWHTvZZOQ-", b"&Xn9USpCuTvY-"
WIRE_SENT, WIRE_TRASH = b"&XfJT0ZAB-", b"&XfJSIJZk-"
FOLDERS_OF_163 = (
    rb'() "/" "INBOX"',
    rb'(\Drafts) "/" "&g0l6P3ux-"',
    rb'(\Sent) "/" "' + WIRE_SENT + b'"',
    rb'(\Trash) "/" "' + WIRE_TRASH + b'"',
    rb'(\Junk) "/" "' + WIRE_JUNK + b'"',
    rb'() "/" "' + WIRE_VIRUS + b'"',
    rb'() "/" "' + WIRE_ADVERTS + b'"',
    rb'(\Noselect) "/" "&i6KWBZCuTvY-"',
)


class HangUp(Exception):
    """The server closes the connection without a word."""


def a_mail(subject: str = "Lamp", *, lines: int = 3) -> bytes:
    body = "\r\n".join(f"line {number}" for number in range(lines))
    return f"From: parent@example.com\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


@dataclass
class Session:
    """One connection as the server sees it."""

    server: ScriptedServer
    stream: socket.socket
    introduced: bool = False

    def say(self, *lines: bytes) -> None:
        self.stream.sendall(self.server.spoil(b"".join(line + b"\r\n" for line in lines)))

    def drip(self, text: bytes, every: float = 0.05) -> None:
        for byte in text:
            self.stream.sendall(bytes([byte]))
            time.sleep(every)


Answer = Callable[[Session, bytes, bytes], None]  # session, tag, the command with its arguments


@dataclass
class ScriptedServer:
    """Serves `mails` (uid → bytes); `answers` replaces the answer to a command, by its name."""

    mails: dict[int, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    greeting: Callable[[Session], None] | None = None
    spoil: Callable[[bytes], bytes] = bytes  # what happens to its words on their way
    tls: ssl.SSLContext | None = None
    sizes: dict[int, int] = field(default_factory=dict)  # announced instead of the true one
    folders: tuple[bytes, ...] = FOLDERS_OF_163
    passwords: tuple[str, ...] = (PASSWORD,)
    needs_id: bool = True
    commands: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def verbs(self) -> list[str]:
        """The commands in their order: LOGIN, ID, EXAMINE, UID FETCH …"""
        return [_verb(command) for command in self.commands]

    def settings(
        self,
        *,
        password: str = PASSWORD,
        host: str = "127.0.0.1",
        tls: bool = False,
        ca_file: str | None = None,
        timeout_seconds: float = 5.0,
        deadline_seconds: float = 20.0,
    ) -> ConnectionSettings:
        return ConnectionSettings(
            address=USER,
            username=USER,
            password=password,
            host=host,
            port=self.port,
            tls=tls,
            ca_file=ca_file,
            timeout_seconds=timeout_seconds,
            deadline_seconds=deadline_seconds,
        )

    def wait_until_stopped(self) -> None:
        """What a silent server does until the test is over."""
        self._stopping.wait(30)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # many small lines, at once
            self.connections += 1
            self._start(lambda stream=stream: self._serve(stream))  # type: ignore[misc]  # bound on purpose

    def _serve(self, stream: socket.socket) -> None:
        stream.settimeout(30)
        try:
            if self.tls is not None:
                stream = self.tls.wrap_socket(stream, server_side=True)
            session = Session(self, stream)
            if self.greeting is not None:
                self.greeting(session)
            else:
                session.say(
                    b"* OK [CAPABILITY IMAP4rev1 ID XLIST SPECIAL-USE UIDPLUS SASL-IR] Coremail ready"
                )
            self._converse(session)
        except (OSError, HangUp):
            pass
        finally:
            stream.close()

    def _converse(self, session: Session) -> None:
        with session.stream.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.rstrip(b"\r\n").partition(b" ")
                self.commands.append(command)
                name = _verb(command)
                answer = self.answers.get(name) or self._usual_answers().get(name, _unknown)
                answer(session, tag, command)
                if name == "LOGOUT":
                    return

    def _usual_answers(self) -> dict[str, Answer]:
        return {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "ID": self._id,
            "LIST": self._list,
            "EXAMINE": self._examine,
            "UID SEARCH": self._uid_search,
            "FETCH": self._fetch,
            "UID FETCH": self._uid_fetch,
            "LOGOUT": self._logout,
        }

    def _capability(self, session: Session, tag: bytes, _command: bytes) -> None:
        session.say(b"* CAPABILITY IMAP4rev1 ID XLIST SPECIAL-USE UIDPLUS SASL-IR", tag + b" OK done")

    def _login(self, session: Session, tag: bytes, command: bytes) -> None:
        if any(f'"{password}"'.encode() in command for password in self.passwords):
            session.say(tag + b" OK LOGIN completed")
        else:
            session.say(tag + b" NO LOGIN Login error or password error")

    def _id(self, session: Session, tag: bytes, command: bytes) -> None:
        session.introduced = command.startswith(b'ID ("name"')
        session.say(b'* ID ("name" "Coremail Imap" "vendor" "Mailtech")', tag + b" OK ID completed")

    def _list(self, session: Session, tag: bytes, _command: bytes) -> None:
        session.say(*(b"* LIST " + folder for folder in self.folders), tag + b" OK LIST completed")

    def _examine(self, session: Session, tag: bytes, _command: bytes) -> None:
        if self.needs_id and not session.introduced:
            refusal = b" NO EXAMINE Unsafe Login. Please contact kefu@188.com for help"
            session.say(tag + refusal)
            return
        count = str(len(self.mails)).encode()
        session.say(
            rb"* FLAGS (\Answered \Seen \Deleted)",
            b"* " + count + b" EXISTS",
            b"* 0 RECENT",
            b"* OK [UIDVALIDITY 1] UIDs valid",
            tag + b" OK [READ-ONLY] EXAMINE completed",
        )

    def _uid_search(self, session: Session, tag: bytes, _command: bytes) -> None:
        numbers = b"".join(b" " + str(uid).encode() for uid in sorted(self.mails))
        session.say(b"* SEARCH" + numbers, tag + b" OK SEARCH completed")

    def _fetch(self, session: Session, tag: bytes, command: bytes) -> None:
        first, last = command.split()[1].split(b":")
        uids = sorted(self.mails)
        end = len(uids) if last == b"*" else int(last)
        lines = [
            b"* %d FETCH (UID %d)" % (position, uids[position - 1]) for position in range(int(first), end + 1)
        ]
        session.say(*lines, tag + b" OK FETCH completed")

    def _uid_fetch(self, session: Session, tag: bytes, command: bytes) -> None:
        for uid in asked_uids(command):
            if uid in self.mails:
                session.say(self.fetch_answer(uid, command))
        session.say(tag + b" OK FETCH completed")

    def fetch_answer(self, uid: int, command: bytes) -> bytes:
        """The right answer for one mail, without its line end."""
        raw = self.mails[uid]
        position = sorted(self.mails).index(uid) + 1
        items = b"UID %d" % uid
        if b"RFC822.SIZE" in command:
            items += b' RFC822.SIZE %d INTERNALDATE "%s"' % (self.sizes.get(uid, len(raw)), ARRIVED)
        if b"BODY.PEEK[" in command:
            section = b"HEADER" if b"HEADER" in command else b""
            content = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if section else raw
            origin = b""
            if part := re.search(rb"<(\d+)\.(\d+)>", command):
                start, length = int(part[1]), int(part[2])
                content, origin = content[start : start + length], b"<%d>" % start
            items += b" BODY[%s]%s {%d}\r\n%s" % (section, origin, len(content), content)
        return b"* %d FETCH (%s)" % (position, items)

    def _logout(self, session: Session, tag: bytes, _command: bytes) -> None:
        session.say(b"* BYE IMAP4rev1 Server logging out", tag + b" OK LOGOUT completed")


def asked_uids(command: bytes) -> list[int]:
    return [int(number) for number in command.split()[2].split(b",")]


def _unknown(session: Session, tag: bytes, _command: bytes) -> None:
    session.say(tag + b" BAD Unknown command")


def _verb(command: bytes) -> str:
    words = command.decode("latin-1").upper().split()
    return " ".join(words[:2] if words[:1] == ["UID"] else words[:1])
