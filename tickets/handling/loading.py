"""A ticket as the rules want it, read inside the transaction that is going to change it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor, actor_of
from accounts.models import Account, Delegation
from core.clock import now, office_day
from tickets.actions import TicketState
from tickets.deadlines import ledger
from tickets.models import Complainant, Deadline, InformedSection, Suspension, Ticket, TicketEvent
from tickets.past import PastEvent, past_of
from tickets.policy import TicketFacts
from tickets.vocabulary import Action, Duty, Status

ANSWERABLE = frozenset(
    {Status.PENDING_CALLBACK, Status.CLOSED}
)  # in which a main ticket's answer is approved


def lock(session: Session, numbers: Iterable[str]) -> dict[str, Ticket]:
    """Reads tickets anew and locks them, always in the same order, so that two merges cannot wait for each other."""
    rows = session.scalars(
        sa.select(Ticket)
        .where(Ticket.number.in_(set(numbers)))
        .order_by(Ticket.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.number: row for row in rows}


def facts_of(session: Session, ticket: Ticket) -> TicketFacts:
    """What the policy needs to know of a ticket."""
    informed = session.scalars(
        sa.select(InformedSection.section_id).where(InformedSection.ticket_id == ticket.id)
    )
    return TicketFacts(
        section_id=ticket.section_id,
        informed_ids=frozenset(informed),
        handler_id=ticket.handler_id,
        recorded_by_id=ticket.recorded_by_id,
        secrecy=ticket.secrecy,
        conflict=ticket.conflict,
        to_call_back=ticket.status is Status.PENDING_CALLBACK,
        call_back_sent_to=call_back_sent_to(session, ticket),
    )


def call_back_sent_to(session: Session, ticket: Ticket) -> frozenset[int | None]:
    """To whom the call-back was sent at this stage: they need the number that is to be dialled."""
    if ticket.status is not Status.PENDING_CALLBACK:
        return frozenset()
    later = aliased(TicketEvent)
    stage_changed = sa.exists().where(
        later.ticket_id == TicketEvent.ticket_id,
        later.position > TicketEvent.position,
        later.from_status != later.to_status,
    )
    rows = session.scalars(
        sa.select(TicketEvent.data).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.action == Action.SEND_ON, ~stage_changed
        )
    )
    sent = [json.loads(row) for row in rows]
    return frozenset(each["section_id"] for each in sent if each["duty"] == Duty.CALL_BACK.value)


def events_of(session: Session, ticket: Ticket) -> list[PastEvent]:
    """A ticket's history, oldest first."""
    rows = session.scalars(
        sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.position)
    )
    return [past_event(row) for row in rows]


def past_event(row: TicketEvent) -> PastEvent:
    return PastEvent(
        action=row.action,
        actor_id=row.actor_id,
        from_status=row.from_status,
        to_status=row.to_status,
        occurred_at=row.occurred_at,
        data=json.loads(row.data),
    )


def state_of(session: Session, ticket: Ticket) -> TicketState:
    """Everything the rules ask about a ticket, as it stands now."""
    deadlines = deadlines_of(session, ticket)
    suspensions = suspensions_of(session, ticket)
    ways = ways_to_reach(session, ticket)
    running = [row for row in deadlines if row.met_at is None and row.ended_at is None]
    past = past_of(events_of(session, ticket))
    return TicketState(
        status=ticket.status,
        facts=facts_of(session, ticket),
        past=past,
        alarm=ticket.alarm,
        reachable=ways.any,
        open_orders=len(past.open_orders),
        suspensions=len(suspensions),
        suspended_days=suspended_days(suspensions),
        merged_here=session.execute(
            sa.select(sa.func.count())
            .select_from(Ticket)
            .where(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED)
        ).scalar_one(),
        running=frozenset(row.kind for row in running if row.owner_ref == ticket.ref),
        answered=ticket.answered_at is not None,
        answer_due=ways.any and answer_due(ticket, _main_status(session, ticket)),
    )


def answer_due(ticket: Ticket, main: Status | None) -> bool:
    """Whether the people of a merged ticket are still to be told what was approved for the main one."""
    return ticket.status is Status.MERGED and ticket.answered_at is None and main in ANSWERABLE


def _main_status(session: Session, ticket: Ticket) -> Status | None:
    if ticket.status is not Status.MERGED:
        return None
    return session.execute(sa.select(Ticket.status).where(Ticket.id == ticket.merged_into_id)).scalar_one()


def deadlines_of(session: Session, ticket: Ticket) -> Sequence[Deadline]:
    return session.scalars(
        sa.select(Deadline).where(Deadline.ticket_id == ticket.id).order_by(Deadline.id)
    ).all()


def suspensions_of(session: Session, ticket: Ticket) -> Sequence[Suspension]:
    return session.scalars(
        sa.select(Suspension).where(Suspension.ticket_id == ticket.id).order_by(Suspension.id)
    ).all()


def suspended_days(suspensions: Iterable[Suspension]) -> int:
    """How many natural days the clock has stood still, or is to stand still by what was asked for."""
    return sum(max((pause.last_day - pause.first_day).days + 1, 0) for pause in ledger.pauses_of(suspensions))


class Ways:
    """How the people behind a ticket can be told something; nothing is opened for it."""

    def __init__(self, ticket: Ticket, rows: Sequence[sa.Row[bool, bool, bool, bool]]) -> None:
        self.mail = any(row[0] for row in rows)
        self.phone = any(row[1] for row in rows)
        self.post = any(row[2] for row in rows)
        self.call_back = self.phone and (ticket.wants_callback or any(row[3] for row in rows))

    @property
    def any(self) -> bool:
        return self.mail or self.phone or self.post

    @property
    def answer(self) -> bool:
        """Whether an answer can be given: a number alone does not do if its owner wants no call."""
        return self.mail or self.post or self.call_back


def ways_to_reach(session: Session, ticket: Ticket) -> Ways:
    rows = session.execute(
        sa.select(
            Complainant.email_sealed.is_not(None),
            Complainant.phone_sealed.is_not(None),
            Complainant.address_sealed.is_not(None),
            Complainant.wants_callback,
        ).where(Complainant.ticket_id == ticket.id)
    ).all()
    return Ways(ticket, rows)


def principals_of(session: Session, actor: Actor) -> tuple[Actor, ...]:
    """Whom a person stands in for today (A/B 岗)."""
    if actor.id is None:
        return ()
    today = office_day(now()).isoformat()
    rows = session.scalars(
        sa.select(Account)
        .join(Delegation, Delegation.principal_id == Account.id)
        .where(
            Delegation.deputy_id == actor.id,
            Delegation.from_day <= today,
            Delegation.until_day >= today,
            Delegation.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.id)
    ).unique()
    return tuple(actor_of(row) for row in rows)
