"""Everything the page of one ticket shows, in a number of questions that does not grow with the ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import SYSTEM, Actor
from accounts.models import Account, Section
from core.clock import now, office_day
from core.errors import NotFound
from tickets import identity, registers
from tickets.actions import TicketState
from tickets.deadlines import ledger
from tickets.deadlines.asking import Ask, asked
from tickets.deadlines.explanation import Explanation, explain
from tickets.deadlines.explanation import Extension as ApprovedExtension
from tickets.deadlines.rules import Due, is_overdue, met_words, remaining_words
from tickets.handling import loading
from tickets.identity import Person
from tickets.models import (
    Category,
    Deadline,
    Extension,
    InformedSection,
    OverdueNote,
    Reveal,
    School,
    Suspension,
    Ticket,
    TicketCategory,
    TicketEvent,
    TicketSchool,
)
from tickets.office_hours import office_hours
from tickets.opening_rules import may_reveal
from tickets.past import past_of
from tickets.policy import Permission, TicketFacts, may
from tickets.queries.contacts import (
    ComplainantLine,
    Touch,
    complainants,
    may_see_touches,
    merged_into,
    touches,
)
from tickets.queries.correspondence import MessageLine, messages
from tickets.queries.overdue import given_by, may_explain, newest_note, reason_words
from tickets.standing import LEGAL_KINDS, Clocked, Standing, badge_level, standing
from tickets.vocabulary import Status

_ABSENT = "没有这个编号的诉求件，或它不归您的股室。"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A ticket this person may see, with what the policy needs and the names around it."""

    ticket: Ticket
    facts: TicketFacts
    section: Section
    handler: str
    recorder: str
    merged_into: str
    main_status: Status | None
    categories: Sequence[tuple[str, bool, str]]  # name, main, who set it
    schools: Sequence[tuple[str, bool]]  # name, confirmed
    informed: Sequence[str]
    open_until: datetime | None  # until when this person has the contact data open
    merged_here: int
    was_paused: bool
    note: OverdueNote | None  # why it is late, as it was written down last


def seen_by(session: Session, actor: Actor, number: str) -> Seen:
    """The ticket of that number; NotFound for another section's, so that nobody learns which exist."""
    found = by_number(session, number, actor=actor)
    if found is None or not may(actor, Permission.VIEW, found.facts):
        raise NotFound(_ABSENT)
    return found


def by_number(session: Session, number: str, *, actor: Actor = SYSTEM) -> Seen | None:
    """The ticket of that number, whoever asks: for commands, and for those who ask the policy themselves."""
    row = session.execute(
        _with_names(), {"number": number, "actor_id": actor.id, "moment": now()}
    ).one_or_none()
    if row is None:
        return None
    (
        ticket,
        section,
        handler_name,
        recorder_name,
        merged_into,
        main_status,
        open_until,
        merged_here,
        paused,
        note,
    ) = row
    beside = _beside(session, ticket.id)
    return Seen(
        ticket=ticket,
        facts=TicketFacts(
            section_id=ticket.section_id,
            informed_ids=frozenset(each.id for each in beside["section"]),
            handler_id=ticket.handler_id,
            recorded_by_id=ticket.recorded_by_id,
            secrecy=ticket.secrecy,
            conflict=ticket.conflict,
            to_call_back=ticket.status is Status.PENDING_CALLBACK,
            call_back_sent_to=loading.call_back_sent_to(session, ticket),
        ),
        section=section,
        handler=handler_name or "",
        recorder=recorder_name or "",
        merged_into=merged_into or "",
        main_status=main_status,
        categories=[(each.name, bool(each.flag), each.by) for each in beside["category"]],
        schools=[(each.name, bool(each.by)) for each in beside["school"]],
        informed=[each.name for each in beside["section"]],
        open_until=open_until,
        merged_here=merged_here,
        was_paused=paused,
        note=note,
    )


@cache
def _with_names() -> sa.Select[*tuple[Any, ...]]:
    """A ticket by its number, with the names around it; put together once, because that takes longer than asking."""
    handler, recorder, main = aliased(Account), aliased(Account), aliased(Ticket)
    return (
        sa.select(
            Ticket,
            Section,
            handler.display_name,
            recorder.display_name,
            main.number,
            main.status,
            _open_until(),
            _merged_here(),
            sa.exists().where(Suspension.ticket_id == Ticket.id).correlate(Ticket),
            OverdueNote,
        )
        .join(Section, Section.id == Ticket.section_id)
        .outerjoin(handler, handler.id == Ticket.handler_id)
        .outerjoin(recorder, recorder.id == Ticket.recorded_by_id)
        .outerjoin(main, main.id == Ticket.merged_into_id)
        .outerjoin(OverdueNote, OverdueNote.id == newest_note())
        .where(Ticket.number == sa.bindparam("number"))
        .execution_options(populate_existing=True)
    )


