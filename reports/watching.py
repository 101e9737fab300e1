"""The supervision orders a person may see, and the late cases whose reason the own section has to write down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.audit import AuditEntry
from reports.models import SupervisionOrder, SupervisionOrderTicket, SupervisionStep
from reports.vocabulary import OWN_KINDS, OrderState
from tickets.models import Ticket

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
