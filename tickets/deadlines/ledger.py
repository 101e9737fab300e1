"""Deadline rows: started, met, ended, moved. The rules work out the dates; here they are kept.

Nobody sets a date: a row changes only by an extension, by suspensions, or by a new calendar, and each leaves its mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.db import insert_later
from tickets.calendar.office_time import end_of_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Due, OfficeHours, Pause, Unit, due
from tickets.models import Deadline, Suspension, Ticket


def start(
    session: Session,
    owner_ref: str,
    rule: DeadlineRule,
    started_at: datetime,
    *,
    calendar: WorkingCalendar,
    hours: OfficeHours,
    ticket: Ticket | None = None,
) -> Deadline:
    """Starts a deadline of its owner; a kind that ran before gets its next round."""
    last_round = session.execute(
        sa.select(sa.func.max(Deadline.round)).where(
            Deadline.owner_ref == owner_ref, Deadline.kind == rule.kind
        )
    ).scalar_one()
    row = Deadline(
        owner_ref=owner_ref,
        ticket_id=ticket.id if ticket else None,
        round=(last_round or 0) + 1,
        **_values(rule, started_at, calendar, hours),
    )
    session.add(row)
    return row


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """A deadline that has just begun, with what its history keeps of it."""

    owner_ref: str
    kind: DeadlineKind
    round: int
    started_at: datetime
    last_day: date
    due_at: datetime
    original_last_day: date
    original_due_at: datetime
    provisional: bool
    paused_at: datetime | None = None
    met_at: datetime | None = None
    ended_at: datetime | None = None


_KEPT_OF_BEGUN: Final = tuple(each.name for each in fields(_Begun) if each.default is MISSING)


def start_all(
    session: Session,
    ticket: Ticket,
    rules: Iterable[DeadlineRule],
    *,
    calendar: WorkingCalendar,
    hours: OfficeHours,
) -> dict[str, Any]:
    """Starts the deadlines of a ticket that has just been made, each its first round; how they stand, for its history."""
    rows = []
    for rule in rules:
        values = _values(rule, ticket.received_at, calendar, hours)
        values |= {"owner_ref": ticket.ref, "ticket_id": ticket.id, "round": 1}
        insert_later(session, Deadline, **values)
        rows.append(_Begun(**{name: values[name] for name in _KEPT_OF_BEGUN}))
    return _for_history(ticket, rows)


def _values(
    rule: DeadlineRule, started_at: datetime, calendar: WorkingCalendar, hours: OfficeHours
) -> dict[str, Any]:
    worked_out = due(started_at, rule, calendar, hours)
    return {
        "kind": rule.kind,
        "rule_name": rule.name,
        "length": rule.length,
        "unit": rule.unit,
        "by_date": rule.by_date,
        "started_at": started_at,
        "original_last_day": worked_out.last_day,
        "original_due_at": worked_out.due_at,
        "calendar_version": calendar.version,
        **_moved(worked_out),
    }


def rule_of(row: Deadline | sa.Row[*tuple[Any, ...]]) -> DeadlineRule:
    """The rule a row was made by, whatever the settings say today."""
    return _rule(row.kind, row.length, row.unit, row.rule_name, row.by_date)


@lru_cache(maxsize=1000)
def _rule(kind: DeadlineKind, length: int, unit: Unit, name: str, by_date: date | None) -> DeadlineRule:
    """An office has a handful of rules, and a list shows them a hundred times."""
    return DeadlineRule(kind, length, unit, name=name, by_date=by_date)


# What `due_of` reads of a row.
DUE_COLUMNS: Final = (
    Deadline.kind,
    Deadline.length,
    Deadline.unit,
    Deadline.rule_name,
    Deadline.by_date,
    Deadline.started_at,
    Deadline.day_zero,
    Deadline.warn_day,
    Deadline.last_day,
    Deadline.provisional,
    Deadline.extended,
)


def due_of(row: Deadline | sa.Row[*tuple[Any, ...]], pauses: Iterable[Pause] = ()) -> Due:
    """The stored row as the rules know it: a whole one, or one of DUE_COLUMNS."""
    return Due(
        rule=rule_of(row),
        start=row.started_at,
        day_zero=row.day_zero,
        warn_day=row.warn_day,
        last_day=row.last_day,
        provisional=row.provisional,
        extended=row.extended,
        pauses=tuple(pauses),
    )


def pauses_of(suspensions: Iterable[Suspension]) -> tuple[Pause, ...]:
    """Suspensions as the rules know them: a running one lasts until the day it was asked for."""
    return tuple(
        Pause(row.started_at, row.ended_at, row.reason.label)
        if row.ended_at
        else Pause.through(row.started_at, row.until_day, row.reason.label)
        for row in suspensions
    )


def running(session: Session, ticket: Ticket, *kinds: DeadlineKind) -> Sequence[Deadline]:
    """A ticket's deadlines that are neither met nor ended; all kinds if none is named."""
    query = sa.select(Deadline).where(
        Deadline.ticket_id == ticket.id, Deadline.met_at.is_(None), Deadline.ended_at.is_(None)
    )
    if kinds:
        query = query.where(Deadline.kind.in_(kinds))
    return session.scalars(query.order_by(Deadline.id)).all()