def _open_until() -> sa.ScalarSelect[datetime]:
    return (
        sa.select(sa.func.max(Reveal.until))
        .where(
            Reveal.ticket_id == Ticket.id,
            Reveal.account_id == sa.bindparam("actor_id", type_=sa.Integer),
            Reveal.until > sa.bindparam("moment", type_=Reveal.until.type),
        )
        .correlate(Ticket)
        .scalar_subquery()
    )


def _merged_here() -> sa.ScalarSelect[int]:
    merged = aliased(Ticket)
    return (
        sa.select(sa.func.count())
        .select_from(merged)
        .where(merged.merged_into_id == Ticket.id, merged.status == Status.MERGED)
        .correlate(Ticket)
        .scalar_subquery()
    )


_NONE = sa.literal(0)
_BESIDE = sa.union_all(
    sa.select(
        sa.literal("category").label("what"),
        _NONE.label("id"),
        Category.name.label("name"),
        sa.cast(TicketCategory.main, sa.Integer).label("flag"),
        TicketCategory.set_by.label("by"),
    )
    .join(Category, Category.code == TicketCategory.category_code)
    .where(TicketCategory.ticket_id == sa.bindparam("ticket_id")),
    sa.select(sa.literal("school"), School.id, School.name, _NONE, TicketSchool.confirmed_by)
    .join(School, School.id == TicketSchool.school_id)
    .where(TicketSchool.ticket_id == sa.bindparam("ticket_id")),
    sa.select(sa.literal("section"), Section.id, Section.name, _NONE, InformedSection.reason)
    .join(Section, Section.id == InformedSection.section_id)
    .where(InformedSection.ticket_id == sa.bindparam("ticket_id")),
)


def _beside(session: Session, ticket_id: int) -> dict[str, list[Any]]:
    """Categories, schools and informed sections in one question."""
    rows = session.execute(_BESIDE, {"ticket_id": ticket_id}).all()
    found: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row.flag, row.id)):
        found[row.what].append(row)
    return found


@dataclass(frozen=True, kw_only=True)
class DeadlineLine:
    """One deadline: how it stands in words, and its story day by day."""

    label: str
    round: int
    words: str
    level: str
    running: bool
    last_day: Any
    original_last_day: Any
    moved: bool
    provisional: bool
    explanation: Explanation


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """What the page shows."""

    seen: Seen
    standing: Standing
    deadlines: Sequence[DeadlineLine]
    events: Sequence[TicketEvent]
    messages: Sequence[MessageLine]
    complainants: Sequence[ComplainantLine]
    state: TicketState
    open_until: datetime | None
    people: Sequence[Person]  # in plain text while open
    merged: Sequence[
        tuple[str, datetime | None]
    ]  # what was merged into it, and when those people were answered
    touches: Sequence[Touch] | None  # None: not for this person
    late_ask: Ask | None
    late_reason: str
    may_explain: bool
    may_reveal: bool
    may_read_verbatim: bool
    may_open_attachments: bool


