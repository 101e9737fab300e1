"""Questions about the outbox: what waits, what is stuck, where each sender stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import vault
from core.clock import office_day
from core.vault import CannotOpen, DataKey
from outbox import pace, senders
from outbox.models import OutboxMessage, OutboxSender
from outbox.pace import Standing
from outbox.vocabulary import OutboxKind, OutboxState

REPEATS_ALLOWED = 1
_KEYS_AT_ONCE = 500  # an engine takes so many values in one question, and no more

# Sends itself: queued, to be tried again, or once without a receipt. After a second time only a person decides.
WAITING = sa.or_(
    OutboxMessage.state.in_([OutboxState.QUEUED, OutboxState.RETRY]),
    sa.and_(OutboxMessage.state == OutboxState.UNKNOWN, OutboxMessage.unconfirmed <= REPEATS_ALLOWED),
)
STUCK = sa.or_(
    OutboxMessage.state == OutboxState.FAILED,
    sa.and_(OutboxMessage.state == OutboxState.UNKNOWN, OutboxMessage.unconfirmed > REPEATS_ALLOWED),
)
_LEFT_TODAY = (OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.INFLIGHT)


@dataclass(frozen=True)
class Queue:
    """The waiting mails of one sender and priority."""

    sender: str
    priority: int
    first_at: datetime
    count: int


def queues(session: Session) -> list[Queue]:
    """What waits, by sender and priority."""
    rows = session.execute(
        sa.select(
            OutboxMessage.sender,
            OutboxMessage.priority,
            sa.func.min(OutboxMessage.next_at, type_=OutboxMessage.next_at.type),
            sa.func.count(),
        )
        .where(WAITING)
        .group_by(OutboxMessage.sender, OutboxMessage.priority)
        .order_by(OutboxMessage.sender, OutboxMessage.priority)
    )
    return [Queue(*row) for row in rows]


def next_message(
    session: Session, sender: str, priorities: Collection[int], moment: datetime
) -> OutboxMessage | None:
    """The mail this sender has to send next, the most important and then the oldest."""
    return session.scalars(
        sa.select(OutboxMessage)
        .where(
            WAITING,
            OutboxMessage.sender == sender,
            OutboxMessage.priority.in_(priorities),
            OutboxMessage.next_at <= moment,
        )
        .order_by(OutboxMessage.priority, OutboxMessage.id)
        .limit(1)
    ).first()


def sender_rows(session: Session) -> dict[str, OutboxSender]:
    """What is known of every address that has sent or was stopped."""
    return {row.address: row for row in session.scalars(sa.select(OutboxSender))}


def standings(
    session: Session, moment: datetime, known: Mapping[str, OutboxSender] | None = None
) -> defaultdict[str, Standing]:
    """Where each sender stands; one that has sent nothing today and is not stopped comes into being when it is asked for."""
    known = sender_rows(session) if known is None else known
    is_staff = sa.case((OutboxMessage.kind == OutboxKind.STAFF, 1), else_=0)
    in_this_hour = sa.and_(
        OutboxMessage.kind == OutboxKind.ACKNOWLEDGEMENT,
        OutboxMessage.tried_at >= pace.start_of_hour(moment),
    )
    counted = session.execute(
        sa.select(
            OutboxMessage.sender,
            sa.func.count(),
            sa.func.sum(is_staff),
            sa.func.sum(sa.case((in_this_hour, 1), else_=0)),
        )
        .where(
            OutboxMessage.tried_at >= pace.start_of_day(office_day(moment)),
            OutboxMessage.state.in_(_LEFT_TODAY),
        )
        .group_by(OutboxMessage.sender)
    )
    today: dict[str, tuple[int, int]] = {}
    acknowledged = 0
    for sender, count, staff, in_hour in counted:
        today[sender] = (count, staff)
        acknowledged += in_hour
    found = defaultdict(lambda: Standing(acknowledged_this_hour=acknowledged))
    for address in known.keys() | today.keys():
        found[address] = Standing(
            last_at=known[address].last_at if address in known else None,
            sent_today=today.get(address, (0, 0))[0],
            staff_today=today.get(address, (0, 0))[1],
            acknowledged_this_hour=acknowledged,
            blocked_until=known[address].blocked_until if address in known else None,
        )
    return found


def expected_days(session: Session, moment: datetime, known: Mapping[str, Standing]) -> dict[int, date]:
    """On which day each waiting mail will go, by its id."""
    rows = session.execute(
        sa.select(OutboxMessage.id, OutboxMessage.sender, OutboxMessage.priority, OutboxMessage.next_at)
        .where(WAITING)
        .order_by(OutboxMessage.sender, OutboxMessage.priority, OutboxMessage.id)
    ).all()
    by_sender: dict[str, list[tuple[int, int, datetime]]] = {}
    for message_id, sender, priority, next_at in rows:
        by_sender.setdefault(sender, []).append((message_id, priority, next_at))
    found: dict[int, date] = {}
    for sender, waiting in by_sender.items():
        days = pace.days_of(
            [(priority, next_at) for _, priority, next_at in waiting],
            known.get(sender, Standing()),
            senders.pace_of(sender),
            moment,
        )
        found.update(zip([message_id for message_id, _, _ in waiting], days, strict=True))
    return found


def messages(
    session: Session,
    condition: sa.ColumnElement[bool],
    *,
    seen_by: Iterable[str] | None = None,
    limit: int,
    before: int | None = None,
) -> Sequence[OutboxMessage]:
    """Mails of a kind of state, newest first; `seen_by` limits them to some senders."""
    query = sa.select(OutboxMessage).where(condition).order_by(OutboxMessage.id.desc()).limit(limit)
    if seen_by is not None:
        query = query.where(OutboxMessage.sender.in_(list(seen_by)))
    if before is not None:
        query = query.where(OutboxMessage.id < before)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Attention:
    """What somebody has to look at: mails that need a person, senders that cannot go on by themselves."""

    stuck: int
    stopped: tuple[OutboxSender, ...]


def attention(session: Session, *, seen_by: Collection[str] | None, down_before: datetime) -> Attention:
    """For the menu and the banner, in one question: every page asks it. Senders that have been down since before a moment
    count as stopped."""
    stuck = sa.select(sa.func.count()).select_from(OutboxMessage).where(STUCK)
    is_stopped = sa.or_(OutboxSender.alarm.is_(True), OutboxSender.down_since <= down_before)
    if seen_by is not None:
        stuck = stuck.where(OutboxMessage.sender.in_(list(seen_by)))
        is_stopped = sa.and_(is_stopped, OutboxSender.address.in_(list(seen_by)))
    one = sa.select(sa.literal(1).label("one")).subquery()  # so that there is a row when no sender is stopped
    rows = session.execute(
        sa.select(stuck.scalar_subquery(), OutboxSender).select_from(one.outerjoin(OutboxSender, is_stopped))
    ).all()
    return Attention(rows[0][0], tuple(sender for _, sender in rows if sender is not None))


def masked_recipients(session: Session, rows: Sequence[OutboxMessage]) -> dict[int, str]:
    """To whom, told only as far as a colleague needs to see that it is not the wrong one: l***@163.com."""
    keys: dict[str, DataKey] = {}
    for start in range(0, len(rows), _KEYS_AT_ONCE):
        wanted = [row.data_key_id for row in rows[start : start + _KEYS_AT_ONCE]]
        keys.update(
            (key.id, key) for key in session.scalars(sa.select(DataKey).where(DataKey.id.in_(wanted)))
        )
    return {row.id: masked(_recipient(row, keys.get(row.data_key_id))) for row in rows}


def masked(address: str) -> str:
    """The first character and the domain of an address."""
    user, _, domain = address.rpartition("@")
    return f"{user[:1]}***@{domain}" if user else "***"


def _recipient(row: OutboxMessage, key: DataKey | None) -> str:
    if key is None or key.wrapped is None:
        return ""
    try:
        opened = vault.unwrap(key.id, key.wrapped, key.wrap_id)
        return vault.unseal(opened, row.recipient_sealed, place=f"outbox|recipient|{key.id}")
    except CannotOpen:
        return ""
