"""超期原因: why a case is late and when it is expected to be done, written down and renewed by its section."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now, office_day
from core.errors import DomainError, NotFound
from core.text import clean_line
from tickets import messages, released
from tickets.models import Deadline, OverdueNote, Ticket
from tickets.queries.listing import overdue_now
from tickets.queries.overdue import may_explain
from tickets.visibility import visible_to
from tickets.vocabulary import OverdueReason


def explain(
    session: Session, number: str, *, reason: OverdueReason, text: str, expected_on: date, actor: Actor
) -> OverdueNote:
    """Writes down why a case is late; what stood before stays. The words are read aloud and printed: they must not leak."""
    ticket = session.scalars(
        sa.select(Ticket).where(Ticket.number == number, visible_to(actor))
    ).one_or_none()
    if ticket is None or not may_explain(actor, ticket.section_id):
        raise NotFound("没有这一件，或者它不归您办理。")
    at = now()
    late = session.scalars(
        sa.select(Deadline.id).where(Deadline.ticket_id == ticket.id, overdue_now(at)).limit(1)
    ).first()
    if late is None:
        raise DomainError("这一件没有超期，不用填原因。")
    if expected_on < office_day(at):
        raise DomainError("预计办结日期要填今天或以后的。")
    said = clean_line(text)
    if reason is OverdueReason.OTHER and not said:
        raise DomainError("选“其他”的，请写明是什么原因。")
    if said:
        said = messages.open_masker(session, ticket).mask(said).text
        released.check(session, ticket, said)
    assert actor.id is not None  # noqa: S101 - only people may
    note = OverdueNote(
        ticket_id=ticket.id,
        reason=reason,
        text=said,
        expected_on=expected_on,
        by=actor.display_name,
        by_id=actor.id,
        at=at,
    )
    session.add(note)
    audit.record(
        session,
        "ticket.overdue_reason",
        actor=actor.username,
        object_ref=ticket.ref,
        reason=reason.value,
        expected_on=expected_on,
    )
    return note
