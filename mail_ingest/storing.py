"""First step of intake: a fetched mail is safe on disk and in the ledger before anybody tries to read it.

The blobs of a batch are written and synced, then one transaction makes the rows. Killed between the two, the next poll
fetches the batch again and finds the blobs there. Equal bytes never make a second item: the blob's name is unique.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import failpoints
from core.blobs import StoredBlob, blob_store
from core.clock import now
from core.db import repeated, transaction
from mail_ingest import looking, opening
from mail_ingest.models import MailItem, MailLedger
from mail_ingest.vocabulary import ItemState, LedgerState

_WRITERS = 4
_RETRY_MINUTES = (1, 5, 30, 120)
FETCHED = failpoints.declare("mail.fetched", "一批邮件已取回，还没有落盘")
BLOB_WRITTEN = failpoints.declare("mail.blob_written", "一封原始邮件已写出，同批的还没有写完")
AFTER_BLOBS = failpoints.declare("mail.blobs_written", "原始邮件已落盘，登记行还没有提交")
IN_LEDGER = failpoints.declare("mail.ledger_rows", "登记行已写入，事务还没有提交")
AFTER_LEDGER = failpoints.declare("mail.ledger_written", "登记行已提交，邮件还没有解析")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where on a server a mail lies; imported files have the folder they were read from and no uid of their own."""

    mailbox_id: int
    folder: str
    uidvalidity: int


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A mail as it came; `uid` None: it was imported, there is no server to compare with."""

    raw: bytes = field(repr=False)
    received_at: datetime
    uid: int | None = None
    from_junk: bool = False
    headers_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of a batch: the items that are new, and how many mails were already known by their bytes."""

    new_items: tuple[int, ...]
    known: int


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """What is to be fetched of a folder: mails never asked for, and those whose fetch failed and whose time has come.

    The latter are to be asked for one at a time: one that breaks the connection each time would otherwise take its
    whole batch along, for ever.
    """

    new: tuple[int, ...]
    again: tuple[int, ...]
    gone: tuple[int, ...] = ()  # their fetch failed, and now they are no longer there
    renumbered: bool = False  # the folder was known under other numbers, and none of these

    def __len__(self) -> int:
        return len(self.new) + len(self.again)


def work_list(session: Session, place: Place, on_server: Iterable[int]) -> WorkList:
    """All the server has and the ledger has not, oldest first; of the failed ones those with the fewest tries first."""
    rows = session.execute(
        sa.select(
            MailLedger.uid, MailLedger.item_id, MailLedger.next_try_at, MailLedger.attempts, MailLedger.state
        ).where(
            MailLedger.mailbox_id == place.mailbox_id,
            MailLedger.folder == place.folder,
            MailLedger.uidvalidity == place.uidvalidity,
        )
    ).all()
    renumbered = not rows and _known_otherwise(session, place)
    moment = now()
    there = set(on_server)
    again = sorted(
        (row.attempts, row.uid)
        for row in rows
        if row.item_id is None and row.uid in there and (row.next_try_at is None or row.next_try_at <= moment)
    )
    return WorkList(
        new=tuple(sorted(there - {row.uid for row in rows})),
        again=tuple(uid for _, uid in again),
        gone=tuple(row.uid for row in rows if row.state is LedgerState.FAILED and row.uid not in there),
        renumbered=renumbered and bool(there),
    )


def _known_otherwise(session: Session, place: Place) -> bool:
    other = sa.select(MailLedger.id).where(
        MailLedger.mailbox_id == place.mailbox_id, MailLedger.folder == place.folder
    )
    return session.execute(other.limit(1)).first() is not None


def store(place: Place, mails: Sequence[Arrived]) -> Stored:
    """Stores a batch durably; its own transaction."""
    blobs = blob_store()
    failpoints.hit(FETCHED)

    def put(mail: Arrived) -> StoredBlob:
        blob = blobs.put(mail.raw, sync_folder=False)
        failpoints.hit(BLOB_WRITTEN)
        return blob

    # Nearly all of it is waiting for the disk, which serves several syncs in the time of one.
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="raw mail") as writers:
        stored = list(writers.map(put, mails))
    blobs.sync(stored)
    failpoints.hit(AFTER_BLOBS)
    found = repeated(lambda: _make_rows(place, mails, stored))
    failpoints.hit(AFTER_LEDGER)
    return found


