"""Opening what is kept apart: contact data, what was really said, files, pages of secret tickets. Each leaves its mark.

Every function asks the policy itself; what it returns may be shown to this person and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from config.settings import Settings
from core import audit
from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError, NotAllowed, NotFound
from tickets import identity
from tickets.models import Attachment, Message, Reveal, Ticket
from tickets.opening_rules import Opening, OpeningReason, may_reveal, refusal_of_reveal
from tickets.policy import Permission, TicketFacts, may
from tickets.secrecy import notices
from tickets.secrecy.rules import is_head
from tickets.secrecy.words import NoticeKind

OPEN_FOR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """Until when the contact data stays open, and the how-manieth opening of the day it was."""

    until: datetime
    today: int
    allowed_a_day: int

    @property
    def over_limit(self) -> bool:
        return self.today > self.allowed_a_day


def note_page(session: Session, ticket: Ticket, actor: Actor) -> None:
    """Logs that a page of 重点保密 or 限制知悉 was opened."""
    _record(session, Opening.PAGE, ticket, actor, secrecy=ticket.secrecy.value)


def reveal(session: Session, ticket: Ticket, facts: TicketFacts, *, actor: Actor, reason: str) -> Revealed:
    """Opens the contact data for half an hour on this ticket, to this person.

    The daily limit does not stop anybody: it is written down when it is passed.
    """
    if not may_reveal(actor, facts):
        raise NotAllowed(refusal_of_reveal(actor, facts))
    why = _reason(reason)
    moment = now()
    settings: Settings = current_app.extensions["settings"]
    allowed = settings.office.security.reveal_per_day
    midnight = datetime.combine(office_day(moment), time.min, OFFICE_ZONE)
    before = session.execute(
        sa.select(sa.func.count())
        .select_from(Reveal)
        .where(Reveal.account_id == actor.id, Reveal.at >= midnight)
    ).scalar_one()
    assert actor.id is not None  # noqa: S101 - the system holds no role, so the policy has refused it
    until = moment + OPEN_FOR
    session.add(Reveal(ticket_id=ticket.id, account_id=actor.id, reason=why.label, at=moment, until=until))
    revealed = Revealed(until=until, today=before + 1, allowed_a_day=allowed)
    if revealed.today == allowed + 1:
        _tell_of_many(session, ticket, facts, actor, allowed)
    _record(
        session,
        Opening.CONTACT,
        ticket,
        actor,
        reason=why.label,
        until=until.isoformat(),
        over_limit=revealed.over_limit,
    )
    return revealed


def _tell_of_many(session: Session, ticket: Ticket, facts: TicketFacts, actor: Actor, allowed: int) -> None:
    """The head is told, once a day and person; of a head the leader."""
    said = f"{actor.display_name}今天查看联系方式超过 {allowed} 次。"
    role = Role.LEADER if is_head(actor, facts) else Role.HEAD
    notices.tell(session, NoticeKind.MANY_REVEALS, ticket, said, roles=[role])


def verbatim(
    session: Session,
    ticket: Ticket,
    facts: TicketFacts,
    *,
    actor: Actor,
    reason: str,
    message_id: str | None = None,
) -> dict[str, str]:
    """What was really said or written, by field: of the ticket, or of one of its messages."""
    if not may(actor, Permission.READ_VERBATIM, facts):
        raise NotAllowed("原话只有本件的经办人和股室负责人能看。")
    why = _reason(reason)
    if message_id is not None:
        message = session.get(Message, message_id)
        if message is None or message.ticket_id != ticket.id:
            raise NotFound("没有这条往来记录。")
    _record(session, Opening.VERBATIM, ticket, actor, reason=why.label, message=message_id or "")
    return identity.open_verbatim(session, ticket, message_id=message_id)


def attachment(
    session: Session, ticket: Ticket, facts: TicketFacts, attachment_id: str, *, actor: Actor
) -> Attachment:
    """A file of the ticket, to be sent to this person; opening it is logged and needs no reason."""
    if not may(actor, Permission.OPEN_ATTACHMENT, facts):
        raise NotAllowed("附件只有本件的经办人、股室负责人和分管领导能打开。")
    file = session.get(Attachment, attachment_id)
    if file is None or file.ticket_id != ticket.id:
        raise NotFound("没有这个附件。")
    _record(session, Opening.ATTACHMENT, ticket, actor, label=file.label)
    return file


def _reason(value: str) -> OpeningReason:
    for reason in OpeningReason:
        if reason.value == value:
            return reason
    raise DomainError("请选一个查看的理由。")


def _record(session: Session, opening: Opening, ticket: Ticket, actor: Actor, **data: Any) -> None:
    audit.record(session, opening.value, actor=actor.username, object_ref=ticket.ref, **data)
