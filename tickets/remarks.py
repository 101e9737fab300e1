"""便签: what colleagues tell each other about a ticket. It decides nothing, and leaves the house in no paper and no export."""

from __future__ import annotations

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit, vault
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.text import clean_text
from tickets import messages
from tickets.action_rules import ANYONE
from tickets.handling import loading
from tickets.messages import NewMessage
from tickets.policy import Permission, TicketFacts, held, may
from tickets.vocabulary import Channel, Direction

LONGEST = 1_000


def may_add(actor: Actor, facts: TicketFacts) -> bool:
    """Whoever works on the ticket or in its section, or leads it."""
    return not held(actor, facts).isdisjoint(ANYONE)


def add(session: Session, number: str, *, actor: Actor, text: str) -> bool:
    """Adds a note; whether a name or a number stood in it, which everybody else now sees hidden.

    It is no step of the ticket: nobody's open page becomes stale by it.
    """
    ticket = loading.lock(session, [number]).get(number)
    facts = loading.facts_of(session, ticket) if ticket else None
    if ticket is None or facts is None or not may(actor, Permission.VIEW, facts):
        raise NotFound("没有这一件，或者它不归您查看。")
    if not may_add(actor, facts):
        raise NotAllowed("便签由本股室的工作人员和分管领导写。")
    text = clean_text(text).strip()
    if not text:
        raise DomainError("便签还没有写字。")
    if len(text) > LONGEST:
        raise DomainError(f"便签最多 {LONGEST} 字。")
    masker = messages.open_masker(session, ticket)
    hidden = masker.mask(text).text != text
    messages.add_message(
        session,
        ticket,
        vault.data_key(session, ticket.data_key_id),
        masker,
        NewMessage(subject="", text=text, sender=actor.display_name),
        occurred_at=now(),
        direction=Direction.REMARK,
        channel=Channel.OTHER,
        author=actor.display_name,
    )
    session.flush()
    audit.record(session, "ticket.remark", actor=actor.username, object_ref=ticket.ref)
    return hidden
