"""The mailbox port over IMAP; the only file that knows IMAPClient.

163.com wants LOGIN, then ID, then EXAMINE on every connection and refuses to open a folder otherwise. It lists
SASL-IR but refuses it, so LOGIN it is; it has no IDLE, so nothing waits.
"""

from __future__ import annotations

import imaplib
import inspect
import io
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout, imap_utf7
from imapclient.response_parser import parse_response

from mail_ingest import mailbox_trouble
from mail_ingest.fetch_answers import Announced, Reply, batches, flaw, moment, slices, whole_number
from mail_ingest.folders import Folder, FolderRole, role_of
from mail_ingest.imap_wire import CONNECT_SECONDS, Watchdog, Wire, refuse_unusable, tls_context
from mail_ingest.mailbox import (
    BATCH_BYTES,
    BATCH_MAILS,
    MAX_MAIL_BYTES,
    PIECE_BYTES,
    CheckResult,
    ConnectionSettings,
    FaultReason,
    FetchedHeaders,
    FetchedMail,
    FetchFault,
    MailboxUnavailable,
    OpenFolder,
)
from mail_ingest.mailbox_trouble import Stage

_WHO_WE_ARE = {"name": "complaint-intake", "version": "1.0", "vendor": "education-bureau"}
_GOODBYE_SECONDS = 5.0
_CHECK_DEADLINE_SECONDS = 60.0
_HEADER_BYTES = 256 * 1024
_NUMBERS_IN_A_COMMAND = 100  # about 1,000 octets of command line, as RFC 2683 3.2.1.5 asks of a client
# The library refuses a line of 1,000,000 bytes: 90,908 numbers of ten digits in one SEARCH answer.
_NUMBERS_IN_AN_ANSWER = 80_000
_LISTED_AT_ONCE = 20_000

# What the library was seen to throw at a server's nonsense; brackets without end are a RecursionError.
_MISHAPS = (imaplib.IMAP4.error, OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError)


class _Client(IMAPClient):  # type: ignore[misc]  # the library ships no types
    def __init__(
        self, settings: ConnectionSettings, context: ssl.SSLContext | None, watchdog: Watchdog
    ) -> None:
        self._wire_of = (settings, context, watchdog)
        timeout = SocketTimeout(connect=CONNECT_SECONDS, read=settings.timeout_seconds)
        super().__init__(settings.host, settings.port, ssl=context is not None, timeout=timeout)
        self.wire: imaplib.IMAP4 = self._imap
        self.wire.debug = 0  # the library would hand every line, mail included, to the log
        self.folder_encode = False  # names are kept as they came: some do not survive decoding and encoding

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  # the library's name
        return Wire(*self._wire_of)


