"""Second step of intake: stored mails are read by the child and dealt with, a few in one transaction.

Whatever interrupts it, a mail stays `new` and is taken up again; three failures make a ticket that a person reads. While
one group is written, the next is read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import failpoints, leases
from core.blobs import BlobMissing, StoredBlob, blob_store
from core.db import db, end_read, repeated, transaction
from mail_ingest import opening
from mail_ingest.counting import Counts, Tell, silent
from mail_ingest.dealing import deal_with_all, open_unreadable
from mail_ingest.models import MailItem
from mail_ingest.reader_process import Reader, ReaderFailed
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.vocabulary import ItemState
from tickets.messages import NewAttachment

log = logging.getLogger(__name__)
TRIES = 3
# A group shares one commit and one sync of its files; whoever wants to write meanwhile waits for some fifty milliseconds.
GROUP_MAILS = 20
GROUP_BYTES = 8 * 1024 * 1024
_PAGE = 1000
_TOLD_EVERY = 20  # groups
BEFORE_READING = failpoints.declare("mail.reading", "邮件已登记，正要解析")
AFTER_READING = failpoints.declare("mail.read", "邮件已解析、附件已落盘，事务还没有开始")
AFTER_COMMIT = failpoints.declare("mail.after_commit", "诉求件已提交，下一封还没有开始")
TRY_FAILED = failpoints.declare("mail.try_failed", "解析失败已记下，事务还没有提交")
QUARANTINED = failpoints.declare("mail.quarantined", "转人工识别的诉求件已写入，事务还没有提交")


@dataclass(frozen=True)
class Waiting:
    """A stored mail that nobody has dealt with."""

    id: int
    blob: str
    size: int


@dataclass(frozen=True, repr=False)
class _Read:
    """A mail as it was read, its files in the store; or why it could not be."""

    id: int
    parsed: ParsedMail | None = None
    files: tuple[NewAttachment, ...] = ()
    trouble: str = ""


def unfinished(session: Session, *, limit: int = _PAGE, after: int = 0) -> list[Waiting]:
    """The mails nobody has dealt with yet, oldest first: those a crash left behind among them."""
    rows = session.execute(
        sa.select(MailItem.id, MailItem.blob, MailItem.size)
        .where(MailItem.state == ItemState.NEW, MailItem.kind.is_(None), MailItem.id > after)
        .order_by(MailItem.id)
        .limit(limit)
    )
    return [Waiting(row.id, row.blob, row.size) for row in rows]


def count_unfinished(session: Session, mailbox_id: int | None = None) -> int:
    """How many mails nobody has dealt with yet; of one mailbox, or of all."""
    query = (
        sa.select(sa.func.count())
        .select_from(MailItem)
        .where(MailItem.state == ItemState.NEW, MailItem.kind.is_(None))
    )
    if mailbox_id is not None:
        query = query.where(MailItem.mailbox_id == mailbox_id)
    return session.execute(query).scalar_one()


def work_off(reader: Reader, tell: Tell = silent) -> Counts:
    """Deals with everything unfinished. Never raises for a mail's sake. `tell` hears how far it is."""
    counts, after = Counts(), 0
    left = count_unfinished(db.session())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the app
    with ThreadPoolExecutor(1, thread_name_prefix="read ahead") as ahead:
        while page := unfinished(db.session(), after=after):
            end_read()
            groups = list(_groups(page))
            coming = ahead.submit(_read_group, app, groups[0], reader)
            for number in range(len(groups)):
                read = coming.result()
                if number + 1 < len(groups):
                    coming = ahead.submit(_read_group, app, groups[number + 1], reader)
                leases.ensure_held()
                counts.add(_work_off_group(read))
                left -= len(read)
                if left > 0 and (number + 1) % _TOLD_EVERY == 0:
                    tell(f"正在登记，还有 {left} 封。")
            after = page[-1].id
    end_read()
    return counts


def _groups(page: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    group: list[Waiting] = []
    size = 0
    for mail in page:
        if group and (len(group) >= GROUP_MAILS or size + mail.size > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(mail)
        size += mail.size
    if group:
        yield group


def _read_group(app: Flask, group: Sequence[Waiting], reader: Reader) -> list[_Read]:
    """Reads the mails of a group and makes their files durable, before any transaction: files may be large."""
    with app.app_context():
        stored: list[StoredBlob] = []
        read = [_read_one(mail, reader, stored) for mail in group]
        blob_store().sync(stored)
        return read


def _read_one(mail: Waiting, reader: Reader, stored: list[StoredBlob]) -> _Read:
    failpoints.hit(BEFORE_READING)
    try:
        parsed = reader.read(blob_store().get(mail.blob))
    except ReaderFailed as error:
        return _Read(mail.id, trouble=f"解析失败：{error}")
    except BlobMissing:
        return _Read(mail.id, trouble="原始邮件文件缺失或损坏")
    files = opening.put_attachments(parsed, stored)
    return _Read(mail.id, parsed, files)


def _work_off_group(group: Sequence[_Read]) -> Counts:
    counts = Counts()
    for read in group:
        if read.trouble:
            counts.add(_note_failure(read.id, read.trouble))
    readable = [read for read in group if not read.trouble]
    for _ in readable:
        failpoints.hit(AFTER_READING)
    try:
        counts.add(_deal_with_all(readable))
    except Exception:
        # One of them spoils it for all: each alone tells which.
        log.warning("a group of %s mails is dealt with one by one", len(readable), exc_info=True)
        for read in readable:
            counts.add(_deal_with_one(read))
    for _ in readable:
        failpoints.hit(AFTER_COMMIT)
    return counts


def _deal_with_one(read: _Read) -> Counts:
    try:
        # Its twin may be dealt with by another process in this instant: the next time it is a copy.
        return repeated(lambda: _deal_with_all([read]))
    except OperationalError:
        raise  # the database is unwell, not the mail: nothing may count against it
    except Exception as error:
        log.exception("mail item %s could not be dealt with", read.id)
        return _note_failure(read.id, f"处理出错（{type(error).__name__}）")


def _deal_with_all(group: Sequence[_Read]) -> Counts:
    mails = {read.id: (read.parsed, read.files) for read in group if read.parsed is not None}
    if not mails:
        return Counts()
    with transaction() as session:
        # Locked in the order of their ids, before any ticket.
        rows = session.scalars(
            sa.select(MailItem).where(MailItem.id.in_(mails)).order_by(MailItem.id).with_for_update()
        )
        return deal_with_all(session, [(row, *mails[row.id]) for row in rows])


def _note_failure(item_id: int, error: str) -> Counts:
    """Counts a failed try; the third makes the mail a ticket that a person reads."""
    with transaction() as session:
        item = session.scalars(sa.select(MailItem).where(MailItem.id == item_id).with_for_update()).one()
        if item.dealt_with:
            return Counts()
        item.attempts += 1
        item.last_error = error
        if item.attempts < TRIES:
            session.flush()
            failpoints.hit(TRY_FAILED)
            return Counts(errors=1)
        counts = open_unreadable(session, item, error)
        session.flush()
        failpoints.hit(QUARANTINED)
        return counts
