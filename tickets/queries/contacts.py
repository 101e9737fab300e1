"""The people behind a ticket as far as nothing need be opened, and who has opened something of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account
from accounts.vocabulary import Role
from core.audit import AuditEntry
from tickets.models import Complainant, Ticket
from tickets.opening_rules import Opening
from tickets.policy import Relation, TicketFacts, held
from tickets.vocabulary import Anonymity, Status

_TOUCHES_SHOWN = 60
_EXPORTED = "tickets.exported"
_WORDS = {opening.value: opening.label for opening in Opening}


@dataclass(frozen=True, kw_only=True)
class ComplainantLine:
    """A complainant without identity: what he wants, and whether he can be reached."""

    anonymity: Anonymity
    wants_callback: bool
    has_name: bool
    has_phone: bool
    has_email: bool
    has_address: bool
    has_note: bool


@dataclass(frozen=True, kw_only=True)
class Touch:
    """Somebody opened something of the ticket."""

    at: datetime
    who: str
    what: str
    about: str


def complainants(session: Session, ticket: Ticket) -> list[ComplainantLine]:
    """What is known of the people behind a ticket without opening anything."""
    there = [
        getattr(Complainant, f"{field}_sealed").is_not(None).label(field)
        for field in ("name", "phone", "email", "address", "contact_note")
    ]
    rows = session.execute(
        sa.select(Complainant.anonymity, Complainant.wants_callback, *there)
        .where(Complainant.ticket_id == ticket.id)
        .order_by(Complainant.position)
    ).all()
    return [
        ComplainantLine(
            anonymity=row.anonymity,
            wants_callback=row.wants_callback,
            has_name=row.name,
            has_phone=row.phone,
            has_email=row.email,
            has_address=row.address,
            has_note=row.contact_note,
        )
        for row in rows
    ]


def merged_into(session: Session, ticket: Ticket) -> list[tuple[str, datetime | None]]:
    """What was merged into a ticket, and when the people behind each were answered."""
    rows = session.execute(
        sa.select(Ticket.number, Ticket.answered_at)
        .where(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED)
        .order_by(Ticket.id)
    )
    return [(row.number, row.answered_at) for row in rows]


def may_see_touches(actor: Actor, facts: TicketFacts) -> bool:
    """The heads and leaders it belongs to, and whoever handles it."""
    deciding = {(Role.HEAD, Relation.RESPONSIBLE), (Role.LEADER, Relation.RESPONSIBLE)}
    return any(pair in deciding or pair[1] is Relation.HANDLER for pair in held(actor, facts))


def touches(session: Session, ticket: Ticket) -> list[Touch]:
    """The openings of a ticket, the latest first, as the audit log has them."""
    return _touches(session, _about(ticket), at_most=_TOUCHES_SHOWN)


def touches_since(session: Session, ticket: Ticket, since: datetime) -> list[Touch]:
    """All openings since a moment, and every export of all tickets, which had this one in it."""
    about = sa.or_(_about(ticket), AuditEntry.action == _EXPORTED)
    return _touches(session, sa.and_(about, AuditEntry.recorded_at >= since))


def _about(ticket: Ticket) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEntry.object_ref == ticket.ref, AuditEntry.action.in_(_WORDS))


def _touches(session: Session, which: sa.ColumnElement[bool], *, at_most: int | None = None) -> list[Touch]:
    rows = session.execute(
        sa.select(
            AuditEntry.recorded_at, AuditEntry.action, AuditEntry.data, AuditEntry.actor, Account.display_name
        )
        .outerjoin(Account, Account.username == AuditEntry.actor)
        .where(which)
        .order_by(AuditEntry.seq.desc())
        .limit(at_most)
    ).all()
    found = []
    for row in rows:
        data = json.loads(row.data)
        found.append(
            Touch(
                at=row.recorded_at,
                who=row.display_name or row.actor,
                what=_WORDS.get(row.action, "导出全部诉求件（不含身份）"),
                about=str(data.get("reason") or data.get("label") or ""),
            )
        )
    return found
