"""Reads the tickets a bulletin is about, with their histories.

A ticket matters if something of it was recorded since the period began, if it is open, owes anything, or had an answer due in
the period. Everything is read by columns and in portions: a hundred thousand tickets cost the memory of those that matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Account, AccountRole, AccountSection, Section
from accounts.vocabulary import Role
from reports.facts import (
    CategoryFacts,
    DeadlineFacts,
    Event,
    ExtensionFacts,
    Registers,
    SchoolFacts,
    SuspensionFacts,
    TicketFacts,
)
from reports.periods import Cut
from tickets.calendar.office_time import office_day
from tickets.deadlines.rules import DeadlineKind
from tickets.loading import SOURCE as LOADED
from tickets.models import (
    Category,
    Deadline,
    Extension,
    Order,
    School,
    Suspension,
    Ticket,
    TicketCategory,
    TicketEvent,
    TicketSchool,
)
from tickets.vocabulary import OPEN_STATUSES

_PORTION = 900  # an engine takes so many values in one question


def registers(session: Session) -> Registers:
    """Sections, categories and schools."""
    parents = {row.code: row.name for row in session.execute(sa.select(Category.code, Category.name))}
    leaders: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(
        sa.select(AccountSection.section_id, Account.display_name)
        .join(Account, Account.id == AccountSection.account_id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(AccountRole.role == Role.LEADER, Account.disabled_at.is_(None))
        .order_by(Account.id)
    ):
        leaders[row.section_id].append(row.display_name)
    return Registers(
        sections={row.id: row.name for row in session.execute(sa.select(Section.id, Section.name))},
        leaders={section: "、".join(names) for section, names in leaders.items()},
        categories={
            row.code: CategoryFacts(
                code=row.code,
                name=row.name,
                parent=parents.get(row.parent_code or "", row.name),
                bans=tuple(int(ban) for ban in row.bans.split(",") if ban),
                group=row.problem_group,
                in_scope=row.in_scope,
                consultation=row.consultation,
            )
            for row in session.execute(sa.select(Category.__table__).order_by(Category.position))
        },
        schools={
            row.id: SchoolFacts(
                name=row.name, confirmed=True, urban=row.urban, private=row.private, stage=row.stage
            )
            for row in session.execute(sa.select(School.__table__))
        },
    )


def tickets_of(session: Session, cut: Cut, known: Registers) -> list[TicketFacts]:
    """Every ticket the bulletin is about, oldest first."""
    return tickets_by_id(session, _ids(session, cut), cut, known)


def tickets_by_id(session: Session, ids: Sequence[int], cut: Cut, known: Registers) -> list[TicketFacts]:
    """These tickets as a bulletin would read them."""
    found: list[TicketFacts] = []
    for portion in _portions(ids):
        found += _portion(session, portion, cut, known)
    return found


def _ids(session: Session, cut: Cut) -> list[int]:
    first, last = cut.span.first_day, office_day(cut.at)
    due_here = sa.and_(
        Deadline.kind == DeadlineKind.RESOLVE,
        sa.or_(Deadline.last_day.between(first, last), Deadline.original_last_day.between(first, last)),
    )
    running = sa.and_(Deadline.met_at.is_(None), Deadline.ended_at.is_(None))
    questions: tuple[sa.Select[Any], ...] = (
        sa.select(Ticket.id).where(
            Ticket.recorded_at < cut.before,
            sa.or_(Ticket.status.in_(OPEN_STATUSES), Ticket.recorded_at >= cut.start),
        ),
        # No DISTINCT: for its sake SQLite would walk the histories by ticket, all of them.
        sa.select(TicketEvent.ticket_id).where(TicketEvent.recorded_at >= cut.start),
        sa.select(Deadline.ticket_id).where(running),
        sa.select(Deadline.ticket_id).where(due_here),
    )
    ids = {found for question in questions for found in session.scalars(question)}
    return sorted(ids - {None})


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _PORTION):
        yield ids[start : start + _PORTION]


def _portion(session: Session, ids: Sequence[int], cut: Cut, known: Registers) -> list[TicketFacts]:
    rows = session.execute(
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.status,
            Ticket.section_id,
            Ticket.channel,
            Ticket.received_at,
            Ticket.recorded_at,
            Ticket.backfilled,
            Ticket.source,
            Ticket.secrecy,
            Ticket.needs_reading,
            Ticket.source_ref,
            Ticket.released_text,
            Ticket.released_at,
            TicketCategory.category_code,
        )
        .outerjoin(TicketCategory, sa.and_(TicketCategory.ticket_id == Ticket.id, TicketCategory.main))
        .where(Ticket.id.in_(ids), Ticket.recorded_at < cut.before)
        .order_by(Ticket.id)
    ).all()
    events = _events(session, ids)
    deadlines = _grouped(_deadlines(session, ids))
    extensions = _grouped(_extensions(session, ids, cut.before))
    suspensions = _grouped(_suspensions(session, ids, cut.before))
    schools = _grouped(_schools(session, ids, known))
    units = _units(session, ids)
    return [
        TicketFacts(
            id=row.id,
            number=row.number,
            status=row.status,
            section_id=row.section_id,
            channel=row.channel,
            received_at=row.received_at,
            recorded_at=row.recorded_at,
            backfilled=row.backfilled,
            loaded=row.source == LOADED,
            secrecy=row.secrecy,
            needs_reading=row.needs_reading,
            source_ref=row.source_ref,
            subject=_subject(row, known),
            released=bool(row.released_text and row.released_at),
            category=known.categories.get(row.category_code),
            schools=tuple(schools[row.id]),
            events=tuple(_from_registration(events[row.id], row.recorded_at)),
            deadlines=tuple(deadlines[row.id]),
            extensions=tuple(extensions[row.id]),
            suspensions=tuple(suspensions[row.id]),
            units=units[row.id],
        )
        for row in rows
    ]


def _subject(row: Any, known: Registers) -> str:
    if row.released_text and row.released_at is not None:
        return str(row.released_text)
    category = known.categories.get(row.category_code)
    return f"{category.name if category else '未分类'}（摘要待确认）"


def _from_registration(events: list[Event], recorded_at: datetime) -> list[Event]:
    """The first event was recorded when its ticket was: a moment between the two must not fall on two sides of midnight."""
    if not events:
        return []
    return [events[0]._replace(recorded_at=recorded_at), *events[1:]]


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    rows = session.execute(
        sa.select(
            TicketEvent.ticket_id,
            TicketEvent.position,
            TicketEvent.occurred_at,
            TicketEvent.recorded_at,
            TicketEvent.actor,
            TicketEvent.action,
            TicketEvent.from_status,
            TicketEvent.to_status,
            TicketEvent.data,
        )
        .where(TicketEvent.ticket_id.in_(ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.position)
    )
    for ticket_id, position, occurred, recorded, actor, action, before, after, data in rows:
        found[ticket_id].append(Event(position, occurred, recorded, actor, action, before, after, data))
    return found


def _deadlines(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, DeadlineFacts]]:
    columns = [getattr(Deadline, name) for name in DeadlineFacts._fields]
    rows = session.execute(
        sa.select(Deadline.ticket_id, *columns).where(Deadline.ticket_id.in_(ids)).order_by(Deadline.id)
    )
    for ticket_id, *values in rows:
        yield ticket_id, DeadlineFacts(*values)


def _extensions(
    session: Session, ids: Sequence[int], before: datetime
) -> Iterator[tuple[int, ExtensionFacts]]:
    rows = session.execute(
        sa.select(Deadline.ticket_id, Extension)
        .join(Deadline, Deadline.id == Extension.deadline_id)
        .where(Deadline.ticket_id.in_(ids), Extension.approved_at < before)
        .order_by(Extension.id)
    )
    for ticket_id, row in rows:
        assert ticket_id is not None  # noqa: S101 - asked for by it
        yield (
            ticket_id,
            ExtensionFacts(
                deadline_id=row.deadline_id,
                days=row.days,
                reason=row.reason,
                asked_by=row.asked_by,
                approved_by=row.approved_by,
                approved_at=row.approved_at,
                on_paper=row.on_paper,
                day_before=_last_day(row.due_before),
                day_after=_last_day(row.due_after),
            ),
        )


def _suspensions(
    session: Session, ids: Sequence[int], before: datetime
) -> Iterator[tuple[int, SuspensionFacts]]:
    rows = session.execute(
        sa.select(
            Suspension.ticket_id,
            Suspension.reason,
            Suspension.started_at,
            Suspension.until_day,
            Suspension.ended_at,
        )
        .where(Suspension.ticket_id.in_(ids), Suspension.started_at < before)
        .order_by(Suspension.id)
    )
    for ticket_id, reason, started, until, ended in rows:
        over = ended if ended is not None and ended < before else None
        yield ticket_id, SuspensionFacts(reason=reason, started_at=started, until_day=until, ended_at=over)


def _schools(session: Session, ids: Sequence[int], known: Registers) -> Iterator[tuple[int, SchoolFacts]]:
    rows = session.execute(
        sa.select(TicketSchool.ticket_id, TicketSchool.school_id, TicketSchool.confirmed_by)
        .where(TicketSchool.ticket_id.in_(ids))
        .order_by(TicketSchool.ticket_id, TicketSchool.school_id)
    )
    for ticket_id, school_id, confirmed_by in rows:
        school = known.schools[school_id]
        yield (
            ticket_id,
            SchoolFacts(
                name=school.name,
                confirmed=bool(confirmed_by),
                urban=school.urban,
                private=school.private,
                stage=school.stage,
            ),
        )


def _units(session: Session, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """承办单位 of the orders; it is frozen when an order is issued."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for ticket_id, order_id, unit in session.execute(
        sa.select(Order.ticket_id, Order.id, Order.unit).where(Order.ticket_id.in_(ids))
    ):
        found[ticket_id][order_id] = unit
    return found


def _last_day(due_at: datetime) -> date:
    """The day whose 24:00 a moment is."""
    return office_day(due_at - timedelta(microseconds=1))


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for ticket_id, value in pairs:
        found[ticket_id].append(value)
    return found
