"""An order as the rules want it, read inside the transaction that is going to change it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import now, office_day
from tickets.deadlines.rules import DeadlineKind
from tickets.models import Deadline, Order, Ticket
from tickets.orders.rules import OrderFacts, exposing
from tickets.vocabulary import Status


def facts_of(session: Session, ticket: Ticket, order: Order | None) -> OrderFacts:
    """Everything the rules ask about an order; None: one that is only going to be drafted."""
    feedback = running(session, order, DeadlineKind.FEEDBACK) if order is not None else None
    return OrderFacts(
        state=order.state if order is not None else None,
        exposing=is_exposing(session, ticket),
        head_id=order.head_id if order is not None else None,
        leader_id=order.leader_id if order is not None else None,
        feedback_due=feedback.last_day if feedback is not None else None,
        today=office_day(now()),
    )


def is_exposing(session: Session, ticket: Ticket) -> bool:
    """Whether the order would point at somebody: also at one whose complaint was merged into this one."""
    rows = session.execute(
        sa.select(Ticket.caller_kind, Ticket.target_kind, Ticket.conflict).where(
            sa.or_(
                Ticket.id == ticket.id,
                sa.and_(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED),
            )
        )
    ).all()
    return any(exposing(row.caller_kind, row.target_kind, conflict=row.conflict) for row in rows)


def running(session: Session, order: Order, kind: DeadlineKind) -> Deadline | None:
    """The deadline of a kind that the school has to keep now."""
    return session.scalars(
        sa.select(Deadline).where(
            Deadline.owner_ref == order.ref,
            Deadline.kind == kind,
            Deadline.met_at.is_(None),
            Deadline.ended_at.is_(None),
        )
    ).one_or_none()
