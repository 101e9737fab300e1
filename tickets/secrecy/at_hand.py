"""A ticket locked for one of the acts that guard its complainant, and the line of history each of them leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from tickets import history
from tickets.action_rules import Step
from tickets.deadlines import ledger
from tickets.handling import filling, loading
from tickets.handling.filling import Filled
from tickets.models import Ticket
from tickets.policy import Permission, TicketFacts, held, may
from tickets.search.index import put_into_index
from tickets.vocabulary import Action


def ticket_for(
    session: Session, number: str, actor: Actor, step: Step, refusal: str
) -> tuple[Ticket, TicketFacts]:
    """The ticket, locked; NotFound for whom it does not exist, NotAllowed with the sentence for whom the step is not.

    Delegation counts for nothing here: whoever stands in for a head is told by name.
    """
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None:
        raise NotFound("没有这一件，或者它不归您查看。")
    facts = loading.facts_of(session, ticket)
    if not may(actor, Permission.VIEW, facts):
        raise NotFound("没有这一件，或者它不归您查看。")
    if held(actor, facts).isdisjoint(step.who):
        raise NotAllowed(refusal)
    return ticket, facts


def fill(session: Session, ticket: Ticket, step: Step, fields: Mapping[str, str]) -> Filled:
    """What was typed, checked and masked."""
    return filling.fill(session, ticket, step, fields, position=history.next_position(session, ticket))


def check_past(filled: Filled, name: str = "at") -> None:
    if filled.moment(name) > now():
        raise DomainError("时间不能晚于现在。")


def note(session: Session, ticket: Ticket, action: Action, actor: Actor, said: str, **data: Any) -> None:
    """Writes the act into the ticket's history, and with it into the audit chain."""
    flag_modified(ticket, "status")  # a new version, also where no column changed
    session.flush()
    history.add_event(
        session,
        ticket,
        action,
        actor=actor,
        from_status=ticket.status,
        reason=said,
        **ledger.for_history(session, ticket),
        **data,
    )
    put_into_index(session, ticket)
