"""A year was announced: every running deadline is worked out again, and each ticket's history says from which day to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM
from core.db import db, end_read, transaction
from tickets import history, registers
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.rules import Due, original, recomputed
from tickets.handling import loading
from tickets.models import Deadline, Ticket
from tickets.office_hours import office_hours
from tickets.vocabulary import Action


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A ticket of which a deadline has moved: the kind's word, from which day, to which."""

    number: str
    section_id: int
    handler_id: int | None
    days: tuple[tuple[str, date, date], ...] = field(default=())


def recompute_all() -> list[Moved]:
    """Brings all running deadlines to the calendar as it is now, a ticket a transaction: stopped anywhere, it goes on later."""
    moved: list[Moved] = []
    for number in _behind(db.session()):
        with transaction() as session:
            found = _recompute(session, number)
        if found is not None:
            moved.append(found)
    with transaction() as session:
        _recompute_without_ticket(session)
    end_read()
    return moved


def _behind(session: Session) -> Sequence[str]:
    """The tickets with a running deadline that was worked out by an older calendar."""
    version = registers.working_calendar(session).version
    return session.scalars(
        sa.select(Ticket.number)
        .where(
            Ticket.id.in_(
                sa.select(Deadline.ticket_id).where(
                    _RUNNING, Deadline.calendar_version < version, Deadline.ticket_id.is_not(None)
                )
            )
        )
        .order_by(Ticket.id)
    ).all()


_RUNNING = sa.and_(Deadline.met_at.is_(None), Deadline.ended_at.is_(None))


def _recompute(session: Session, number: str) -> Moved | None:
    ticket = loading.lock(session, [number])[number]
    calendar = registers.working_calendar(session)
    pauses = ledger.pauses_of(loading.suspensions_of(session, ticket))
    changed: dict[str, list[str]] = {}
    certain = False
    days: list[tuple[str, date, date]] = []
    for row in ledger.running(session, ticket):
        if row.calendar_version >= calendar.version:
            continue
        estimated = row.provisional
        before, after = _move(row, ledger.due_of(row, pauses), calendar)
        certain = certain or estimated is not row.provisional
        if before != after:
            changed[f"{row.kind.value}/{row.round}"] = [before.isoformat(), after.isoformat()]
            days.append((row.kind.label, before, after))
    if not (changed or certain):
        return None
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.RECOMPUTE,
        actor=SYSTEM,
        from_status=ticket.status,
        reason=f"放假安排公布，时限自动重算{'' if changed else '，日期不变'}",
        moved=changed,
        calendar=calendar.version,
        **ledger.for_history(session, ticket),
    )
    if not days:
        return None
    return Moved(number=number, section_id=ticket.section_id, handler_id=ticket.handler_id, days=tuple(days))


def _recompute_without_ticket(session: Session) -> None:
    """Mails that wait to be looked at have deadlines, but no history."""
    calendar = registers.working_calendar(session)
    rows = session.scalars(
        sa.select(Deadline)
        .where(_RUNNING, Deadline.ticket_id.is_(None), Deadline.calendar_version < calendar.version)
        .with_for_update()
    )
    for row in rows:
        _move(row, ledger.due_of(row), calendar)


def _move(row: Deadline, due: Due, calendar: WorkingCalendar) -> tuple[date, date]:
    estimated = row.provisional
    worked_out = recomputed(due, calendar, office_hours())
    if (
        estimated
    ):  # what was only estimated was never promised; the day that counts as the first one is the announced
        first = original(worked_out, calendar)
        row.original_last_day, row.original_due_at = first.last_day, first.due_at
    return ledger.move(row, worked_out, calendar)
