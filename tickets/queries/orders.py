"""What the pages and papers around orders show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account
from config.settings import Settings
from core.clock import now, office_day
from core.errors import NotFound
from tickets import registers
from tickets.actions import TicketState
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, due, is_overdue, remaining_words
from tickets.deadlines.standard import standard_rule
from tickets.handling import loading
from tickets.models import (
    Attachment,
    Category,
    Deadline,
    DisclosureConsent,
    Inquiry,
    Message,
    Order,
    OrderMessage,
    School,
    TicketCategory,
    TicketSchool,
)
from tickets.office_hours import office_hours
from tickets.orders.facts import is_exposing
from tickets.orders.rules import OrderFacts
from tickets.orders.texts import reminder
from tickets.orders.words import Disclosed, InquiryWay, PaperKind
from tickets.queries.detail import Seen
from tickets.standing import badge_level

_SCHOOL_KINDS = (DeadlineKind.SIGN_OFF, DeadlineKind.FEEDBACK)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """An order with what the school owes on it now."""

    order: Order
    words: str = ""
    level: str = ""
    last_day: date | None = None
    overdue: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsentLine:
    row: DisclosureConsent
    what: str


@dataclass(frozen=True, kw_only=True)
class InquiryLine:
    row: Inquiry
    ways: str
    findings: str


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A message of the ticket's course that belongs to an order, with its files."""

    kind: PaperKind
    message: Message
    files: Sequence[Attachment]


@dataclass(frozen=True, kw_only=True)
class OrdersPage:
    seen: Seen
    state: TicketState
    exposing: bool
    orders: Sequence[OrderLine]
    consents: Sequence[ConsentLine]
    inquiries: Sequence[InquiryLine]
    released_by: str
    school: str
    category: tuple[str, str]
    schools: Sequence[str]


def page(session: Session, seen: Seen) -> OrdersPage:
    """The orders of a ticket that was seen, with everything beside them."""
    ticket = seen.ticket
    school = session.scalars(
        sa.select(School.name)
        .join(TicketSchool, TicketSchool.school_id == School.id)
        .where(TicketSchool.ticket_id == ticket.id)
        .order_by(School.id)
        .limit(1)
    ).one_or_none()
    category = session.execute(
        sa.select(Category.code, Category.name)
        .join(TicketCategory, TicketCategory.category_code == Category.code)
        .where(TicketCategory.ticket_id == ticket.id, TicketCategory.main)
    ).one_or_none()
    return OrdersPage(
        seen=seen,
        state=loading.state_of(session, ticket),
        exposing=is_exposing(session, ticket),
        orders=orders(session, seen),
        consents=_consents(session, seen),
        inquiries=inquiries(session, seen),
        released_by=_released_by(session, seen),
        school=school or "",
        category=(category.code, category.name) if category else ("", ""),
        schools=session.scalars(
            sa.select(School.name).where(School.closed.is_(False)).order_by(School.id)
        ).all(),
    )


def orders(session: Session, seen: Seen) -> list[OrderLine]:
    """All orders of a ticket, oldest first, in two questions."""
    rows = session.scalars(
        sa.select(Order).where(Order.ticket_id == seen.ticket.id).order_by(Order.drafted_at, Order.id)
    ).all()
    if not rows:
        return []
    running, calendar = _running(session, seen.ticket.id), registers.working_calendar(session)
    return [_line(row, running.get(row.ref, []), calendar) for row in rows]


