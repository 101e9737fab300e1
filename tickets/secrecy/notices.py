"""Telling heads and leaders what they have to know about secrecy: on their page until read, and by mail if they want mail."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import AccountRole, AccountSection
from accounts.vocabulary import Role
from core import audit
from core.clock import now
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets.models import NoticeAddress, SecrecyNotice, Ticket
from tickets.reminders.raising import staff_sender
from tickets.secrecy.words import NoticeKind

_DECIDING = (Role.HEAD, Role.LEADER)


def tell(
    session: Session, kind: NoticeKind, ticket: Ticket, said: str, *, roles: Iterable[Role] = _DECIDING
) -> None:
    """Tells the holders of these roles in the ticket's section. `said` is shown to them: nobody's name or number in it."""
    for role in roles:
        notice = SecrecyNotice(
            kind=kind, section_id=ticket.section_id, role=role, ticket_id=ticket.id, said=said, at=now()
        )
        session.add(notice)
        session.flush()
        _mail(session, notice, ticket)


def unread(session: Session, actor: Actor) -> int:
    """How many wait for this person."""
    if not actor.has(*_DECIDING):
        return 0
    return session.execute(
        sa.select(sa.func.count())
        .select_from(SecrecyNotice)
        .where(_for(actor), SecrecyNotice.read_at.is_(None))
    ).scalar_one()


def of(session: Session, actor: Actor, *, at_most: int) -> list[tuple[SecrecyNotice, str]]:
    """What this person was told, each with the ticket's number: unread first, then the newest."""
    rows = session.execute(
        sa.select(SecrecyNotice, Ticket.number)
        .join(Ticket, Ticket.id == SecrecyNotice.ticket_id)
        .where(_for(actor))
        .order_by(SecrecyNotice.read_at.is_not(None), SecrecyNotice.id.desc())
        .limit(at_most)
    ).all()
    return [(row[0], row[1]) for row in rows]


def note_read(session: Session, actor: Actor) -> int:
    """This person has read everything that waited; how many there were."""
    waiting = session.scalars(
        sa.select(SecrecyNotice).where(_for(actor), SecrecyNotice.read_at.is_(None)).with_for_update()
    ).all()
    for notice in waiting:
        notice.read_by, notice.read_at = actor.display_name, now()
    if waiting:
        audit.record(session, "secrecy.read", actor=actor.username, notices=[each.id for each in waiting])
    return len(waiting)


def _for(actor: Actor) -> sa.ColumnElement[bool]:
    roles = [role for role in _DECIDING if actor.has(role)]
    return sa.and_(SecrecyNotice.section_id.in_(actor.section_ids), SecrecyNotice.role.in_(roles))


def _mail(session: Session, notice: SecrecyNotice, ticket: Ticket) -> None:
    """A line to those who gave an address: that there is something, never what."""
    sender = staff_sender()
    if sender is None:
        return
    addresses = session.scalars(
        sa.select(NoticeAddress)
        .join(AccountRole, AccountRole.account_id == NoticeAddress.account_id)
        .join(AccountSection, AccountSection.account_id == NoticeAddress.account_id)
        .where(AccountRole.role == notice.role, AccountSection.section_id == notice.section_id)
    ).all()
    for address in addresses:
        enqueue(
            session,
            OutboxKind.STAFF,
            dedupe=f"secrecy/{notice.id}/{address.account_id}",
            object_ref=ticket.ref,
            sender=sender,
            recipient=address.mail,
            subject="工作提醒：有 1 条保密提醒",
            body="您好：\n\n有 1 条保密提醒等您查看，请登录系统，打开“保密”。\n（本邮件由系统自动发出，请勿回复）\n",
        )
