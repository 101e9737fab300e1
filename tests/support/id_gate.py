"""Stands between a reader and a real IMAP server, refuses folders before ID as 163.com does, and notes every command."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Self, cast

from demo.imap_session import UNSAFE_LOGIN
from demo.loopback import LOOPBACK, LoopbackServer

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")

# UID is a prefix, not a verb of its own: `UID STORE` is a STORE.
_CHANGING = frozenset(
    [
        "SELECT",
        "STORE",
        "COPY",
        "MOVE",
        "EXPUNGE",
        "APPEND",
        "CREATE",
        "DELETE",
        "RENAME",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "SETACL",
    ]
)
_READS_AND_MARKS = re.compile(r"(?<!\.PEEK)\[|RFC822(?:\.TEXT)?(?=[\s)]|\Z)")


@dataclass(frozen=True)
class Seen:
    """One command of one connection; of LOGIN the words are left out."""

    connection: int
    verb: str
    words: str


class IdGate:
    """Listens on `port`, plain or with TLS, and passes everything on to a plain server, except folders before ID."""

    host = LOOPBACK

    def __init__(
        self, upstream_port: int, *, tls: ssl.SSLContext | None = None, closed: bool = False
    ) -> None:
        """`closed`: refuse folders even after ID, as when 163.com distrusts the program that says it is."""
        self.seen: list[Seen] = []
        self.closed = closed
        self._upstream_port = upstream_port
        self._lock = threading.Lock()
        self._connections = 0
        self._server = LoopbackServer(self._serve, tls=tls)
        self.port = self._server.port

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def verbs(self, connection: int) -> list[str]:
        return [command.verb for command in self.seen if command.connection == connection]

    @property
    def connections(self) -> int:
        return self._connections

    def check_order(self) -> None:
        """On every connection: LOGIN, then ID, then the first folder."""
        for connection in range(1, self._connections + 1):
            verbs = [verb for verb in self.verbs(connection) if verb in {"LOGIN", "ID", "EXAMINE", "SELECT"}]
            assert verbs[:2] == ["LOGIN", "ID"][: len(verbs)], f"connection {connection}: {verbs}"

    def check_nothing_changed(self) -> None:
        """Nothing that moves, marks, writes or opens a folder for writing was ever sent."""
        changes = changing(self.seen)
        assert not changes, changes

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._connections += 1
            connection = self._connections
        with socket.create_connection((LOOPBACK, self._upstream_port), timeout=60) as upstream:
            back = threading.Thread(target=_pass_on, args=(upstream, client), daemon=True)
            back.start()
            with cast(BinaryIO, client.makefile("rb")) as commands:
                self._forward(connection, commands, client, upstream)
            _shut(upstream)
            back.join()

    def _forward(
        self, connection: int, commands: BinaryIO, client: socket.socket, upstream: socket.socket
    ) -> None:
        logged_in = identified = False
        while line := commands.readline():
            tag, verb, words = _parts(line)
            with self._lock:
                self.seen.append(Seen(connection, verb, "" if verb == "LOGIN" else words))
            if verb in {"SELECT", "EXAMINE"} and (self.closed or not identified):
                # The client waits for this answer, so the server behind has nothing to say meanwhile.
                client.sendall(f"{tag} NO {UNSAFE_LOGIN}\r\n".encode())
                continue
            logged_in = logged_in or verb in {"LOGIN", "AUTHENTICATE"}
            identified = identified or (logged_in and verb == "ID" and words.startswith("("))
            upstream.sendall(line)
            while literal := _LITERAL.search(line):
                upstream.sendall(commands.read(int(literal[1])))
                line = commands.readline()  # the rest of the same command
                upstream.sendall(line)


def changing(seen: Sequence[Seen]) -> list[Seen]:
    """The commands a reader must not send: those that change something, and a FETCH that sets \\Seen."""
    return [
        command
        for command in seen
        if command.verb in _CHANGING
        or (command.verb == "FETCH" and _READS_AND_MARKS.search(command.words.upper()))
    ]


def _parts(line: bytes) -> tuple[str, str, str]:
    tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
    verb, _, words = rest.partition(" ")
    if verb.upper() == "UID":
        verb, _, words = words.partition(" ")
    return tag, verb.upper(), words


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass  # one side has gone; the other is told below
    _shut(target)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
