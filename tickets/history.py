"""A ticket's history: each event once, its digest in the audit chain, so that neither can be changed alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now
from core.db import insert_later
from tickets.models import Ticket, TicketEvent
from tickets.vocabulary import Action, Status


def add_event(
    session: Session,
    ticket: Ticket,
    action: Action,
    *,
    actor: Actor,
    from_status: Status | None,
    reason: str = "",
    occurred_at: datetime | None = None,
    recorder: Actor | None = None,
    **data: Any,
) -> TicketEvent:
    """Writes the next line of a ticket's history; the ticket must have its id and its new status already.

    `reason` is a working text: nobody's name or number belongs in it.
    `recorder` enters what `actor` has decided on paper: the audit chain names the one at the keyboard.
    """
    moment = now()
    event = TicketEvent(
        ticket_id=ticket.id,
        position=next_position(session, ticket),
        occurred_at=occurred_at or moment,
        recorded_at=moment,
        actor_id=actor.id,
        actor=actor.display_name,
        action=action,
        from_status=from_status,
        to_status=ticket.status,
        reason=reason,
        data=_as_text(data),
    )
    session.add(event)
    session.flush()
    _record(session, ticket, action, recorder or actor, position=event.position, digest=digest_of(event))
    return event


def add_first_event(
    session: Session, ticket: Ticket, action: Action, *, actor: Actor, occurred_at: datetime, **data: Any
) -> None:
    """Writes the line a ticket's history begins with, as `add_event` writes the others."""
    line = {
        "ticket_id": ticket.id,
        "position": 1,
        "occurred_at": occurred_at,
        "recorded_at": now(),
        "actor_id": actor.id,
        "actor": actor.display_name,
        "action": action,
        "from_status": None,
        "to_status": ticket.status,
        "reason": "",
        "data": _as_text(data),
    }
    insert_later(session, TicketEvent, **line)
    _record(session, ticket, action, actor, position=1, digest=digest_of(line))


def next_position(session: Session, ticket: Ticket) -> int:
    """The place the next line of a ticket's history will have."""
    last = session.execute(
        sa.select(sa.func.max(TicketEvent.position)).where(TicketEvent.ticket_id == ticket.id)
    ).scalar_one()
    return (last or 0) + 1


def digest_of(event: TicketEvent | Mapping[str, Any]) -> str:
    """The fingerprint of an event's row, as the audit chain keeps it."""
    fields = (
        "ticket_id",
        "position",
        "occurred_at",
        "recorded_at",
        "actor_id",
        "actor",
        "action",
        "from_status",
        "to_status",
        "reason",
        "data",
    )
    row = event if isinstance(event, Mapping) else {name: getattr(event, name) for name in fields}
    return audit.digest({name: _plain(row[name]) for name in fields})


def _as_text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)


def _record(session: Session, ticket: Ticket, action: Action, actor: Actor, **what: Any) -> None:
    audit.record(session, f"ticket.{action.value}", actor=actor.username, object_ref=ticket.ref, **what)


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
