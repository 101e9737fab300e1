"""The list of tickets a person may see: filters, pages by key, and what each row says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.labels import Labelled
from tickets import registers
from tickets.deadlines import ledger
from tickets.loading import SOURCE
from tickets.models import (
    Category,
    Deadline,
    School,
    SchoolAlias,
    Suspension,
    Ticket,
    TicketCategory,
    TicketSchool,
)
from tickets.search.index import found_by
from tickets.standing import Clocked, Standing, standing
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Alarm, Secrecy, Status, Urgency

PAGE = 50
BADGE_AT_MOST = 999


class View(Labelled):
    """The four ways to look at the list."""

    OPEN = "open", "在办"
    MINE = "mine", "我承办的"
    OVERDUE = "overdue", "超期"
    ALL = "all", "全部"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the address asks for; nothing set means no restriction."""

    view: View = View.OPEN
    q: str = ""
    status: Status | None = None
    section: str = ""
    category: str = ""
    school: str = ""
    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list."""

    id: int
    number: str
    title: str
    school: str
    category: str
    section: str
    status: Status
    standing: Standing
    urgency: Urgency
    alarm: Alarm | None
    secrecy: Secrecy
    conflict: bool
    needs_reading: bool
    backfilled: bool
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: Sequence[Row]
    after: int | None  # where the next page begins; None on the last


def overdue_now(at: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """The deadlines that are missed at a moment; one whose date is only an estimate never is."""
    return sa.and_(
        Deadline.met_at.is_(None),
        Deadline.ended_at.is_(None),
        Deadline.provisional.is_(False),
        Deadline.due_at <= at,
    )


def seen_overdue(actor: Actor) -> sa.ColumnElement[bool]:
    """Whose tickets a person may count: one's own, and for the supervisor everybody's, without what they say."""
    return sa.true() if actor.has(Role.SUPERVISOR) else visible_to(actor)


def page(session: Session, actor: Actor, wanted: Wanted, at: datetime) -> Page:
    """One page of the list, newest first."""
    query = _columns().where(visible_to(actor), *_conditions(actor, wanted, at))
    rows = (
        _searched(session, query, wanted) if wanted.q.strip() else _newest(session, query, Ticket.id, wanted)
    )
    shown = rows[:PAGE]
    return Page(rows=rows_of(session, shown, at), after=shown[-1].id if len(rows) > PAGE and shown else None)


def rows_where(
    session: Session, actor: Actor, condition: sa.ColumnElement[bool], at: datetime, *, limit: int
) -> list[Row]:
    """The tickets of a condition that this person may see, newest first."""
    query = _columns().where(visible_to(actor), condition).order_by(Ticket.id.desc()).limit(limit)
    return rows_of(session, session.execute(query).all(), at)


def matters(session: Session, rows: Sequence[Row]) -> dict[int, str]:
    """What these tickets say, for the part of it where a hit stands."""
    asked = sa.select(Ticket.id, Ticket.matter).where(Ticket.id.in_([row.id for row in rows]))
    return {row.id: row.matter for row in session.execute(asked)}


def _newest(
    session: Session, query: sa.Select[*tuple[Any, ...]], order: sa.ColumnElement[int] | Any, wanted: Wanted
) -> Sequence[Any]:
    """A page's rows and one more, by the column that orders them."""
    if wanted.after is not None:
        query = query.where(order < wanted.after)
    return session.execute(query.order_by(order.desc()).limit(PAGE + 1)).all()


def _searched(session: Session, query: sa.Select[*tuple[Any, ...]], wanted: Wanted) -> Sequence[Any]:
    rows: Sequence[Any] = ()
    for hits in found_by(session, wanted.q, before=wanted.after):
        rows = _newest(session, query.join(hits, hits.c.id == Ticket.id), hits.c.id, wanted)
        if len(rows) > PAGE:
            break
    return rows


def first_school() -> sa.ScalarSelect[str]:
    """The first school of a ticket, for a list."""
    return (
        sa.select(School.name)
        .join(TicketSchool, TicketSchool.school_id == School.id)
        .where(TicketSchool.ticket_id == Ticket.id)
        .order_by(School.id)
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )


@cache
def _columns() -> sa.Select[*tuple[Any, ...]]:
    """What a row is made of; put together once, because that takes longer than asking."""
    main = aliased(TicketCategory)
    merged_into = aliased(Ticket)
    paused = sa.exists().where(Suspension.ticket_id == Ticket.id).correlate(Ticket)
    return (
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.urgency,
            Ticket.alarm,
            Ticket.secrecy,
            Ticket.conflict,
            Ticket.needs_reading,
            Ticket.backfilled,
            Ticket.received_at,
            Ticket.school_text,
            Section.name.label("section"),
            Account.display_name.label("handler"),
            Category.name.label("category"),
            merged_into.number.label("merged_into"),
            first_school().label("school"),
            paused.label("was_paused"),
        )
        .join(Section, Section.id == Ticket.section_id)
        .outerjoin(Account, Account.id == Ticket.handler_id)
        .outerjoin(main, sa.and_(main.ticket_id == Ticket.id, main.main))
        .outerjoin(Category, Category.code == main.category_code)
        .outerjoin(merged_into, merged_into.id == Ticket.merged_into_id)
    )