class ImapMailbox:
    """An IMAP connection, logged in and introduced; the port says what a caller may rely on."""

    def __init__(self, settings: ConnectionSettings) -> None:
        refuse_unusable(settings)
        self._settings = settings
        self._wire_names: dict[str, bytes | str] = {}
        self._exists = 0
        self._listed: frozenset[int] | None = None
        self._broken = False
        self._client: _Client | None = None
        context = tls_context(settings)
        self._watchdog = Watchdog(settings.deadline_seconds)
        try:
            with self._spoken("connect"):
                self._client = _Client(settings, context, self._watchdog)
            with self._spoken("login"):
                # Not the library's login: it would turn the server's GBK words into escapes.
                self._wire.login(settings.username, settings.password)
            self._introduce_ourselves()
        except BaseException:
            self._broken = True
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_MISHAPS):
                if not self._broken:
                    client.socket().settimeout(_GOODBYE_SECONDS)
                    client.wire.logout()
            with suppress(*_MISHAPS):
                client.wire.shutdown()
        self._watchdog.cancel()  # last: a goodbye can drip too

    def folders(self) -> list[Folder]:
        with self._spoken():
            listed = self._open_client.list_folders()
        folders = []
        for flags, delimiter, wire_name in listed:
            marks = [_text(flag) for flag in flags]
            if not {"\\noselect", "\\nonexistent"}.isdisjoint(mark.casefold() for mark in marks):
                continue
            name = _folder_name(wire_name)
            self._wire_names[name] = wire_name
            folders.append(Folder(name, role_of(marks, name, _text(delimiter or b""))))
        if not any(folder.role is FolderRole.INBOX for folder in folders):
            folders.insert(0, Folder("INBOX", FolderRole.INBOX))  # every server has one, listed or not
        return folders

    def open_folder(self, name: str) -> OpenFolder:
        try:
            said = self._examine(name)
        except MailboxUnavailable as refusal:
            if refusal.code != "unsafe_login" or self._watchdog.expired:
                raise
            # It has forgotten who is asking; told once more, it may open. If not, the refusal stands.
            self._introduce_ourselves()
            said = self._examine(name)
            self._broken = False
        self._exists = whole_number(said.get(b"EXISTS")) or 0
        return OpenFolder(
            uidvalidity=whole_number(said.get(b"UIDVALIDITY")) or 0,
            exists=self._exists,
            uidnext=whole_number(said.get(b"UIDNEXT")),
        )

    def uids(self) -> list[int]:
        found: set[int] = set()
        if self._exists <= _NUMBERS_IN_AN_ANSWER:
            with self._spoken():
                lines = _said_ok(self._wire.uid("SEARCH", "ALL"))
                found = {int(number) for line in lines if line for number in line.split()}
        if len(found) < self._exists:
            # Too many for one line, or a SEARCH that keeps silent: that must not be mistaken for an empty mailbox.
            found |= self._listed_one_by_one()
        return sorted(found)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: mail.size for uid, mail in self._announced(uids).items() if mail.size is not None}

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail | FetchFault]:
        for some in slices(uids, _NUMBERS_IN_A_COMMAND):
            announced = self._announced(some)
            for batch in batches(some, announced):
                yield from self._fetched(batch, announced)

    def fetch_headers(self, uids: Sequence[int]) -> Iterator[FetchedHeaders | FetchFault]:
        for some in slices(uids, BATCH_MAILS):
            announced = self._announced(some)
            reply = self._ask(some, f"UID BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>")
            bodies = reply.bodies()
            for uid in some:
                mail = announced.get(uid, Announced())
                if raw := bodies.get(uid):
                    yield FetchedHeaders(uid, raw, mail.arrived, mail.size or 0)
                else:
                    yield FetchFault(uid, self._why_absent(uid, reply), mail.size, None, mail.arrived)

    @property
    def _open_client(self) -> _Client:
        if self._client is None:
            raise MailboxUnavailable(
                "unreachable", mailbox_trouble.CUT_OFF, detail="used after it was closed"
            )
        return self._client

    @property
    def _wire(self) -> imaplib.IMAP4:
        return self._open_client.wire

    @contextmanager
    def _spoken(self, stage: Stage = "talk", uids: Sequence[int] = ()) -> Iterator[None]:
        """Wraps calls of the library, nothing else: its exceptions become the port's."""
        try:
            yield
        except _MISHAPS as error:
            self._broken = True
            # Not chained: the server's words may repeat the command that it refuses, and tracebacks are printed.
            raise mailbox_trouble.trouble(
                error,
                settings=self._settings,
                stage=stage,
                deadline_passed=self._watchdog.expired,
                uids=uids,
            ) from None

    def _introduce_ourselves(self) -> None:
        """Sends ID whatever the server lists: 163.com insists on it, others refuse it and serve us all the same."""
        introduction = {**_WHO_WE_ARE, "support-email": self._settings.address}
        with self._spoken():
            try:
                inspect.unwrap(IMAPClient.id_)(self._open_client, introduction)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                return

    def _examine(self, name: str) -> dict[bytes, Any]:
        with self._spoken():
            said: dict[bytes, Any] = self._open_client.select_folder(
                self._wire_names.get(name) or imap_utf7.encode(name), readonly=True
            )
        return said

    def _listed_one_by_one(self) -> set[int]:
        """Numbers by position, each on a line of its own, so that no answer can be too long."""
        found: set[int] = set()
        for first in range(1, self._exists + 1, _LISTED_AT_ONCE):
            last = first + _LISTED_AT_ONCE - 1
            with self._spoken():
                through = str(last) if last < self._exists else "*"
                answers = _parsed(_said_ok(self._wire.fetch(f"{first}:{through}", "(UID)")))
            found |= {uid for answer in answers if (uid := whole_number(answer.get(b"UID"))) is not None}
        return found

    def _ask(self, uids: Sequence[int], items: str) -> Reply:
        """One FETCH; if its answer cannot be read, one for each mail, so that one mail does not hide the others."""
        self._listed = None
        with self._spoken(uids=uids):
            kind, lines = self._wire.uid("FETCH", ",".join(map(str, uids)), f"({items})")
        if kind == "OK":
            with suppress(*_MISHAPS):
                return Reply(_parsed(lines))
        if len(uids) == 1:
            return Reply([], frozenset(uids))
        replies = [self._ask([uid], items) for uid in uids]
        unreadable = frozenset().union(*(reply.unreadable for reply in replies))
        if len(unreadable) == len(uids):
            # The server is unwell, not fifty mails at once: nothing may count against them.
            self._broken = True
            raise MailboxUnavailable("other", mailbox_trouble.NONSENSE, detail=f"FETCH {kind}", uids=uids)
        return Reply([answer for reply in replies for answer in reply.answers], unreadable)

    def _announced(self, uids: Sequence[int]) -> dict[int, Announced]:
        announced: dict[int, Announced] = {}
        for some in slices(uids, _NUMBERS_IN_A_COMMAND):
            for answer in self._ask(some, "UID RFC822.SIZE INTERNALDATE").answers:
                uid = whole_number(answer.get(b"UID"))
                if uid is not None and b"RFC822.SIZE" in answer:
                    announced[uid] = Announced(
                        whole_number(answer[b"RFC822.SIZE"]), moment(answer.get(b"INTERNALDATE"))
                    )
        return announced

    def _fetched(
        self, batch: Sequence[int], announced: Mapping[int, Announced]
    ) -> Iterator[FetchedMail | FetchFault]:
        unknown = Announced()
        largest = announced.get(batch[0], unknown)
        if (largest.size or 0) > MAX_MAIL_BYTES:
            yield FetchFault(batch[0], "too_large", largest.size, None, largest.arrived)
            return
        if (largest.size or 0) > BATCH_BYTES:
            reply, bodies = self._in_pieces(batch[0], largest.size or 0)
        else:
            reply = self._ask(batch, "UID BODY.PEEK[]")
            bodies = reply.bodies()
        for uid in batch:
            mail, raw = announced.get(uid, unknown), bodies.get(uid)
            if raw is None:
                yield FetchFault(uid, self._why_absent(uid, reply), mail.size, None, mail.arrived)
            elif (reason := flaw(raw, mail)) is not None:
                yield FetchFault(uid, reason, mail.size, raw, mail.arrived)
            elif mail.arrived is not None:
                yield FetchedMail(uid, raw, mail.arrived, mail.size or len(raw))

    def _in_pieces(self, uid: int, size: int) -> tuple[Reply, dict[int, bytes | None]]:
        """A large mail, piece by piece: the connection never holds more than one of them."""
        whole = io.BytesIO()
        while True:
            offset = whole.tell()
            reply = self._ask([uid], f"UID BODY.PEEK[]<{offset}.{PIECE_BYTES}>")
            piece = reply.bodies().get(uid)
            whole.write(piece or b"")
            ended = not piece or (len(piece) < PIECE_BYTES and whole.tell() >= size)
            if ended or whole.tell() > MAX_MAIL_BYTES:
                break
        return reply, {uid: whole.getvalue()} if whole.tell() else {}

    def _why_absent(self, uid: int, reply: Reply) -> FaultReason:
        if uid in reply.unreadable:
            return "garbled"
        if uid in reply.bodies():
            return "empty"
        # Moved away by a colleague meanwhile, or a server that skips it? The list of numbers tells.
        if self._listed is None:
            self._listed = frozenset(self.uids())  # once for all that one answer lacks
        return "missing" if uid in self._listed else "vanished"