def _make_rows(place: Place, mails: Sequence[Arrived], stored: Sequence[StoredBlob]) -> Stored:
    new: list[MailItem] = []
    known = 0
    with transaction() as session:
        items = _items_by_blob(session, {blob.name for blob in stored})
        for mail, blob in zip(mails, stored, strict=True):
            if blob.name not in items:
                items[blob.name] = _item(place, mail, blob)
                new.append(items[blob.name])
            else:
                known += 1
                _seen_again(session, place, mail, items[blob.name])
        session.add_all(new)
        session.flush()  # their ids
        rows = _rows(session, place, [mail.uid for mail in mails if mail.uid is not None])
        for mail, blob in zip(mails, stored, strict=True):
            if mail.uid is not None:
                item = items[blob.name]
                state = LedgerState.DONE if item.dealt_with else LedgerState.STORED
                _note(session, place, mail.uid, state, rows, item_id=item.id)
        session.flush()
        failpoints.hit(IN_LEDGER)
    return Stored(new_items=tuple(item.id for item in new), known=known)


def note_failure(place: Place, uids: Collection[int], error: str) -> int:
    """Mails that did not come whole: kept without item and asked for again later; returns the last one's tries so far."""

    def note() -> int:
        tries = 0
        with transaction() as session:
            rows = _rows(session, place, uids)
            for uid in uids:
                row = _note(session, place, uid, LedgerState.FAILED, rows, error=error)
                tries = row.attempts
                minutes = _RETRY_MINUTES[min(tries, len(_RETRY_MINUTES)) - 1]
                row.next_try_at = now() + timedelta(minutes=minutes)
        return tries

    return repeated(note)


def note_vanished(place: Place, uids: Collection[int]) -> None:
    """Mails that were gone from the server before they could be fetched."""

    def note() -> None:
        with transaction() as session:
            rows = _rows(session, place, uids)
            for uid in uids:
                _note(session, place, uid, LedgerState.VANISHED, rows)

    repeated(note)


def _items_by_blob(session: Session, names: Collection[str]) -> dict[str, MailItem]:
    """The items there are, locked: whoever deals with one now has done so before its new ledger row says how far it is."""
    found = sa.select(MailItem).where(MailItem.blob.in_(names)).order_by(MailItem.id).with_for_update()
    return {row.blob: row for row in session.scalars(found)}


def _item(place: Place, mail: Arrived, blob: StoredBlob) -> MailItem:
    return MailItem(
        blob=blob.name,
        size=blob.size,
        mailbox_id=place.mailbox_id,
        from_junk=mail.from_junk,
        headers_only=mail.headers_only,
        received_at=mail.received_at,
        recorded_at=now(),
        state=ItemState.NEW,
    )


def _seen_again(session: Session, place: Place, mail: Arrived, item: MailItem) -> None:
    """Equal bytes in a second place. First seen among the junk and then in the inbox, the mail was moved by a person: it is
    no junk, and is dealt with anew."""
    if item.from_junk and not mail.from_junk and item.state is ItemState.NEW:
        item.from_junk, item.kind = False, None
        if item.id is not None:
            looking.done(session, item)
    if item.id is not None:
        opening.inform_sections(session, item.id, [place.mailbox_id])


def _rows(session: Session, place: Place, uids: Collection[int]) -> dict[int, MailLedger]:
    known = session.scalars(
        sa.select(MailLedger).where(
            MailLedger.mailbox_id == place.mailbox_id,
            MailLedger.folder == place.folder,
            MailLedger.uidvalidity == place.uidvalidity,
            MailLedger.uid.in_(uids),
        )
    )
    return {row.uid: row for row in known}


def _note(
    session: Session,
    place: Place,
    uid: int,
    state: LedgerState,
    rows: dict[int, MailLedger],
    *,
    item_id: int | None = None,
    error: str = "",
) -> MailLedger:
    row = rows.get(uid)
    if row is None:
        row = rows[uid] = MailLedger(
            mailbox_id=place.mailbox_id,
            folder=place.folder,
            uidvalidity=place.uidvalidity,
            uid=uid,
            attempts=0,
            seen_at=now(),
        )
        session.add(row)
    if row.item_id is not None and item_id is None:
        return row  # another process has fetched it meanwhile
    row.state = state
    row.item_id = item_id
    row.attempts += 1
    row.last_error = error
    row.next_try_at = None
    row.changed_at = now()
    return row
