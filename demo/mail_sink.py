"""A mail server that takes everything and passes nothing on: what the demonstration "sends" ends here.

`smtpd` has left the standard library and aiosmtpd has had no release since 2024; the dozen verbs a sender needs are
less than the package would bring along.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self, cast

from demo.loopback import LOOPBACK, LoopbackServer

# What a script answers to end the connection without a word, as a sender sees it when the line breaks.
CUT = ""

Script = Callable[[str, str], str | None]

_IDLE_SECONDS = 60.0

_FIXED_ANSWERS = {
    "EHLO": "250-mail\r\n250-AUTH LOGIN PLAIN\r\n250-SIZE 73400320\r\n250 8BITMIME",
    "HELO": "250 OK",
    "NOOP": "250 OK",
    "QUIT": "221 Bye",
}


@dataclass(frozen=True)
class SunkMail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class MailSink:
    """Keeps the mails in `received`, and as numbered .eml files where a folder is given.

    With accounts it wants AUTH and, as 163.com does, an envelope sender that is the account. `script` sees every verb
    with its argument (and "." when a mail is complete, before it is kept) and may answer in the server's place.
    """

    host = LOOPBACK

    def __init__(
        self,
        *,
        port: int = 0,
        accounts: Mapping[str, str] | None = None,
        folder: Path | None = None,
        on_mail: Callable[[SunkMail], None] | None = None,
        script: Script | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.accounts = {address.lower(): code for address, code in accounts.items()} if accounts else None
        self.script = script
        self.received: list[SunkMail] = []
        self._folder = folder
        self._on_mail = on_mail
        self._lock = threading.Lock()
        self._server = LoopbackServer(
            lambda connection: _SmtpSession(connection, self).run(), port=port, tls=tls
        )
        self.port = self._server.port

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def keep(self, mail: SunkMail) -> None:
        with self._lock:
            self.received.append(mail)
            number = len(self.received)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{number:05d}.eml").write_bytes(mail.raw)
        if self._on_mail is not None:
            self._on_mail(mail)


class _SmtpSession:
    def __init__(self, connection: socket.socket, sink: MailSink) -> None:
        connection.settimeout(_IDLE_SECONDS)
        self._in = cast(BinaryIO, connection.makefile("rb"))
        self._out = cast(BinaryIO, connection.makefile("wb"))
        self._sink = sink
        self._account = ""
        self._sender: str | None = None
        self._recipients: list[str] = []

    def run(self) -> None:
        with self._in, self._out, contextlib.suppress(TimeoutError):
            self._say("220 163.com Anti-spam GT for Coremail System (demonstration)")
            while self._one_command():
                pass

    def _say(self, line: str) -> None:
        self._out.write(line.encode() + b"\r\n")
        self._out.flush()

    def _one_command(self) -> bool:
        line = self._in.readline().decode("utf-8", "replace").rstrip("\r\n")
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        if not line:
            return False
        scripted = self._sink.script(verb, argument) if self._sink.script else None
        if scripted is None:
            scripted = self._answer(verb, argument)
        if scripted == CUT:
            return False
        self._say(scripted)
        return verb != "QUIT"

    def _answer(self, verb: str, argument: str) -> str:
        match verb:
            case "RSET":
                self._forget()
                return "250 OK"
            case "AUTH":
                return self._authenticate(argument)
            case "MAIL":
                return self._mail(_address(argument))
            case "RCPT":
                return self._recipient(_address(argument))
            case "DATA":
                return self._data()
            case _:
                return _FIXED_ANSWERS.get(verb, "502 Error: command not implemented")

    def _authenticate(self, argument: str) -> str:
        mechanism, _, initial = argument.partition(" ")
        try:
            if mechanism.upper() == "PLAIN":
                _, user, code = (_decoded(initial) if initial else self._asked("334 ")).split("\0")
            elif mechanism.upper() == "LOGIN":
                user = _decoded(initial) if initial else self._asked("334 dXNlcm5hbWU6")
                code = self._asked("334 UGFzc3dvcmQ6")
            else:
                return "504 Unrecognized authentication type"
        except (ValueError, binascii.Error):
            return "501 Syntax error"
        if self._sink.accounts is not None and self._sink.accounts.get(user.lower()) != code:
            return "535 Error: authentication failed"
        self._account = user.lower()
        return "235 Authentication successful"

    def _asked(self, question: str) -> str:
        self._say(question)
        return _decoded(self._in.readline().decode("ascii", "replace").strip())

    def _mail(self, sender: str) -> str:
        if self._sink.accounts is not None and sender.lower() != self._account:
            return (
                "553 Mail from must equal authorized user"
                if self._account
                else "553 authentication is required"
            )
        self._forget()
        self._sender = sender
        return "250 Mail OK"

    def _recipient(self, address: str) -> str:
        if self._sender is None:
            return "503 bad sequence of commands"
        self._recipients.append(address)
        return "250 Mail OK"

    def _data(self) -> str:
        if self._sender is None or not self._recipients:
            return "503 bad sequence of commands"
        self._say("354 End data with <CR><LF>.<CR><LF>")
        lines = []
        while (line := self._in.readline()) != b".\r\n":
            if not line:
                return CUT
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = SunkMail(self._sender, tuple(self._recipients), b"".join(lines))
        scripted = self._sink.script(".", ",".join(self._recipients)) if self._sink.script else None
        if scripted is not None:
            return scripted
        self._sink.keep(mail)
        self._forget()
        return "250 Mail OK queued"

    def _forget(self) -> None:
        self._sender, self._recipients = None, []


def _address(argument: str) -> str:
    """The address of `FROM:<a@b> SIZE=1`."""
    return argument.partition("<")[2].partition(">")[0]


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode("utf-8")
