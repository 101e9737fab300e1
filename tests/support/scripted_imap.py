"""An IMAP server that misbehaves on demand: one fault at a time, until it is healed."""

from __future__ import annotations

import enum
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

from demo import imap_wire as wire
from demo.imap_session import UNSAFE_LOGIN, WRONG_CODE, ImapSession
from demo.loopback import LOOPBACK, LoopbackServer
from demo.post_office import FolderName, PostOffice, StoredMail

ADDRESS = "scripted@163.example"
CODE = "SCRIPTEDCODE"


class Fault(enum.Enum):
    """What goes wrong, and where."""

    SILENT = "never greets"
    BUSY = "greets with BYE"
    WRONG_CODE = "refuses the login"
    CHINESE_REFUSAL = "refuses the login in GBK"
    UNSAFE_LOGIN = "refuses folders even after ID"
    UNSAFE_BYE = "ends the connection with Unsafe Login when a folder is opened"
    NO_UIDVALIDITY = "opens folders without telling UIDVALIDITY"
    SEARCH_STALLS = "never answers a search"
    FETCH_STALLS = "sends a part of the mail, then nothing"
    DRIPS = "sends the mail one byte a second (drip_seconds)"
    DROPS = "closes the connection inside the mail"
    BYE = "says BYE instead of the mail"
    NOTHING = "answers OK without the mail"
    OTHER_UID = "sends the mail under another UID"
    NIL_BODY = "sends NIL for the mail"
    EMPTY_BODY = "sends an empty literal for the mail"
    SHORT_LITERAL = "announces more bytes than it sends"
    LONG_LITERAL = "announces fewer bytes than it sends"
    CUT_MAIL = "sends only the first half, correctly announced"
    HUGE_LITERAL = "announces four gigabytes"
    HUGE_SIZE = "says the mail has four gigabytes"
    GARBAGE = "sends a line that is no IMAP"
    REFUSES_FETCH = "answers the fetch with NO"


_FOUR_GIGABYTES = 4 * 1024**3
_LOGIN_REFUSALS = {Fault.WRONG_CODE: WRONG_CODE, Fault.CHINESE_REFUSAL: "LOGIN 登录太频繁，请稍后再试"}


