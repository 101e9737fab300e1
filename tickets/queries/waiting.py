"""Decisions that wait for somebody: since when, for whom, and whether those people have been here since."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, LoginSession
from accounts.vocabulary import Role
from tickets.handling import loading
from tickets.loading import SOURCE
from tickets.models import Complainant, Ticket, TicketEvent
from tickets.past import DECLINED
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Action, Status

_DECIDED = (Action.EXTEND, Action.UPHOLD, Action.WITHDRAW, Action.VOID)
Seen = Mapping[int, datetime | None]


def questions(session: Session, condition: sa.ColumnElement[bool]) -> dict[int, TicketEvent]:
    """By ticket, what one person has put and another has to decide; an act of several people before the report of a case."""
    later = aliased(TicketEvent)
    newest = ~sa.exists().where(
        later.ticket_id == TicketEvent.ticket_id,
        later.action == TicketEvent.action,
        later.position > TicketEvent.position,
    )
    reported = sa.and_(TicketEvent.action == Action.REPORT_DONE, Ticket.status == Status.PENDING_REVIEW)
    rows = session.scalars(
        sa.select(TicketEvent)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(condition, sa.or_(TicketEvent.action.in_(_DECIDED), reported), newest)
        .order_by(TicketEvent.action == Action.REPORT_DONE, TicketEvent.id)
    )
    found: dict[int, TicketEvent] = {}
    for row in rows:
        data = json.loads(row.data)
        begun = not data.get("finished") and data.get("step") not in {None, "", DECLINED}
        if begun or row.action is Action.REPORT_DONE:
            found.setdefault(row.ticket_id, row)
    return found


def all_questions(session: Session) -> dict[Ticket, TicketEvent]:
    """Those of every open ticket; history that was brought in from elsewhere asks nobody."""
    found = questions(session, sa.and_(Ticket.status.in_(OPEN_STATUSES), Ticket.source != SOURCE))
    tickets = session.scalars(sa.select(Ticket).where(Ticket.id.in_(found)).order_by(Ticket.id))
    return {ticket: found[ticket.id] for ticket in tickets}


def heads(session: Session) -> dict[int, Seen]:
    """Who heads which section today, by id, and when each was last here."""
    seen = (
        sa.select(sa.func.max(LoginSession.seen_at))
        .where(LoginSession.account_id == AccountSection.account_id)
        .correlate(AccountSection)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(AccountSection.section_id, AccountSection.account_id, seen.label("seen"))
        .join(AccountRole, AccountRole.account_id == AccountSection.account_id)
        .join(Account, Account.id == AccountSection.account_id)
        .where(AccountRole.role == Role.HEAD, Account.disabled_at.is_(None))
    ).all()
    found: dict[int, dict[int, datetime | None]] = defaultdict(dict)
    for row in rows:
        found[row.section_id][row.account_id] = row.seen
    return dict(found)


def untold(session: Session, actor: Actor) -> list[tuple[str, int]]:
    """Whoever stands behind a merged ticket is answered as well: main tickets of this person with those who were not."""
    if not actor.has(Role.HANDLER, Role.HEAD):
        return []
    main = aliased(Ticket)
    reachable = sa.exists().where(
        Complainant.ticket_id == Ticket.id,
        sa.or_(
            Complainant.phone_sealed.is_not(None),
            Complainant.email_sealed.is_not(None),
            Complainant.address_sealed.is_not(None),
        ),
    )
    rows = session.execute(
        sa.select(main.number, sa.func.count())
        .select_from(Ticket)
        .join(main, main.id == Ticket.merged_into_id)
        .where(
            Ticket.status == Status.MERGED,
            Ticket.answered_at.is_(None),
            main.status.in_(loading.ANSWERABLE),
            sa.or_(main.handler_id == actor.id, main.handler_id.is_(None)),
            visible_to(actor),
            reachable,
        )
        .group_by(main.number)
        .order_by(main.number)
    )
    return [(row[0], row[1]) for row in rows]
