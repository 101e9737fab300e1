"""The socket under an IMAP connection: verified TLS, and a watchdog that ends it when its time is up."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import socket
import ssl
import threading
from contextlib import suppress

from mail_ingest import mailbox_trouble
from mail_ingest.mailbox import BATCH_BYTES, ConnectionSettings, MailboxUnavailable

CONNECT_SECONDS = 15.0
# A literal is held in memory as a whole; nothing we ask for comes near this, so a server that sends more is out of order.
LARGEST_LITERAL = 2 * BATCH_BYTES
_SECRET = re.compile(r"[\x20-\x7e]+")
_USER = re.compile(r"[^\x00-\x20\x7f-\U0010ffff(){%*\"\\]+")  # goes out without quotes


class Watchdog:
    """Shuts the socket when the connection's time is up.

    A socket's own timeout starts again with every byte, so a server that drips one byte a second would hold it for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._expired = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    @property
    def expired(self) -> bool:
        return self._expired.is_set()

    def guard(self, connection: socket.socket) -> None:
        with self._lock:
            self._socket = connection
            if self.expired:
                _shut(connection)

    def cancel(self) -> None:
        self._timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            self._expired.set()
            if self._socket is not None:
                _shut(self._socket)


def _shut(connection: socket.socket) -> None:
    # Past the TLS layer: its own shutdown would take the session away under the thread that reads from it.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Wire(imaplib.IMAP4):
    """The connection, watched from its first byte: a greeting or a TLS handshake can drip as well."""

    def __init__(
        self, settings: ConnectionSettings, context: ssl.SSLContext | None, watchdog: Watchdog
    ) -> None:
        self._watchdog = watchdog
        self._context = context
        self._patience = min(CONNECT_SECONDS, settings.timeout_seconds)
        super().__init__(settings.host, settings.port, min(self._patience, settings.deadline_seconds))

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout)
        try:
            self._watchdog.guard(connection)
            connection.settimeout(
                self._patience
            )  # from here on the deadline is the watchdog's, and told as such
            if self._context is None:
                return connection
            secured = self._context.wrap_socket(
                connection, server_hostname=self.host, do_handshake_on_connect=False
            )
        except BaseException:
            connection.close()
            raise
        try:
            self._watchdog.guard(secured)
            secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured

    def read(self, size: int) -> bytes:
        if size > LARGEST_LITERAL:
            raise self.abort(f"announces a literal of {size} bytes")
        return super().read(size)


def refuse_unusable(settings: ConnectionSettings) -> None:
    """Raises what can be said without connecting: no code yet, a code that cannot be one, no encryption."""
    if not settings.password:
        raise MailboxUnavailable("not_set_up", mailbox_trouble.NOT_SET_UP)
    # A line break in either would smuggle a command of its own into the connection.
    if not _SECRET.fullmatch(settings.password) or not _USER.fullmatch(settings.username):
        raise MailboxUnavailable("login_refused", mailbox_trouble.CODE_UNUSABLE)
    if not settings.tls and not _is_this_machine(settings.host):
        raise MailboxUnavailable("tls", mailbox_trouble.PLAIN_TEXT_REFUSED)


def tls_context(settings: ConnectionSettings) -> ssl.SSLContext | None:
    """Checks the certificate and the host name, which no setting turns off; None where no TLS is spoken."""
    if not settings.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise mailbox_trouble.ca_file_trouble(settings, error) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