def open_mailbox(settings: ConnectionSettings) -> ImapMailbox:
    """Connects, logs in and says who we are; MailboxUnavailable tells the person in charge what is wrong."""
    return ImapMailbox(settings)


def check(settings: ConnectionSettings) -> CheckResult:
    """Tries everything a poll needs short of fetching, within a minute; never raises for the mailbox's sake."""
    deadline = min(settings.deadline_seconds, _CHECK_DEADLINE_SECONDS)
    try:
        with open_mailbox(replace(settings, deadline_seconds=deadline)) as mailbox:
            inbox = mailbox.open_folder("INBOX")
            folders = tuple(mailbox.folders())
    except MailboxUnavailable as trouble:
        return CheckResult(False, trouble.code, trouble.message)
    return CheckResult(True, "ok", f"连接正常，收件箱里有 {inbox.exists} 封邮件。", folders, inbox.exists)


def _said_ok(reply: tuple[str, list[Any]]) -> list[Any]:
    kind, lines = reply
    if kind != "OK":
        raise imaplib.IMAP4.error(lines[0] if lines else kind)
    return lines


def _parsed(lines: Sequence[Any]) -> list[dict[bytes, Any]]:
    """The answers of a FETCH as they came; ValueError or ProtocolError if they are none."""
    flat = parse_response([line for line in lines if line is not None])
    answers = []
    for position, items in zip(flat[::2], flat[1::2], strict=True):
        if not isinstance(position, int) or not isinstance(items, tuple) or len(items) % 2:
            raise ValueError("not a FETCH answer")
        answers.append(
            {_text(name).upper().encode(): value for name, value in zip(items[::2], items[1::2], strict=True)}
        )
    return answers


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _folder_name(wire_name: bytes | str) -> str:
    try:
        return str(imap_utf7.decode(wire_name))
    except ValueError:
        return _text(wire_name)
