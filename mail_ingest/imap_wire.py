"""The socket under an IMAP connection: verified TLS, and a watchdog that ends it when its time is up."""

from __future__ import annotations

import imaplib
import socket
import ssl
import threading
from contextlib import suppress

from mail_ingest.mailbox import BATCH_BYTES, ConnectionSettings

CONNECT_SECONDS = 15.0
# A literal is held in memory as a whole; nothing we ask for comes near this, so a server that sends more is out of order.
LARGEST_LITERAL = 2 * BATCH_BYTES


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
        timeout = min(CONNECT_SECONDS, settings.timeout_seconds, settings.deadline_seconds)
        super().__init__(settings.host, settings.port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout)
        try:
            self._watchdog.guard(connection)
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


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Checks the certificate and the host name; there is no way to turn that off. OSError if the file is unfit."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
