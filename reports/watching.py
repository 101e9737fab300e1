"""The supervision orders a person may see, and the late cases whose reason the own section has to write down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.audit import AuditEntry
from reports.models import OverdueNote, SupervisionOrder, SupervisionOrderTicket, SupervisionStep
from reports.vocabulary import OWN_KINDS, OrderState
from tickets.models import Category, Deadline, Ticket, TicketCategory
from tickets.queries.listing import overdue_now
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    order: SupervisionOrder
    section: str
    tickets: tuple[str, ...]
    late: bool


def orders(session: Session, actor: Actor, today: date, *, open_only: bool) -> list[OrderLine]:
    """The orders this person may see, the newest first."""
    seen = []
    if actor.has(Role.SUPERVISOR):
        seen.append(SupervisionOrder.kind.not_in(OWN_KINDS))
    if actor.has(Role.HANDLER, Role.HEAD, Role.LEADER):
        seen.append(SupervisionOrder.section_id.in_(actor.section_ids))
    query = (
        sa.select(SupervisionOrder, Section.name)
        .join(Section, Section.id == SupervisionOrder.section_id)
        .where(sa.or_(sa.false(), *seen))
        .order_by(SupervisionOrder.id.desc())
        .limit(SHOWN)
    )
    if open_only:
        query = query.where(SupervisionOrder.state != OrderState.ACCEPTED)
    rows = session.execute(query).all()
    named = tickets_of(session, [row[0].id for row in rows])
    return [
        OrderLine(
            order=order,
            section=section,
            tickets=named.get(order.id, ()),
            late=is_late(order, today),
        )
        for order, section in rows
    ]


def is_late(order: SupervisionOrder, today: date) -> bool:
    """Whether an answer is owed and its day has gone by."""
    owed = order.state in {OrderState.OPEN, OrderState.RETURNED}
    return owed and order.due_on is not None and order.due_on < today


def tickets_of(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for order_id, number in session.execute(
        sa.select(SupervisionOrderTicket.order_id, Ticket.number)
        .join(Ticket, Ticket.id == SupervisionOrderTicket.ticket_id)
        .where(SupervisionOrderTicket.order_id.in_(order_ids))
        .order_by(Ticket.id)
    ):
        found[order_id] = (*found.get(order_id, ()), number)
    return found


def steps_of(session: Session, order: SupervisionOrder) -> Sequence[SupervisionStep]:
    return session.scalars(
        sa.select(SupervisionStep).where(SupervisionStep.order_id == order.id).order_by(SupervisionStep.id)
    ).all()


@dataclass(frozen=True, kw_only=True)
class LateOwn:
    """A late ticket of the own section, and what was written down last."""

    number: str
    title: str
    note: OverdueNote | None


def late_of_own(session: Session, actor: Actor, at: datetime) -> list[LateOwn]:
    """The late tickets whose reason this person's section has to write down."""
    if not actor.has(Role.HANDLER, Role.HEAD):
        return []
    tickets = session.execute(
        sa.select(Ticket.id, Ticket.number, Category.name)
        .outerjoin(TicketCategory, sa.and_(TicketCategory.ticket_id == Ticket.id, TicketCategory.main))
        .outerjoin(Category, Category.code == TicketCategory.category_code)
        .where(
            Ticket.section_id.in_(actor.section_ids),
            Ticket.status.in_(OPEN_STATUSES),
            visible_to(actor),
            sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at)),
        )
        .order_by(Ticket.id)
        .limit(SHOWN)
    ).all()
    newest = (
        sa.select(sa.func.max(OverdueNote.id))
        .where(OverdueNote.ticket_id.in_([row.id for row in tickets]))
        .group_by(OverdueNote.ticket_id)
    )
    notes = {
        note.ticket_id: note
        for note in session.scalars(sa.select(OverdueNote).where(OverdueNote.id.in_(newest)))
    }
    return [LateOwn(number=row.number, title=row.name or "未分类", note=notes.get(row.id)) for row in tickets]


def audit_lines(
    session: Session, *, act: str, about: str, by: str, before: int
) -> tuple[list[AuditEntry], int | None]:
    """The newest entries that fit, and from where the next page goes on."""
    query = sa.select(AuditEntry)
    if act:
        query = query.where(AuditEntry.action.startswith(act, autoescape=True))
    if about:
        query = query.where(AuditEntry.object_ref.endswith(about, autoescape=True))
    if by:
        query = query.where(AuditEntry.actor == by)
    if before:
        query = query.where(AuditEntry.seq < before)
    rows = list(session.scalars(query.order_by(AuditEntry.seq.desc()).limit(SHOWN + 1)))
    return rows[:SHOWN], rows[SHOWN - 1].seq if len(rows) > SHOWN else None