def for_history(session: Session, ticket: Ticket) -> dict[str, Any]:
    """How a ticket's deadlines stand after an act: its history keeps it, so that no day or moment can be changed unseen."""
    return _for_history(
        ticket,
        session.scalars(sa.select(Deadline).where(Deadline.ticket_id == ticket.id).order_by(Deadline.id)),
    )


def _for_history(ticket: Ticket, rows: Iterable[Deadline | _Begun]) -> dict[str, Any]:
    found = list(rows)
    return {"due": last_days(found), "marks": marks(ticket, found)}


def last_days(rows: Iterable[Deadline | _Begun]) -> dict[str, str]:
    """The last day of each deadline, by kind and round."""
    return {f"{row.kind.value}/{row.round}": row.last_day.isoformat() for row in rows}


def marks(ticket: Ticket, rows: Iterable[Deadline | _Begun]) -> dict[str, dict[str, str]]:
    """When each deadline of a ticket began, rested and ended, and when the ticket was accepted, answered and closed."""
    found = {_place(ticket, row): _marks_of(row) for row in rows}
    moments = {
        "accepted": ticket.accepted_at,
        "answered": ticket.answered_at,
        "closed": ticket.closed_at,
        "written_off": ticket.written_off_at,
    }
    return {"ticket": _said(moments), **found}


def _place(ticket: Ticket, row: Deadline | _Begun) -> str:
    """By kind and round, as the last days; those of an order by the order too: several schools owe the same."""
    own = row.owner_ref == ticket.ref
    return f"{'' if own else f'{row.owner_ref}/'}{row.kind.value}/{row.round}"


def _marks_of(row: Deadline | _Begun) -> dict[str, str]:
    moments = {
        "started": row.started_at,
        "paused": row.paused_at,
        "met": row.met_at,
        "ended": row.ended_at,
        # Lists and levels go by the moment, people by the day: the two have to say the same.
        "due": None if row.due_at == end_of_day(row.last_day) else row.due_at,
        "first_due": None
        if row.original_due_at == end_of_day(row.original_last_day)
        else row.original_due_at,
    }
    days = {"last": row.last_day.isoformat(), "first": row.original_last_day.isoformat()}
    return {**_said(moments), **days, **({"provisional": "yes"} if row.provisional else {})}


def _said(moments: Mapping[str, datetime | None]) -> dict[str, str]:
    return {
        name: moment.astimezone(UTC).isoformat() for name, moment in moments.items() if moment is not None
    }


def move(row: Deadline, worked_out: Due, calendar: WorkingCalendar) -> tuple[date, date]:
    """Writes a newly worked out deadline into its row; the last day before and after, for the history."""
    before = row.last_day
    for name, value in _moved(worked_out).items():
        setattr(row, name, value)
    row.calendar_version = calendar.version
    return before, row.last_day


def _moved(worked_out: Due) -> dict[str, Any]:
    return {
        "day_zero": worked_out.day_zero,
        "warn_day": worked_out.warn_day,
        "last_day": worked_out.last_day,
        "due_at": worked_out.due_at,
        "extended": worked_out.extended,
        "provisional": worked_out.provisional,
    }
