"""The search by telephone number: only over tickets whose contact data this person may open anyway, and on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from core import audit
from core.errors import DomainError
from tickets import identity
from tickets.models import Complainant, Ticket
from tickets.opening_rules import Opening, may_reveal
from tickets.policy import TicketFacts
from tickets.secrecy.words import SearchReason
from tickets.visibility import visible_to
from tickets.vocabulary import Status

AT_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Found:
    number: str
    title: str
    section: str
    status: Status
    received_at: datetime


def search(session: Session, phone: str, reason: str, *, actor: Actor) -> list[Found]:
    """The newest tickets of a number. The log says who searched and why, never for which number; each hit is noted at its ticket.

    A ticket whose contact data the person may not open is not found, so the search tells nothing that opening would not.
    """
    why = next((each for each in SearchReason if each.value == reason), None)
    if why is None:
        raise DomainError("请选查号码的理由。")
    index = identity.phone_index(phone)
    if index is None:
        raise DomainError("请填写完整的电话号码：手机 11 位，座机带不带区号都可以。")
    audit.record(session, "secrecy.searched", actor=actor.username, reason=why.label)
    rows = session.execute(
        sa.select(
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.received_at,
            Ticket.section_id,
            Ticket.handler_id,
            Ticket.secrecy,
            Ticket.conflict,
            Section.name.label("section"),
        )
        .join(Section, Section.id == Ticket.section_id)
        .where(
            sa.exists().where(Complainant.ticket_id == Ticket.id, Complainant.phone_index == index),
            visible_to(actor),
        )
        .order_by(Ticket.id.desc())
        .limit(AT_MOST)
    ).all()
    found = [row for row in rows if may_reveal(actor, _facts(row))]
    for row in found:
        audit.record(
            session,
            Opening.FOUND.value,
            actor=actor.username,
            object_ref=f"ticket/{row.number}",
            reason=why.label,
        )
    return [
        Found(
            number=row.number,
            title=row.title,
            section=row.section,
            status=row.status,
            received_at=row.received_at,
        )
        for row in found
    ]


def _facts(row: Any) -> TicketFacts:
    """What the right to open depends on; who was informed or wrote it down never has it, so nobody is asked for that.

    No question per hit: a hit takes no longer than a miss.
    """
    return TicketFacts(
        section_id=row.section_id,
        informed_ids=frozenset(),
        handler_id=row.handler_id,
        recorded_by_id=None,
        secrecy=row.secrecy,
        conflict=row.conflict,
        to_call_back=row.status is Status.PENDING_CALLBACK,
    )