def order_of(session: Session, seen: Seen, order_id: str) -> OrderLine:
    """One order of a ticket that was seen; NotFound for another's."""
    row = session.scalars(
        sa.select(Order).where(Order.id == order_id, Order.ticket_id == seen.ticket.id)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这张交办单，或它不归您的股室。")
    running = _running(session, seen.ticket.id).get(row.ref, [])
    return _line(row, running, registers.working_calendar(session))


def facts_of_line(line: OrderLine, *, exposing: bool) -> OrderFacts:
    """What the rules of the buttons need, from what was read for the page anyway."""
    order = line.order
    awaited = line.last_day if line.words and order.delivered_at else None
    return OrderFacts(
        state=order.state,
        exposing=exposing,
        head_id=order.head_id,
        leader_id=order.leader_id,
        feedback_due=order.due_day if awaited else None,
        today=office_day(now()),
    )


def papers(session: Session, order: Order) -> list[Paper]:
    """What belongs to an order, oldest first."""
    rows = session.execute(
        sa.select(OrderMessage.kind, Message, Attachment)
        .join(Message, Message.id == OrderMessage.message_id)
        .outerjoin(Attachment, Attachment.message_id == Message.id)
        .where(OrderMessage.order_id == order.id)
        .order_by(Message.occurred_at, Message.recorded_at, Message.id, Attachment.position)
    ).all()
    found: dict[str, tuple[PaperKind, Message, list[Attachment]]] = {}
    for kind, message, file in rows:
        _, _, files = found.setdefault(message.id, (kind, message, []))
        if file is not None:
            files.append(file)
    return [Paper(kind=kind, message=message, files=files) for kind, message, files in found.values()]


def inquiries(session: Session, seen: Seen) -> list[InquiryLine]:
    rows = session.execute(
        sa.select(Inquiry, Message.text)
        .join(Message, Message.id == Inquiry.message_id)
        .where(Inquiry.ticket_id == seen.ticket.id)
        .order_by(Inquiry.at, Inquiry.id)
    ).all()
    return [
        InquiryLine(
            row=row.Inquiry,
            ways="、".join(InquiryWay(each).label for each in row.Inquiry.ways.split(",")),
            findings=row.text,
        )
        for row in rows
    ]


def reminder_text(line: OrderLine, seen: Seen, actor: Actor, until: date) -> str:
    """What is read out to a school that has not answered."""
    return reminder(
        line.order.called,
        line.order.due_day,
        until=until,
        contact=f"{seen.handler or actor.display_name}，{section_phone(seen)}",
        overdue=line.overdue,
    )


def section_phone(seen: Seen) -> str:
    """The section's public telephone with its area code, as it stands on every paper for a school."""
    settings: Settings = current_app.extensions["settings"]
    office = settings.office
    phone = next((each.phone for each in office.sections if each.slug == seen.section.slug), "")
    local = phone.isdigit() and len(phone) <= 8
    return f"{office.area_code}-{phone}" if local else phone


def sign_off_day(session: Session, order: Order) -> date:
    """Until when the school has to sign for it: by the deadline if it was delivered, else as if it were delivered today."""
    last = session.scalars(
        sa.select(Deadline.last_day)
        .where(Deadline.owner_ref == order.ref, Deadline.kind == DeadlineKind.SIGN_OFF)
        .order_by(Deadline.round.desc())
        .limit(1)
    ).one_or_none()
    settings: Settings = current_app.extensions["settings"]
    rule = standard_rule(DeadlineKind.SIGN_OFF, settings.office.deadlines)
    return last or due(now(), rule, registers.working_calendar(session), office_hours()).last_day


def next_working_day(session: Session) -> date:
    return registers.working_calendar(session).next_working_day(office_day(now()))


def default_due(session: Session) -> date:
    """The day that is proposed for a school's feedback: as many working days from today as the office's settings say."""
    settings: Settings = current_app.extensions["settings"]
    calendar = registers.working_calendar(session)
    return calendar.add_working_days(office_day(now()), settings.office.deadlines.feedback)


def _running(session: Session, ticket_id: int) -> dict[str, list[Deadline]]:
    found: dict[str, list[Deadline]] = {}
    rows = session.scalars(
        sa.select(Deadline)
        .where(
            Deadline.ticket_id == ticket_id,
            Deadline.owner_ref.startswith("order/"),
            Deadline.kind.in_(_SCHOOL_KINDS),
            Deadline.met_at.is_(None),
            Deadline.ended_at.is_(None),
        )
        .order_by(Deadline.due_at)
    )
    for row in rows:
        found.setdefault(row.owner_ref, []).append(row)
    return found


def _line(order: Order, rows: Sequence[Deadline], calendar: WorkingCalendar) -> OrderLine:
    if not rows:
        return OrderLine(order=order)
    at: datetime = now()
    first = ledger.due_of(rows[0])
    return OrderLine(
        order=order,
        words=f"{rows[0].kind.label} {remaining_words(first, at, calendar)}",
        level=badge_level(first, at, calendar),
        last_day=rows[0].last_day,
        overdue=is_overdue(first, at),
    )


def _consents(session: Session, seen: Seen) -> list[ConsentLine]:
    rows = session.scalars(
        sa.select(DisclosureConsent)
        .where(DisclosureConsent.ticket_id == seen.ticket.id)
        .order_by(DisclosureConsent.recorded_at)
    )
    return [
        ConsentLine(row=row, what="、".join(Disclosed(each).label for each in row.what.split(",")))
        for row in rows
    ]


def _released_by(session: Session, seen: Seen) -> str:
    by = seen.ticket.released_by_id
    account = session.get(Account, by) if by is not None else None
    return account.display_name if account is not None else ""
