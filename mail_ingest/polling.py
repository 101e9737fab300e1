"""A poll: every folder compared with the ledger, what is missing fetched and stored, then everything unfinished dealt with.

A mailbox that fails does not hold up the others, and a mail that fails does not hold up its folder.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

from core import failpoints, leases
from core.clock import now
from core.db import db, end_read, transaction
from mail_ingest import mailboxes, outages, renumbering, starting, storing
from mail_ingest.counting import Counts, Tell, silent
from mail_ingest.folders import Folder, FolderRole, not_there, watched
from mail_ingest.mailbox import (
    BATCH_BYTES,
    BATCH_MAILS,
    ConnectionSettings,
    FetchedHeaders,
    FetchedMail,
    FetchFault,
    Mailbox,
    MailboxUnavailable,
    OpenMailbox,
)
from mail_ingest.models import MailboxState
from mail_ingest.processing import work_off
from mail_ingest.reader_process import Reader
from mail_ingest.storing import Arrived, Place, WorkList

log = logging.getLogger(__name__)
FAULTS_BEFORE_TAKING_WHAT_CAME = 3
_FETCHING_SHARE = 0.8  # of a poll's deadline; what is left is for the answer that is on its way
NOTED = failpoints.declare("mail.poll_noted", "收取完成，邮箱状态还没有提交")


@dataclass
class PollResult:
    """What `mail poll` says of one mailbox."""

    address: str
    code: str = "ok"
    message: str = ""
    counts: Counts = field(default_factory=Counts)

    @property
    def ok(self) -> bool:
        return self.code == "ok"

    def as_json(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "ok": self.ok,
            "code": self.code,
            "message": self.message,
            **self.counts.as_json(),
        }


def poll_all(
    open_mailbox: OpenMailbox, reader: Reader, *, only_due: bool, tell: Tell = silent
) -> list[PollResult]:
    """Polls every mailbox in turn; with only_due those that wait after a failure are left out. `tell` hears how far it is."""
    work_off(reader, tell)  # what a crash left behind comes first
    listed = [
        row.address
        for row, _ in mailboxes.all_mailboxes(db.session())
        if not only_due or mailboxes.is_due(row, now())
    ]
    end_read()
    return [poll(address, open_mailbox, reader, tell) for address in listed]


def poll(address: str, open_mailbox: OpenMailbox, reader: Reader, tell: Tell = silent) -> PollResult:
    """Polls one mailbox and notes on its row how it went; trouble with it is in the result, never raised."""
    result = PollResult(address=address)
    try:
        connection, mailbox_id, chosen = _how_to_connect(address)
        run = _Run(address, mailbox_id, result.counts, tell, _end_of_fetching(connection))
        with open_mailbox(connection) as mailbox:
            _fetch_everything(mailbox, run, chosen)
    except MailboxUnavailable as trouble:
        result.code, result.message = trouble.code, trouble.message
        log.warning("mailbox %s: %s %s", address, trouble.code, trouble.detail)
        _note(address, trouble)
    else:
        more = f"邮箱里还有 {run.left} 封，下次接着收。" if run.left else ""
        result.message = f"收取完成：新到 {result.counts.fetched} 封。{more}"
        _note(address, None, fetched=result.counts.fetched, waiting=run.left)
    result.counts.add(work_off(reader, tell))
    return result


@dataclass
class _Run:
    """One poll of one mailbox while it goes on; `left`: what it has seen and not fetched."""

    address: str
    mailbox_id: int
    counts: Counts
    tell: Tell
    until: float
    left: int = 0

    @property
    def over(self) -> bool:
        """Time to stop by itself: a poll that is cut off at its deadline counts as trouble, and a first start is none."""
        return time.monotonic() >= self.until


def _end_of_fetching(connection: ConnectionSettings) -> float:
    return time.monotonic() + _FETCHING_SHARE * connection.deadline_seconds


def _how_to_connect(address: str) -> tuple[ConnectionSettings, int, Sequence[str] | None]:
    session = db.session()
    try:
        row, mailbox = mailboxes.find(session, address)
        starting.refuse_while_asked(session, row)
        return mailboxes.connection_settings(session, row, mailbox), row.id, mailbox.folders
    finally:
        end_read()


def _note(address: str, trouble: MailboxUnavailable | None, *, fetched: int = 0, waiting: int = 0) -> None:
    with transaction() as session:
        row, _ = mailboxes.find(session, address)
        if trouble is None:
            outages.note_recovery(session, row, fetched=fetched)
            mailboxes.note_success(row, waiting=waiting)
            renumbering.slow_down(session, row)
            session.flush()
            failpoints.hit(NOTED)
        else:
            mailboxes.note_trouble(row, trouble)


def _fetch_everything(mailbox: Mailbox, run: _Run, chosen: Sequence[str] | None) -> None:
    there = mailbox.folders()
    if chosen and (missing := not_there(there, chosen)):
        raise MailboxUnavailable(
            "other", f"邮箱里没有文件夹：{'、'.join(missing)}。请核对 office.toml 里的 folders，或改为 auto。"
        )
    for folder in watched(there, chosen):
        _fetch_folder(mailbox, run, folder)
        if run.left:
            return  # its time is over; the other folders come with the rest


def _fetch_folder(mailbox: Mailbox, run: _Run, folder: Folder) -> None:
    opened = mailbox.open_folder(folder.name)
    place = Place(mailbox_id=run.mailbox_id, folder=folder.name, uidvalidity=opened.uidvalidity)
    missing = storing.work_list(db.session(), place, mailbox.uids())
    end_read()
    if missing.gone:
        storing.note_vanished(place, missing.gone)
    if missing.renumbered:
        with transaction() as session:
            renumbering.note(session, session.get_one(MailboxState, run.mailbox_id))
    before, run.left = run.left, run.left + len(missing)
    for batch in _batches(_fetched(mailbox, place, folder, missing, run.counts)):
        leases.ensure_held()
        stored = storing.store(place, batch)
        run.counts.fetched += len(batch)
        run.counts.duplicates += stored.known
        run.left -= len(batch)
        _show_waiting(run.mailbox_id, run.left)
        if len(missing) > len(batch):
            run.tell(f"{run.address}：已收 {run.counts.fetched} 封，邮箱里还有 {run.left} 封。")
        if run.over:
            return
    run.left = before  # what is still missing has failed, and comes when its time has come


def _fetched(
    mailbox: Mailbox, place: Place, folder: Folder, work: WorkList, counts: Counts
) -> Iterator[Arrived]:
    fetch: Callable[[Sequence[int]], Iterator[FetchedMail | FetchedHeaders | FetchFault]] = (
        mailbox.fetch_headers if folder.role.headers_only else mailbox.fetch
    )
    answers = chain(fetch(work.new) if work.new else (), *(fetch([uid]) for uid in work.again))
    too_large: list[int] = []
    doubtful: list[int] = []
    seen: set[bytes] = set()
    try:
        for answer in answers:
            if isinstance(answer, FetchFault) and answer.reason == "too_large":
                too_large.append(answer.uid)
            elif isinstance(answer, FetchedMail) and _once_more(answer.raw, seen):
                doubtful.append(answer.uid)
            elif arrived := _accept(place, folder, answer):
                yield arrived
            else:
                counts.errors += 1
        for answer in chain.from_iterable(mailbox.fetch([uid]) for uid in doubtful):
            if arrived := _accept(place, folder, answer):
                yield arrived
            else:
                counts.errors += 1
        for answer in mailbox.fetch_headers(too_large) if too_large else ():
            if arrived := _accept(place, folder, answer, headers_only=True):
                yield arrived
    except MailboxUnavailable as trouble:
        if trouble.uids:
            storing.note_failure(place, trouble.uids, trouble.code)
        raise


def _once_more(raw: bytes, seen: set[bytes]) -> bool:
    """Whether the same folder has just given these bytes under another number. Two deliveries differ at least in when they
    came; a server that answers with the wrong mail does not show it otherwise, so it is asked for this one alone."""
    print_of = sha256(raw).digest()
    if print_of in seen:
        return True
    seen.add(print_of)
    return False


def _batches(mails: Iterator[Arrived]) -> Iterator[list[Arrived]]:
    """Groups of at most 50 mails or 8 MB; what came before the connection broke is handed on before the error is."""
    batch: list[Arrived] = []
    size = 0
    try:
        for mail in mails:
            batch.append(mail)
            size += len(mail.raw)
            if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except MailboxUnavailable:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _accept(
    place: Place,
    folder: Folder,
    answer: FetchedMail | FetchedHeaders | FetchFault,
    *,
    headers_only: bool = False,
) -> Arrived | None:
    """The mail of an answer; None if it did not come whole and is to be asked for again."""
    if isinstance(answer, FetchFault):
        if answer.reason == "vanished":
            storing.note_vanished(place, [answer.uid])
            return None
        tries = storing.note_failure(place, [answer.uid], answer.reason)
        # A server that always announces a wrong size, say: what came is worth more than nothing.
        if tries < FAULTS_BEFORE_TAKING_WHAT_CAME or not answer.raw:
            return None
    return Arrived(
        raw=answer.raw or b"",
        received_at=answer.internaldate or now(),
        uid=answer.uid,
        from_junk=folder.role in {FolderRole.JUNK, FolderRole.VIRUS},
        headers_only=headers_only or folder.role.headers_only,
    )


def _show_waiting(mailbox_id: int, waiting: int) -> None:
    with transaction() as session:
        session.get_one(MailboxState, mailbox_id).waiting = waiting
