"""What the records tell of the tickets that a supervision order names: their course, and how they stand to their deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import now, office_day
from reports.models import SupervisionOrder, SupervisionOrderTicket
from tickets import registers
from tickets.calendar.words import month_day
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, met_words, remaining_words
from tickets.models import Deadline, Order, Suspension, Ticket, TicketEvent


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How a ticket that an order names stands to its deadline for resolving, for the printed order."""

    number: str
    orders: tuple[str, ...]
    original_day: date
    current_day: date
    words: str


def limits_of(session: Session, order: SupervisionOrder, at: datetime) -> list[Limit]:
    """原交办编号、原时限、超期天数 of every ticket the order names."""
    calendar = registers.working_calendar(session)
    found = []
    for ticket in _named(session, order):
        due = _newest_limit(session, ticket)
        if due is None:
            continue
        given = session.scalars(
            sa.select(Order.number)
            .where(Order.ticket_id == ticket.id, Order.number.is_not(None))
            .order_by(Order.issued_at)
        )
        pauses = session.scalars(sa.select(Suspension).where(Suspension.ticket_id == ticket.id)).all()
        facts = ledger.due_of(due, ledger.pauses_of(pauses))
        found.append(
            Limit(
                number=ticket.number,
                orders=tuple(number for number in given if number),
                original_day=due.original_last_day,
                current_day=due.last_day,
                words=met_words(facts, due.met_at, calendar)
                if due.met_at
                else remaining_words(facts, at, calendar),
            )
        )
    return found


def _named(session: Session, order: SupervisionOrder) -> list[Ticket]:
    return list(
        session.scalars(
            sa.select(Ticket)
            .join(SupervisionOrderTicket, SupervisionOrderTicket.ticket_id == Ticket.id)
            .where(SupervisionOrderTicket.order_id == order.id)
            .order_by(Ticket.id)
        )
    )


def _newest_limit(session: Session, ticket: Ticket) -> Deadline | None:
    return session.scalars(
        sa.select(Deadline)
        .where(Deadline.ticket_id == ticket.id, Deadline.kind == DeadlineKind.RESOLVE)
        .order_by(Deadline.id.desc())
        .limit(1)
    ).one_or_none()


def timeline(session: Session, order: SupervisionOrder) -> str:
    """基本情况和时间线, out of the histories: acts and days, nobody's words."""
    lines = []
    today = office_day(now())
    for ticket in _named(session, order):
        acts = [
            f"{month_day(office_day(row.occurred_at), beside=today)}{row.action.label}"
            for row in session.execute(
                sa.select(TicketEvent.occurred_at, TicketEvent.action)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(TicketEvent.position)
            )
        ]
        due = _newest_limit(session, ticket)
        limit = ""
        if due is not None:
            limit = f"；办理时限原定 {month_day(due.original_last_day, beside=today)}"
            if due.last_day != due.original_last_day:
                limit += f"，现行 {month_day(due.last_day, beside=today)}"
        lines.append(f"{ticket.number}（{ticket.status.label}）：{'，'.join(acts)}{limit}。")
    return "\n".join(lines)
