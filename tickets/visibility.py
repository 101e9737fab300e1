"""Which tickets a person may see, as a condition for lists and counts: the rule of `tickets.policy` in the database's words."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from accounts.actor import Actor
from accounts.vocabulary import Role
from tickets.models import InformedSection, Ticket
from tickets.policy import STAFF
from tickets.vocabulary import Secrecy


@lru_cache(maxsize=200)
def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The tickets a person may see, as a condition on Ticket: the same rule as `may(…, VIEW, …)` for lists and counts."""
    mine = Ticket.handler_id == actor.id if actor.id is not None else sa.false()
    recorded = (
        Ticket.recorded_by_id == actor.id if actor.has(Role.CLERK) and actor.id is not None else sa.false()
    )
    if not actor.has(*STAFF):
        return sa.false()
    responsible = Ticket.section_id.in_(actor.section_ids)
    informed = sa.exists().where(
        InformedSection.ticket_id == Ticket.id, InformedSection.section_id.in_(actor.section_ids)
    )
    by_leader = responsible if actor.has(Role.LEADER) else sa.false()
    by_head = responsible if actor.has(Role.HEAD) else sa.false()
    ordinary = sa.and_(Ticket.secrecy != Secrecy.RESTRICTED, Ticket.conflict.is_(False))
    restricted = sa.and_(Ticket.secrecy == Secrecy.RESTRICTED, Ticket.conflict.is_(False))
    return sa.or_(
        mine,
        sa.and_(ordinary, sa.or_(responsible, informed, recorded)),
        sa.and_(restricted, sa.or_(by_head, by_leader)),
        sa.and_(Ticket.conflict, by_leader),
    )
