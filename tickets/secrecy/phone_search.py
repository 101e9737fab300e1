"""The search by telephone number: only over tickets whose contact data this person may open anyway, and on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from core import audit
from core.errors import DomainError
from tickets import identity
from tickets.handling import loading
from tickets.models import Complainant, Ticket
from tickets.opening_rules import Opening, may_reveal
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
        sa.select(Ticket, Section.name)
        .join(Section, Section.id == Ticket.section_id)
        .where(
            sa.exists().where(Complainant.ticket_id == Ticket.id, Complainant.phone_index == index),
            visible_to(actor),
        )
        .order_by(Ticket.id.desc())
        .limit(AT_MOST)
    ).all()
    found = [(ticket, name) for ticket, name in rows if may_reveal(actor, loading.facts_of(session, ticket))]
    for ticket, _ in found:
        audit.record(
            session, Opening.FOUND.value, actor=actor.username, object_ref=ticket.ref, reason=why.label
        )
    return [
        Found(
            number=ticket.number,
            title=ticket.title,
            section=name,
            status=ticket.status,
            received_at=ticket.received_at,
        )
        for ticket, name in found
    ]