def page(session: Session, actor: Actor, seen: Seen, at: datetime) -> TicketPage:
    """Everything for the page of a ticket that was seen."""
    ticket = seen.ticket
    rows = _deadline_rows(session, ticket)
    suspensions = _suspensions(session, seen)
    pauses = ledger.pauses_of(suspensions)
    dues = [(row, ledger.due_of(row, pauses), extensions) for row, extensions in rows]
    calendar = registers.working_calendar(session)
    resting = [pause.until_day for pause in suspensions if pause.ended_at is None]
    running = [due for row, due, _ in dues if row.met_at is None and row.ended_at is None]
    open_until = seen.open_until if may_reveal(actor, seen.facts) else None
    events = session.scalars(
        sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.position)
    ).all()
    people = complainants(session, ticket)
    return TicketPage(
        seen=seen,
        standing=standing(
            ticket.status,
            [Clocked(due=due, met_at=row.met_at, ended_at=row.ended_at) for row, due, _ in dues],
            at,
            calendar,
            handler=seen.handler,
            paused_until=resting[-1] if resting else None,
            merged_into=seen.merged_into,
        ),
        deadlines=[_deadline_line(row, due, extensions, at, calendar) for row, due, extensions in dues],
        events=events,
        messages=messages(session, ticket),
        complainants=people,
        state=_state(seen, [row for row, _ in rows], suspensions, events, people),
        open_until=open_until,
        people=identity.open_complainants(session, ticket) if open_until else (),
        merged=merged_into(session, ticket) if seen.merged_here else (),
        touches=touches(session, ticket) if may_see_touches(actor, seen.facts) else None,
        late_ask=asked(running, given_by(seen.note), at, calendar),
        late_reason=reason_words(seen.note),
        may_explain=any(is_overdue(due, at) for due in running) and may_explain(actor, ticket.section_id),
        may_reveal=may_reveal(actor, seen.facts),
        may_read_verbatim=may(actor, Permission.READ_VERBATIM, seen.facts),
        may_open_attachments=may(actor, Permission.OPEN_ATTACHMENT, seen.facts),
    )


def _deadline_rows(session: Session, ticket: Ticket) -> list[tuple[Deadline, list[ApprovedExtension]]]:
    """The deadlines, each with the extensions that are in it."""
    rows = session.execute(
        sa.select(Deadline, Extension)
        .outerjoin(Extension, Extension.deadline_id == Deadline.id)
        .where(Deadline.ticket_id == ticket.id)
        .order_by(Deadline.id, Extension.id)
    ).all()
    found: dict[int, tuple[Deadline, list[ApprovedExtension]]] = {}
    for deadline, extension in rows:
        _, extensions = found.setdefault(deadline.id, (deadline, []))
        if extension is not None:
            extensions.append(
                ApprovedExtension(
                    days=extension.days,
                    approver=extension.approved_by,
                    approved_on=office_day(extension.approved_at),
                )
            )
    return list(found.values())


def _suspensions(session: Session, seen: Seen) -> Sequence[Suspension]:
    if not seen.was_paused:
        return []
    return session.scalars(
        sa.select(Suspension).where(Suspension.ticket_id == seen.ticket.id).order_by(Suspension.id)
    ).all()


def _state(
    seen: Seen,
    deadlines: Sequence[Deadline],
    suspensions: Sequence[Suspension],
    events: Sequence[TicketEvent],
    complainants: Sequence[ComplainantLine],
) -> TicketState:
    """What the rules of the acts need, from what was read for the page anyway."""
    ticket = seen.ticket
    running = [row for row in deadlines if row.met_at is None and row.ended_at is None]
    past = past_of(loading.past_event(event) for event in events)
    reachable = any(each.has_phone or each.has_email or each.has_address for each in complainants)
    return TicketState(
        status=ticket.status,
        facts=seen.facts,
        past=past,
        alarm=ticket.alarm,
        reachable=reachable,
        open_orders=len(past.open_orders),
        suspensions=len(suspensions),
        suspended_days=loading.suspended_days(suspensions),
        merged_here=seen.merged_here,
        running=frozenset(row.kind for row in running if row.owner_ref == ticket.ref),
        answered=ticket.answered_at is not None,
        answer_due=reachable and loading.answer_due(ticket, seen.main_status),
    )


def _deadline_line(
    row: Deadline, due: Due, extensions: Sequence[ApprovedExtension], at: datetime, calendar: Any
) -> DeadlineLine:
    running = row.met_at is None and row.ended_at is None
    if row.met_at is not None:
        words = met_words(due, row.met_at, calendar)
        badge = "met" if not is_overdue(due, row.met_at) else "soon"
    elif row.ended_at is not None:
        words, badge = "不再计时", "paused"
    else:
        words, badge = remaining_words(due, at, calendar), badge_level(due, at, calendar)
    return DeadlineLine(
        label=row.kind.label if row.kind in LEGAL_KINDS else f"{row.kind.label}时限",
        round=row.round,
        words=words,
        level=badge,
        running=running,
        last_day=row.last_day,
        original_last_day=row.original_last_day,
        moved=row.original_last_day != row.last_day,
        provisional=row.provisional,
        explanation=explain(
            due, calendar, office_hours(), at=row.met_at or row.ended_at or at, extensions=extensions
        ),
    )
