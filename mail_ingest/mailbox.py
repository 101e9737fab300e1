"""The port to a mailbox: what the poller needs, and nothing more.

Nothing behind this port writes: colleagues read the same mailbox in the browser, so no flag is set, nothing is moved and
nothing deleted. There is no cursor either: the caller compares all numbers with its ledger, because a cursor would skip,
for ever, the one mail whose fetch failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from mail_ingest.folders import Folder

TroubleCode: TypeAlias = Literal[
    "unreachable", "tls", "login_refused", "unsafe_login", "timeout", "other", "not_set_up"
]
FaultReason: TypeAlias = Literal["missing", "vanished", "empty", "short", "no_date", "garbled", "too_large"]

BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
MAX_MAIL_BYTES = 100 * 1024 * 1024  # 163.com takes 68.4 MiB; a server that announces more is not believed


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """How to reach one mailbox. Without TLS only this very machine is spoken to."""

    address: str
    username: str
    password: str = field(repr=False)
    host: str
    port: int
    tls: bool = True
    ca_file: str | None = None
    timeout_seconds: float = 60.0  # the longest silence
    deadline_seconds: float = 600.0  # the whole connection, however busily the server drips


class MailboxUnavailable(Exception):
    """The mailbox could not be read, or not to its end; the text is a sentence for the person in charge of it.

    `detail` is what the server said, for the log (its secrets removed). `uids` are the mails that were being fetched
    when it broke: a caller that fetches them last keeps one bad mail from holding up all the others.
    """

    def __init__(
        self, code: TroubleCode, message: str, *, detail: str = "", uids: Sequence[int] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.uids = tuple(uids)


@dataclass(frozen=True)
class OpenFolder:
    """What the server said when the folder was opened."""

    uidvalidity: int  # 0: the server names none
    exists: int
    uidnext: int | None  # 163.com never says


@dataclass(frozen=True)
class FetchedMail:
    uid: int
    raw: bytes = field(repr=False)
    internaldate: datetime  # aware, UTC: when it arrived, which no sender can choose
    size: int  # as the server announced it; may be a little off


@dataclass(frozen=True)
class FetchedHeaders:
    uid: int
    raw: bytes = field(repr=False)
    internaldate: datetime | None
    size: int


@dataclass(frozen=True)
class FetchFault:
    """One mail did not come whole: it is to be fetched again and must never be taken for done.

    `vanished` means that the server no longer lists it. `raw` is what came nevertheless: a mail that stays faulty after
    several tries (a server that always announces a wrong size) can be kept from it, with a note, instead of being lost.
    A mail that is `too_large` was not asked for; its headers can be.
    """

    uid: int
    reason: FaultReason
    announced: int | None = None
    raw: bytes | None = field(default=None, repr=False)
    internaldate: datetime | None = None


class Mailbox(Protocol):
    """An open connection; every method may raise MailboxUnavailable, after which the connection is of no more use."""

    def folders(self) -> list[Folder]:
        """All folders that can be opened."""

    def open_folder(self, name: str) -> OpenFolder:
        """Opens a folder for reading only; the other methods speak of this folder."""

    def uids(self) -> list[int]:
        """The numbers of all mails in the folder, ascending, however many there are."""

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """The announced sizes; a mail the server is silent about is absent."""

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail | FetchFault]:
        """Exactly one answer for each number, fetched while it is iterated, in batches of 50 mails and 8 MB at most.

        A fault concerns its own mail only. When the connection breaks, MailboxUnavailable is raised after the mails of
        all earlier batches have been handed over.
        """

    def fetch_headers(self, uids: Sequence[int]) -> Iterator[FetchedHeaders | FetchFault]:
        """The header blocks only (cut at 256 kB), for the virus folder and for mail too large to fetch."""

    def close(self) -> None:
        """Says goodbye if the connection still works; never raises."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


OpenMailbox: TypeAlias = Callable[[ConnectionSettings], Mailbox]


@dataclass(frozen=True)
class CheckResult:
    """What `mail check` and the mailbox page say about one mailbox."""

    ok: bool
    code: TroubleCode | Literal["ok"]
    message: str
    folders: tuple[Folder, ...] = ()
    inbox_mails: int | None = None
