"""How a mail leaves: what the sender needs of a mail server, and the three ways in which it can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from outbox.replies import Stage


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach a sender's server. Without a password nobody logs in."""

    address: str
    name: str
    host: str
    port: int
    tls: bool
    ca_file: str | None
    username: str
    password: str | None = field(repr=False)


class Refused(Exception):
    """The server said no, in so many words; nothing was taken."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        super().__init__(f"{stage}: {code} {text}")
        self.stage, self.code, self.text = stage, code, text


class Unreachable(Exception):
    """No server, no TLS, or the line broke before the mail was handed over; nothing was taken. The text is for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Unconfirmed(Exception):
    """The line broke after the mail was handed over and before the server's answer: it may have arrived."""


class Transport(Protocol):
    """One connection to a server. Every method may raise Refused or Unreachable."""

    def begin(self, sender: str, recipient: str) -> None:
        """Announces a mail; nothing has left yet."""

    def deliver(self, mail: bytes) -> None:
        """Hands the announced mail over; returns when the server has taken it. May raise Unconfirmed."""

    def abandon(self) -> None:
        """Takes an announced mail back."""

    def close(self) -> None:
        """Says goodbye; never raises."""


OpenTransport = Callable[[Connection], Transport]