def _conditions(actor: Actor, wanted: Wanted, at: datetime) -> Iterable[sa.ColumnElement[bool]]:
    if wanted.view is View.OVERDUE:
        yield Ticket.id.in_(
            sa.select(Deadline.ticket_id).where(overdue_now(at), Deadline.ticket_id.is_not(None))
        )
    elif wanted.view is View.MINE:
        yield Ticket.handler_id == actor.id
    if wanted.status is not None:
        yield Ticket.status == wanted.status
    elif wanted.view in {View.OPEN, View.MINE}:
        yield Ticket.status.in_(OPEN_STATUSES)
    if wanted.section:
        yield Section.slug == wanted.section
    if wanted.category:
        # The codes first: with a join and an OR over both tables SQLite reads the category of every ticket.
        codes = sa.select(Category.code).where(
            sa.or_(Category.code == wanted.category, Category.parent_code == wanted.category)
        )
        yield Ticket.id.in_(
            sa.select(TicketCategory.ticket_id).where(TicketCategory.category_code.in_(codes))
        )
    if wanted.school:
        yield _of_school(wanted.school)


def _of_school(text: str) -> sa.ColumnElement[bool]:
    schools = sa.select(School.id).where(School.name.contains(text, autoescape=True))
    known_as = sa.select(SchoolAlias.school_id).where(SchoolAlias.alias.contains(text, autoescape=True))
    of_ticket = sa.select(TicketSchool.ticket_id).where(
        sa.or_(TicketSchool.school_id.in_(schools), TicketSchool.school_id.in_(known_as))
    )
    return sa.or_(Ticket.id.in_(of_ticket), Ticket.school_text.contains(text, autoescape=True))


def rows_of(session: Session, found: Sequence[Any], at: datetime) -> list[Row]:
    """The rows of a list with their 当前环节; two queries for all of them, one more if one was ever paused."""
    calendar = registers.working_calendar(session)
    clocked = deadlines_of(
        session, [row.id for row in found], paused=[row.id for row in found if row.was_paused]
    )
    return [
        Row(
            id=row.id,
            number=row.number,
            title=row.title,
            school=row.school or row.school_text,
            category=row.category or "",
            section=row.section,
            status=row.status,
            standing=standing(
                row.status,
                clocked.clocked[row.id],
                at,
                calendar,
                handler=row.handler or "",
                paused_until=clocked.paused_until.get(row.id),
                merged_into=row.merged_into or "",
            ),
            urgency=row.urgency,
            alarm=row.alarm,
            secrecy=row.secrecy,
            conflict=row.conflict,
            needs_reading=row.needs_reading,
            backfilled=row.backfilled,
            received_at=row.received_at,
        )
        for row in found
    ]


# Only what the rules want to know: whole rows of the mapping take three times as long.
_DEADLINES: sa.Select[*tuple[Any, ...]] = (
    sa.select(Deadline.ticket_id, Deadline.met_at, Deadline.ended_at, *ledger.DUE_COLUMNS)
    .where(Deadline.ticket_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Deadline.id)
)


@dataclass(frozen=True, kw_only=True)
class DeadlinesOf:
    """The deadlines of several tickets, and until when the suspended ones rest."""

    clocked: dict[int, list[Clocked]]
    paused_until: dict[int, Any]


def deadlines_of(session: Session, ids: Sequence[int], *, paused: Sequence[int]) -> DeadlinesOf:
    """All deadlines of these tickets as the rules know them."""
    suspensions: dict[int, list[Suspension]] = defaultdict(list)
    if paused:
        for pause in session.scalars(
            sa.select(Suspension).where(Suspension.ticket_id.in_(paused)).order_by(Suspension.id)
        ):
            suspensions[pause.ticket_id].append(pause)
    clocked: dict[int, list[Clocked]] = defaultdict(list)
    if ids:
        for row in session.execute(_DEADLINES, {"ids": ids}):
            pauses = ledger.pauses_of(suspensions[row.ticket_id]) if row.ticket_id in suspensions else ()
            clocked[row.ticket_id].append(
                Clocked(due=ledger.due_of(row, pauses), met_at=row.met_at, ended_at=row.ended_at)
            )
    return DeadlinesOf(
        clocked=clocked,
        paused_until={
            ticket_id: rows[-1].until_day
            for ticket_id, rows in suspensions.items()
            if rows[-1].ended_at is None
        },
    )


@dataclass(frozen=True, kw_only=True)
class Badges:
    """What the menu counts for a person; never more than BADGE_AT_MOST, so that no page waits for it."""

    pending: int
    overdue: int
    in_danger: str | None  # the number of the oldest case of danger to life that nobody has taken on


def badges(session: Session, actor: Actor, at: datetime) -> Badges:
    """How many tickets wait to be accepted, and how many are overdue; in one question, because every page asks it."""
    row = session.execute(_badges_of(actor), {"moment": at}).one()
    return Badges(pending=row.pending, overdue=row.overdue, in_danger=row.in_danger)


@lru_cache(maxsize=200)
def _badges_of(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    at = sa.bindparam("moment", type_=Deadline.due_at.type)
    pending = sa.select(Ticket.id).where(visible_to(actor), Ticket.status == Status.PENDING)
    # Not DISTINCT over a join: SQLite would then walk every deadline there ever was, in the order of the tickets.
    running = sa.select(Deadline.ticket_id).where(overdue_now(at), Deadline.ticket_id.is_not(None))
    late = sa.select(Ticket.id).where(Ticket.id.in_(running), seen_overdue(actor))
    in_danger = (
        sa.select(Ticket.number)
        .where(
            visible_to(actor),
            Ticket.status == Status.PENDING,
            Ticket.alarm == Alarm.Y1,
            Ticket.source != SOURCE,
        )
        .order_by(Ticket.id)
        .limit(1)
    )
    return sa.select(
        *(
            sa.select(sa.func.count())
            .select_from(query.limit(BADGE_AT_MOST).subquery())
            .scalar_subquery()
            .label(name)
            for name, query in (("pending", pending), ("overdue", late))
        ),
        in_danger.scalar_subquery().label("in_danger"),
    )
