"""The end of the years for which identities are kept: their keys are destroyed, the record of the work stays.

Afterwards nobody can read names, numbers, verbatim texts, attachments and raw mails of the case, not even in an old
backup once the next one has been made and the older files have gone. Number, working text, history, deadlines and reports
stay. It never runs by itself: a person decides on the years and looks at the dry run first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, failpoints
from core.blobs import blob_store
from core.clock import now
from core.db import Base, db, end_read, transaction
from core.errors import DomainError
from core.vault import DataKey
from mail_ingest.models import MailItem, MailLink
from outbox.models import OutboxMessage
from tickets.models import Attachment, Complainant, Deadline, Ticket, TicketEvent
from tickets.vocabulary import OPEN_STATUSES

SHORTEST_YEARS = 3
BATCH = 100
BLOBS_DESTROYED = failpoints.declare("retention.blobs_destroyed", "到期销毁：附件已销毁，数据密钥还没有销毁")


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """What was, or in a dry run would be, destroyed."""

    before: datetime
    numbers: tuple[str, ...]
    blobs: int
    dry_run: bool


def run(*, years: int, dry_run: bool) -> Destroyed:
    """Destroys the identities of cases that ended so long ago; with `dry_run` only says which."""
    if years < SHORTEST_YEARS:
        raise DomainError(f"保存年限至少 {SHORTEST_YEARS} 年。")
    before = years_ago(now(), years)
    numbers: list[str] = []
    blobs = after = 0
    while batch := _due(db.session(), before, after):
        after = batch[-1].id
        names = _own_blobs(db.session(), [row.id for row in batch])
        end_read()
        numbers += [row.number for row in batch]
        blobs += len(names)
        if not dry_run:
            # First what can be destroyed again without harm: killed in between, the next run finds the case once more.
            for name in names:
                blob_store().destroy(name)
            failpoints.hit(BLOBS_DESTROYED)
            with transaction() as session:
                _destroy(session, batch, years)
    return Destroyed(before=before, numbers=tuple(numbers), blobs=blobs, dry_run=dry_run)


def years_ago(moment: datetime, years: int) -> datetime:
    """The same day and time so many years before; 29 February becomes the 28th. Pure."""
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:
        return moment.replace(year=moment.year - years, day=28)


def _due(session: Session, before: datetime, after: int) -> Sequence[sa.Row[int, str, str]]:
    """Cases that ended, run under no deadline, and had their last event before the moment; keys still there."""
    latest = (
        sa.select(sa.func.max(TicketEvent.recorded_at))
        .where(TicketEvent.ticket_id == Ticket.id)
        .scalar_subquery()
    )
    running = sa.exists().where(
        Deadline.ticket_id == Ticket.id, Deadline.met_at.is_(None), Deadline.ended_at.is_(None)
    )
    return session.execute(
        sa.select(Ticket.id, Ticket.number, Ticket.data_key_id)
        .join(DataKey, DataKey.id == Ticket.data_key_id)
        .where(
            Ticket.id > after,
            Ticket.status.not_in(OPEN_STATUSES),
            Ticket.recorded_at < before,
            latest < before,
            ~running,
            DataKey.wrapped.is_not(None),
        )
        .order_by(Ticket.id)
        .limit(BATCH)
    ).all()


def _own_blobs(session: Session, tickets: Sequence[int]) -> list[str]:
    """The blobs of these cases that no other row still needs."""
    names = set(session.scalars(sa.select(Attachment.blob).where(Attachment.ticket_id.in_(tickets))))
    names |= set(session.scalars(sa.select(MailItem.blob).where(MailItem.id.in_(_own_mails(tickets)))))
    return sorted(name for name in names if not _needed_elsewhere(session, name, tickets))


def _own_mails(tickets: Sequence[int]) -> sa.Select[int]:
    """The mails that belong to these cases and to no other."""
    other = sa.select(MailLink.item_id).where(MailLink.ticket_id.not_in(tickets))
    return (
        sa.select(MailLink.item_id)
        .where(MailLink.ticket_id.in_(tickets), MailLink.item_id.not_in(other))
        .distinct()
    )


def _needed_elsewhere(session: Session, name: str, tickets: Sequence[int]) -> bool:
    """Whether any row of any table names the blob, besides these cases' own."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name != "blob" and not column.name.endswith("_blob"):
                continue
            query = sa.select(sa.literal(1)).select_from(table).where(column == name)
            if table is Attachment.__table__:
                query = query.where(table.c.ticket_id.not_in(tickets))
            elif table is MailItem.__table__:
                query = query.where(table.c.id.not_in(_own_mails(tickets)))
            if session.execute(query.limit(1)).first() is not None:
                return True
    return False


def _destroy(session: Session, batch: Sequence[sa.Row[int, str, str]], years: int) -> None:
    tickets = [row.id for row in batch]
    refs = [f"ticket/{row.number}" for row in batch]
    mails = session.execute(
        sa.select(OutboxMessage.data_key_id).where(OutboxMessage.object_ref.in_(refs))
    ).scalars()
    _destroy_keys(session, [*(row.data_key_id for row in batch), *mails])
    # The keyed hashes would still tell whether a known number or address is behind the case.
    session.execute(
        sa.update(Complainant)
        .where(Complainant.ticket_id.in_(tickets))
        .values(phone_index=None, email_index=None, query_code_hash="")
    )
    session.execute(
        sa.update(OutboxMessage).where(OutboxMessage.object_ref.in_(refs)).values(recipient_index="")
    )
    session.execute(
        sa.update(MailItem)
        .where(MailItem.id.in_(_own_mails(tickets)))
        .values(sender_masked="", from_index=None, message_id_index=None)
    )
    for ref in refs:
        audit.record(session, "retention.destroyed", actor="系统", object_ref=ref, years=years)


def _destroy_keys(session: Session, ids: Sequence[str]) -> None:
    session.execute(sa.update(DataKey).where(DataKey.id.in_(ids)).values(wrapped=None, destroyed_at=now()))
