"""Tickets as records for other programs: no identity, times in UTC, words of the code instead of the screen's."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Section
from tickets import registers
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.days import day_list
from tickets.deadlines.rules import DeadlineKind, is_overdue, level, overdue_days
from tickets.late import group_of
from tickets.models import (
    Deadline,
    InformedSection,
    School,
    Suspension,
    Ticket,
    TicketCategory,
    TicketEvent,
    TicketSchool,
)

Record = dict[str, Any]
_CHUNK = 500


def records(session: Session, at: datetime) -> Iterator[Record]:
    """All tickets, oldest first, a few hundred at a time."""
    calendar = registers.working_calendar(session)
    last = 0
    while True:
        tickets = session.scalars(
            sa.select(Ticket).where(Ticket.id > last).order_by(Ticket.id).limit(_CHUNK)
        ).all()
        if not tickets:
            return
        yield from _records(session, tickets, at, calendar)
        last = tickets[-1].id
        session.expunge_all()


def record(session: Session, number: str, at: datetime) -> Record | None:
    """One ticket with its texts, its deadlines day by day and its history; None if there is no such number."""
    ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one_or_none()
    if ticket is None:
        return None
    calendar = registers.working_calendar(session)
    found = next(iter(_records(session, [ticket], at, calendar)))
    found["text"] = {
        "matter": ticket.matter,
        "request": ticket.request,
        "school": ticket.school_text,
        "grade": ticket.grade_text,
    }
    found["deadlines"] = _deadlines(session, ticket, at, calendar)
    events = session.scalars(
        sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.position)
    )
    found["history"] = [_event(event) for event in events]
    return found


def _records(
    session: Session, tickets: Sequence[Ticket], at: datetime, calendar: WorkingCalendar
) -> Iterator[Record]:
    ids = [ticket.id for ticket in tickets]
    sections = {row.id: row.slug for row in session.execute(sa.select(Section.id, Section.slug))}
    informed = _grouped(
        session,
        sa.select(InformedSection.ticket_id, Section.slug)
        .join(Section, Section.id == InformedSection.section_id)
        .where(InformedSection.ticket_id.in_(ids))
        .order_by(Section.id),
    )
    schools = _grouped(
        session,
        sa.select(TicketSchool.ticket_id, School.name)
        .join(School, School.id == TicketSchool.school_id)
        .where(TicketSchool.ticket_id.in_(ids))
        .order_by(School.id),
    )
    categories = _grouped(
        session,
        sa.select(TicketCategory.ticket_id, TicketCategory.category_code).where(
            TicketCategory.ticket_id.in_(ids), TicketCategory.main
        ),
    )
    deadlines: dict[int, list[Deadline]] = defaultdict(list)
    for row in session.scalars(sa.select(Deadline).where(Deadline.ticket_id.in_(ids)).order_by(Deadline.id)):
        if row.ticket_id is not None:
            deadlines[row.ticket_id].append(row)
    for ticket in tickets:
        rows = deadlines[ticket.id]
        resolve = [row for row in rows if row.kind is DeadlineKind.RESOLVE]
        yield {
            "number": ticket.number,
            "external_id": ticket.external_id,
            "section": sections[ticket.section_id],
            "informed": informed[ticket.id],
            "status": ticket.status.value,
            "title": ticket.title,
            "school": "、".join(schools[ticket.id]) or ticket.school_text or None,
            "category": next(iter(categories[ticket.id]), None),
            "urgency": ticket.urgency.value,
            "channel": ticket.channel.value,
            "received_at": stamp(ticket.received_at),
            "recorded_at": stamp(ticket.recorded_at),
            "accepted_at": stamp(ticket.accepted_at),
            "due_at": stamp(resolve[-1].due_at) if resolve else None,
            "answered_at": stamp(ticket.answered_at),
            "closed_at": stamp(ticket.closed_at),
            "overdue": _overdue(rows, at, calendar),
            "outcome": ticket.outcome.value if ticket.outcome else None,
        }


def _grouped(session: Session, query: sa.Select[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(query):
        ticket_id, value = row
        found[ticket_id].append(value)
    return found


def _overdue(rows: Sequence[Deadline], at: datetime, calendar: WorkingCalendar) -> dict[str, int]:
    """The kinds that are missed now, each with its days over in its own unit; 0 on the weekend after a missed Friday."""
    found: dict[str, int] = {}
    for row in rows:
        group, due = group_of(row.kind), ledger.due_of(row)
        if group is None or row.met_at is not None or row.ended_at is not None or not is_overdue(due, at):
            continue
        found[group.value] = max(found.get(group.value, 0), overdue_days(due, at, calendar))
    return found


def _deadlines(session: Session, ticket: Ticket, at: datetime, calendar: WorkingCalendar) -> list[Record]:
    pauses = ledger.pauses_of(
        session.scalars(
            sa.select(Suspension).where(Suspension.ticket_id == ticket.id).order_by(Suspension.id)
        )
    )
    rows = session.scalars(sa.select(Deadline).where(Deadline.ticket_id == ticket.id).order_by(Deadline.id))
    found = []
    for row in rows:
        due = ledger.due_of(row, pauses)
        found.append(
            {
                "kind": row.kind.value,
                "started_at": stamp(row.started_at),
                "original_due_at": stamp(row.original_due_at),
                "due_at": stamp(row.due_at),
                "met_at": stamp(row.met_at),
                "state": _state(row),
                "level": level(due, row.met_at or row.ended_at or at, calendar).value,
                "provisional": row.provisional,
                "days": [
                    {"date": day.date.isoformat(), "counts": day.counts, "why": day.why}
                    for day in day_list(due, calendar)
                ],
            }
        )
    return found


def _state(row: Deadline) -> str:
    if row.met_at is not None:
        return "met"
    if row.ended_at is not None:
        return "ended"
    return "paused" if row.paused_at is not None else "running"


def _event(event: TicketEvent) -> Record:
    return {
        "occurred_at": stamp(event.occurred_at),
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "action": event.action.value,
        "from": event.from_status.value if event.from_status else None,
        "to": event.to_status.value,
        "reason": event.reason,
        "data": json.loads(event.data),
    }


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
