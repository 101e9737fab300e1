"""Stands between a reader and a real IMAP server, refuses folders before ID as 163.com does, and notes every command."""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

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
            commands = _Commands()
            # One thread for both ways: OpenSSL forbids reading and writing one connection from two threads at a time.
            while True:
                for source in _readable(client, upstream):
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is upstream:
                        client.sendall(data)
                        continue
                    for line, is_command in commands.feed(data):
                        if is_command and (refusal := self._refusal(connection, commands, line)):
                            client.sendall(refusal)
                        else:
                            upstream.sendall(line)

    def _refusal(self, connection: int, commands: _Commands, line: bytes) -> bytes:
        """What the gate itself answers to a command, or nothing when the server behind is to answer."""
        tag, verb, words = _parts(line)
        with self._lock:
            self.seen.append(Seen(connection, verb, "" if verb == "LOGIN" else words))
        if verb in {"SELECT", "EXAMINE"} and (self.closed or not commands.identified):
            # The client waits for this answer, so the server behind has nothing to say meanwhile.
            return f"{tag} NO {UNSAFE_LOGIN}\r\n".encode()
        commands.logged_in = commands.logged_in or verb in {"LOGIN", "AUTHENTICATE"}
        commands.identified = commands.identified or (
            commands.logged_in and verb == "ID" and words.startswith("(")
        )
        return b""


class _Commands:
    """Cuts what one client sends into lines, and knows which of them begin a command and which belong to a literal."""

    def __init__(self) -> None:
        self.logged_in = False
        self.identified = False
        self._waiting = b""
        self._literal = 0
        self._continues = False

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Each whole line with whether a command begins there; the bytes of a literal as they come."""
        self._waiting += data
        while self._waiting:
            if self._literal:
                part, self._waiting = self._waiting[: self._literal], self._waiting[self._literal :]
                self._literal -= len(part)
                yield part, False
                continue
            line, end, rest = self._waiting.partition(b"\n")
            if not end:
                return
            self._waiting = rest
            begins = not self._continues
            literal = _LITERAL.search(line + end)
            self._literal = int(literal[1]) if literal else 0
            self._continues = literal is not None
            yield line + end, begins


def _readable(client: socket.socket, upstream: socket.socket) -> list[socket.socket]:
    """Waits until one of both has something to say; what TLS has already decrypted no select() would tell of."""
    if isinstance(client, ssl.SSLSocket) and client.pending():
        return [client]
    ready, _, _ = select.select([client, upstream], [], [])
    return list(ready)


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
