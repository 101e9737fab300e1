"""One case as a supervisor sees it: its whole course and every deadline, and nothing anybody wrote or said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.errors import NotFound
from reports.models import SupervisionOrder, SupervisionOrderTicket
from reports.statistics import CaseLine, joined, school_of, scope, subject_of
from reports.vocabulary import OWN_KINDS
from tickets import registers
from tickets.deadlines import ledger
from tickets.deadlines.rules import met_words, remaining_words
from tickets.models import (
    Attachment,
    Category,
    Deadline,
    Extension,
    OverdueNote,
    Suspension,
    Ticket,
    TicketEvent,
)
from tickets.queries.contacts import Touch, touches
from tickets.queries.listing import first_school, overdue_now


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """One case with its full course and deadlines, and nothing anybody wrote or said."""

    line: CaseLine
    handler: str
    outcome: str
    deadlines: Sequence[tuple[Deadline, str]]
    extensions: Sequence[Extension]
    suspensions: Sequence[Suspension]
    events: Sequence[TicketEvent]
    evidence: Sequence[tuple[str, int]]
    notes: Sequence[OverdueNote]
    orders: Sequence[SupervisionOrder]
    touches: Sequence[Touch]


def case(session: Session, actor: Actor, number: str, at: datetime) -> CasePage:
    """NotFound for whom it is none of the business."""
    late = sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at))
    row = session.execute(
        joined(
            sa.select(Ticket, Section.name, Category.name, first_school(), late, Account.display_name),
        )
        .outerjoin(Account, Account.id == Ticket.handler_id)
        .where(scope(actor), Ticket.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这一件。")
    ticket, section, category, school, overdue, handler = row
    rows = session.scalars(
        sa.select(Deadline).where(Deadline.ticket_id == ticket.id).order_by(Deadline.id)
    ).all()
    calendar = registers.working_calendar(session)
    pauses = session.scalars(
        sa.select(Suspension).where(Suspension.ticket_id == ticket.id).order_by(Suspension.id)
    ).all()
    described = []
    for each in rows:
        due = ledger.due_of(each, ledger.pauses_of(pauses))
        words = (
            met_words(due, each.met_at, calendar)
            if each.met_at
            else "不再适用"
            if each.ended_at
            else remaining_words(due, at, calendar)
        )
        described.append((each, words))
    return CasePage(
        line=CaseLine(
            number=ticket.number,
            subject=subject_of(ticket, category),
            school=school_of(ticket, school),
            section=section,
            status=ticket.status,
            channel=ticket.channel.label,
            recorded_at=ticket.recorded_at,
            overdue=bool(overdue),
        ),
        handler=handler or "未指定",
        outcome=ticket.outcome.label if ticket.outcome else "",
        deadlines=described,
        extensions=session.scalars(
            sa.select(Extension)
            .where(Extension.deadline_id.in_([each.id for each in rows]))
            .order_by(Extension.id)
        ).all(),
        suspensions=pauses,
        events=session.scalars(
            sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.position)
        ).all(),
        evidence=_evidence(session, ticket),
        notes=session.scalars(
            sa.select(OverdueNote).where(OverdueNote.ticket_id == ticket.id).order_by(OverdueNote.id)
        ).all(),
        orders=[
            order
            for order in session.scalars(
                sa.select(SupervisionOrder)
                .join(SupervisionOrderTicket, SupervisionOrderTicket.order_id == SupervisionOrder.id)
                .where(SupervisionOrderTicket.ticket_id == ticket.id)
                .order_by(SupervisionOrder.id)
            )
            if not (actor.has(Role.SUPERVISOR) and order.kind in OWN_KINDS)
        ],
        touches=touches(session, ticket),
    )


def _evidence(session: Session, ticket: Ticket) -> list[tuple[str, int]]:
    """佐证材料 by type and number only: a list of signatures of parents would tell who complained."""
    rows = session.execute(
        sa.select(Attachment.content_type, sa.func.count())
        .where(Attachment.ticket_id == ticket.id)
        .group_by(Attachment.content_type)
        .order_by(Attachment.content_type)
    )
    return [(_type_words(content_type), count) for content_type, count in rows]


def _type_words(content_type: str) -> str:
    main = content_type.partition("/")[0]
    return {"image": "图片", "audio": "录音", "video": "录像", "text": "文本"}.get(main, "文件")