class ScriptedImap:
    """Serves `mails` {uid: raw} in the INBOX of ADDRESS with CODE; `fault` hits every mail, or those in `only`.

    `fault = None` heals it. `logins` counts what was tried, `fetched` the UIDs whose body was asked for.
    """

    host = LOOPBACK
    address = ADDRESS
    code = CODE

    def __init__(
        self,
        mails: Mapping[int, bytes],
        fault: Fault | None = None,
        *,
        only: frozenset[int] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.fault = fault
        self.only = only
        self.uidvalidity = 1
        self.drip_seconds = 1.0
        self.logins = 0
        self.fetched: list[int] = []
        self._mails = dict(mails)
        self._office = PostOffice({ADDRESS: CODE})
        self._server = LoopbackServer(self._serve, tls=tls)
        self.port = self._server.port

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def stopping(self) -> threading.Event:
        return self._server.stopping

    def mails(self) -> list[StoredMail]:
        arrived = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        return [StoredMail(uid, raw, arrived) for uid, raw in sorted(self._mails.items())]

    def deliver(self, uid: int, raw: bytes) -> None:
        self._mails[uid] = raw

    def expunge(self, uid: int) -> None:
        del self._mails[uid]

    def _serve(self, connection: socket.socket) -> None:
        _Session(connection, self, self._office).run()


class _Cut(OSError):
    """Ends the connection; the server beneath takes an OSError for a client that has gone."""


class _Session(ImapSession):
    def __init__(self, connection: socket.socket, script: ScriptedImap, office: PostOffice) -> None:
        super().__init__(connection, office)
        self._script = script
        self.uidvalidity = None if script.fault is Fault.NO_UIDVALIDITY else script.uidvalidity
        self.encoding = "gbk" if script.fault is Fault.CHINESE_REFUSAL else "utf-8"

    def converse(self) -> None:
        if self._script.fault is Fault.SILENT:
            self._stall()
        elif self._script.fault is Fault.BUSY:
            self.say("* BYE Too many connections")
        else:
            super().converse()

    def mails(self, folder: FolderName) -> list[StoredMail]:
        return self._script.mails() if folder.name == "INBOX" else []

    def login(self, command: wire.Command) -> str:
        self._script.logins += 1
        if self._script.fault in _LOGIN_REFUSALS:
            return f"NO {_LOGIN_REFUSALS[self._script.fault]}"
        return super().login(command)

    def select(self, command: wire.Command) -> str:
        if self._script.fault is Fault.UNSAFE_LOGIN:
            return f"NO {UNSAFE_LOGIN}"
        if self._script.fault is Fault.UNSAFE_BYE:
            self.say("* BYE Unsafe Login. Please contact kefu@188.com for help")
            raise _Cut
        return super().select(command)

    def search(self, command: wire.Command, *, by_uid: bool) -> str:
        if self._script.fault is Fault.SEARCH_STALLS:
            self._stall()
        return super().search(command, by_uid=by_uid)

    def fetch(self, command: wire.Command, *, by_uid: bool) -> str:
        if self._script.fault is Fault.REFUSES_FETCH and "BODY" in " ".join(command.words).upper():
            return "NO FETCH System busy"
        return super().fetch(command, by_uid=by_uid)

    def send_mail(self, position: int, mail: StoredMail, items: list[str]) -> None:
        fault = self._script.fault if self._script.only is None or mail.uid in self._script.only else None
        if fault is Fault.HUGE_SIZE and "RFC822.SIZE" in items:
            told = wire.fetch_data(mail, [item for item in items if item != "RFC822.SIZE"])
            self.say(b"* %d FETCH (RFC822.SIZE %d %s)" % (position, _FOUR_GIGABYTES, told))
            return
        body = next((item for item in items if item.startswith("BODY.PEEK[")), None)
        if body is not None:
            self._script.fetched.append(mail.uid)
        if fault is None or body is None or not self._misbehave(fault, position, mail):
            super().send_mail(position, mail, items)

    def _misbehave(self, fault: Fault, position: int, mail: StoredMail) -> bool:
        """Do the fault instead of sending the mail; False if it is none that a FETCH shows."""
        raw, size = mail.raw, len(mail.raw)
        start = b"* %d FETCH (UID %d BODY[] " % (position, mail.uid)
        whole_answers = {
            Fault.OTHER_UID: b"* %d FETCH (UID %d BODY[] %s)" % (position, mail.uid + 1, wire.literal(raw)),
            Fault.NIL_BODY: start + b"NIL)",
            Fault.EMPTY_BODY: start + wire.literal(b"") + b")",
            Fault.SHORT_LITERAL: start + b"{%d}\r\n%s)" % (size + 40, raw),
            Fault.LONG_LITERAL: start + b"{%d}\r\n%s)" % (size // 2, raw),
            Fault.CUT_MAIL: start + wire.literal(raw[: size // 2]) + b")",
            Fault.GARBAGE: b"\x00\xff) ( {{ no imap",
        }
        if fault is Fault.NOTHING:
            return True
        if fault in whole_answers:
            self.say(whole_answers[fault])
            return True
        if fault is Fault.BYE:
            self.say("* BYE System busy")
            raise _Cut
        if fault is Fault.DRIPS:
            self._drip(start + wire.literal(raw))
        if fault in {Fault.FETCH_STALLS, Fault.DROPS, Fault.HUGE_LITERAL}:
            announced = _FOUR_GIGABYTES if fault is Fault.HUGE_LITERAL else size
            self._send(start + b"{%d}\r\n%s" % (announced, raw[: size // 2]))
            if fault is not Fault.DROPS:
                self._stall()
            raise _Cut
        return False

    def _drip(self, data: bytes) -> None:
        for byte in data:
            self._send(bytes((byte,)))
            if self._script.stopping.wait(self._script.drip_seconds):
                break
        raise _Cut

    def _send(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

    def _stall(self) -> None:
        self._script.stopping.wait()
        raise _Cut
