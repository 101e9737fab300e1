"""A small threaded TCP server that can only be reached from this machine, with a clean end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

LOOPBACK = "127.0.0.1"


class LoopbackServer:
    """Gives every connection to `serve` in a thread of its own; port 0 takes a free one.

    `stop` cuts the connections that are still open and returns when their threads have ended, so a test leaves nothing
    behind. An OSError out of `serve` is the other side going away, and ends only that connection.
    """

    def __init__(
        self, serve: Callable[[socket.socket], None], *, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._serve = serve
        self._tls = tls
        self._listener = socket.create_server((LOOPBACK, port))
        self.port: int = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._acceptor = threading.Thread(target=self._accept, name=f"loopback-{self.port}", daemon=True)

    def start(self) -> Self:
        self._acceptor.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._acceptor.ident is not None:
            # A closed listener does not wake accept() on every system; a visitor does.
            with contextlib.suppress(OSError):
                socket.create_connection((LOOPBACK, self.port), timeout=1).close()
            self._acceptor.join()
        self._listener.close()
        with self._lock:
            still_open = dict(self._open)
        for connection in still_open.values():
            _cut(connection)
        for thread in still_open:
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def stopping(self) -> threading.Event:
        """Set when the server is told to end; what serves slowly waits on it instead of sleeping."""
        return self._stopping

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            # An answer is written in several lines; without this each would wait 40 ms for the one before to be confirmed.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
            with self._lock:
                self._open[thread] = connection
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        wrapped: socket.socket | ssl.SSLSocket = connection
        try:
            with contextlib.suppress(OSError):  # ssl.SSLError is one: a client that distrusts the certificate
                if self._tls is not None:
                    # Known to `stop` before the handshake, which a silent client never ends.
                    wrapped = self._tls.wrap_socket(
                        connection, server_side=True, do_handshake_on_connect=False
                    )
                    with self._lock:
                        self._open[threading.current_thread()] = wrapped
                    if self._stopping.is_set():
                        return
                    wrapped.do_handshake()
                self._serve(wrapped)
        finally:
            _cut(wrapped)
            wrapped.close()
            with self._lock:
                del self._open[threading.current_thread()]


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
