"""A real mail server on loopback, with TLS and accounts, that refuses what a test tells it to refuse."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.certificates import Certificate

CODE = "ABCDEFGHIJKLMNOP"
CUT = "cut"
OK = "250 Mail OK"
FREE_PORT = 0


@dataclass
class Script:
    """What the server answers at each step; "cut" ends the connection without a word."""

    greeting: str = ""
    login: str = ""
    sender: str = OK
    recipient: str = OK
    data: str = OK
    keep_what_is_cut: bool = True
    before_data: Callable[[], None] | None = None


@dataclass
class _Handler:
    script: Script
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "553 authentication is required"
        if self.script.sender == OK:
            envelope.mail_from = address
        return self.script.sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.script.recipient == OK:
            envelope.rcpt_tos.append(address)
        return self.script.recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.script.before_data is not None:
            await asyncio.to_thread(self.script.before_data)
        cut = self.script.data == CUT
        if self.script.data.startswith("250") or (cut and self.script.keep_what_is_cut):
            content = cast(bytes, envelope.original_content)
            self.mails.append((envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if cut:
            cast(asyncio.Transport, server.transport).abort()
        return OK if cut else self.script.data


class _AtTheDoor(SMTP):
    """Turns away at the door what the script turns away."""

    script: Script

    async def _handle_client(self) -> None:
        if self.script.greeting:
            await self.push(self.script.greeting)
            cast(asyncio.Transport, self.transport).close()
            return
        await super()._handle_client()


class _OnAnyPort(Controller):
    """aiosmtpd greets itself when it starts, at the port it was asked for: 0 has to become the real one first."""

    def factory(self) -> SMTP:
        door = _AtTheDoor(self.handler, **self.SMTP_kwargs)
        door.script = cast(_Handler, self.handler).script
        return door

    def _trigger_server(self) -> None:
        server = cast(asyncio.Server, self.server)
        self.port = int(server.sockets[0].getsockname()[1])
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd left it untyped


class MailServer:
    """The server; what it took is in `mails`."""

    def __init__(self, certificate: Certificate) -> None:
        self.script = Script()
        self.certificate = certificate
        self._handler = _Handler(self.script)
        self._controller = _OnAnyPort(
            self._handler,
            hostname="127.0.0.1",
            port=FREE_PORT,
            server_hostname="mail.test",
            ssl_context=certificate.server_context(),
            auth_require_tls=False,  # the whole connection is TLS; aiosmtpd only knows STARTTLS
            authenticator=self._authenticate,
            ready_timeout=20,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        login = cast(LoginPassword, data)
        self._handler.logins.append(login.login.decode())
        if self.script.login:
            return AuthResult(success=False, handled=False, message=self.script.login)
        if login.password.decode() != CODE:
            return AuthResult(success=False, handled=False, message="535 Error: authentication failed")
        return AuthResult(success=True)

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def raw(self) -> list[bytes]:
        return [content for _, _, content in self._handler.mails]

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(content, policy=default) for content in self.raw]

    @property
    def recipients(self) -> list[str]:
        return [recipient for _, recipients, _ in self._handler.mails for recipient in recipients]

    @property
    def envelope_senders(self) -> list[str]:
        return [sender for sender, _, _ in self._handler.mails]

    @property
    def logins(self) -> list[str]:
        return self._handler.logins

    def forget(self) -> None:
        """As if it had just been started."""
        self._handler.mails.clear()
        self._handler.logins.clear()
        self.answer()

    def answer(self, **steps: Any) -> None:
        """Sets what the server answers from now on; nothing given: all well again."""
        fresh = Script(**steps)
        self.script.__dict__.update(fresh.__dict__)

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
