"""One school for whoever comes to inspect: its cases by their released facts, deadlines, orders, evidence by number only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from core.errors import NotFound
from reports.statistics import joined, scope, subject_of
from tickets import registers
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, met_words, remaining_words
from tickets.models import Attachment, Category, Deadline, Order, School, Suspension, Ticket, TicketSchool
from tickets.orders.words import OrderState
from tickets.queries.listing import overdue_now
from tickets.vocabulary import OPEN_STATUSES, Secrecy

SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class SchoolCase:
    """A case of the school as an inspector sees it."""

    ticket: Ticket
    subject: str
    section: str
    overdue: bool
    deadlines: Sequence[tuple[Deadline, str]]
    orders: Sequence[Order]
    evidence: int


@dataclass(frozen=True, kw_only=True)
class SchoolPage:
    school: School
    cases: Sequence[SchoolCase]
    held_back: int  # 限制知悉 ones: said to be there, not shown with the school
    more: bool

    @property
    def open(self) -> int:
        return sum(case.ticket.status in OPEN_STATUSES for case in self.cases)

    @property
    def overdue(self) -> int:
        return sum(case.overdue for case in self.cases)


def school_page(session: Session, actor: Actor, school_id: int, at: datetime) -> SchoolPage:
    """NotFound for no school. 限制知悉 is not shown: with the school's name the person could be known."""
    school = session.get(School, school_id)
    if school is None:
        raise NotFound("没有这所学校。")
    here = Ticket.id.in_(sa.select(TicketSchool.ticket_id).where(TicketSchool.school_id == school_id))
    late = sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at))
    rows = session.execute(
        joined(sa.select(Ticket, Section.name, Category.name, late.label("late")))
        .where(scope(actor), here, Ticket.secrecy != Secrecy.RESTRICTED)
        .order_by(Ticket.id.desc())
        .limit(SHOWN + 1)
    ).all()
    held_back = session.execute(
        sa.select(sa.func.count())
        .select_from(Ticket)
        .where(scope(actor), here, Ticket.secrecy == Secrecy.RESTRICTED)
    ).scalar_one()
    ids = [row[0].id for row in rows[:SHOWN]]
    deadlines = _deadlines(session, ids, at)
    orders = _orders(session, ids, school_id)
    evidence: dict[int, int] = {
        row.ticket_id: row.files
        for row in session.execute(
            sa.select(Attachment.ticket_id, sa.func.count().label("files"))
            .where(Attachment.ticket_id.in_(ids))
            .group_by(Attachment.ticket_id)
        )
    }
    return SchoolPage(
        school=school,
        cases=[
            SchoolCase(
                ticket=ticket,
                subject=subject_of(ticket, category),
                section=section,
                overdue=bool(overdue),
                deadlines=deadlines[ticket.id],
                orders=orders[ticket.id],
                evidence=evidence.get(ticket.id, 0),
            )
            for ticket, section, category, overdue in rows[:SHOWN]
        ],
        held_back=held_back,
        more=len(rows) > SHOWN,
    )


def _deadlines(session: Session, ids: Sequence[int], at: datetime) -> dict[int, list[tuple[Deadline, str]]]:
    """The deadline of each case by which it is judged, in words: the newest for resolving."""
    calendar = registers.working_calendar(session)
    pauses: dict[int, list[Suspension]] = defaultdict(list)
    for row in session.scalars(
        sa.select(Suspension).where(Suspension.ticket_id.in_(ids)).order_by(Suspension.id)
    ):
        pauses[row.ticket_id].append(row)
    newest: dict[int, Deadline] = {}
    for each in session.scalars(
        sa.select(Deadline)
        .where(Deadline.ticket_id.in_(ids), Deadline.kind == DeadlineKind.RESOLVE)
        .order_by(Deadline.id)
    ):
        assert each.ticket_id is not None  # noqa: S101 - asked for by it
        newest[each.ticket_id] = each
    found: dict[int, list[tuple[Deadline, str]]] = defaultdict(list)
    for ticket_id, each in newest.items():
        found[ticket_id].append((each, _words(each, pauses[ticket_id], at, calendar)))
    return found


def _words(each: Deadline, pauses: Sequence[Suspension], at: datetime, calendar: WorkingCalendar) -> str:
    due = ledger.due_of(each, ledger.pauses_of(pauses))
    if each.met_at:
        return met_words(due, each.met_at, calendar)
    return "不再适用" if each.ended_at else remaining_words(due, at, calendar)


def _orders(session: Session, ids: Sequence[int], school_id: int) -> dict[int, list[Order]]:
    """The orders this school was given; a draft is none yet."""
    found: dict[int, list[Order]] = defaultdict(list)
    for order in session.scalars(
        sa.select(Order)
        .where(
            Order.ticket_id.in_(ids),
            Order.school_id == school_id,
            Order.number.is_not(None),
            Order.state != OrderState.DRAFT,
        )
        .order_by(Order.issued_at)
    ):
        found[order.ticket_id].append(order)
    return found
