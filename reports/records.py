"""What is kept of bulletins, orders and reasons, as the next bulletin asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.office import ReportSettings
from config.settings import Settings
from core import state
from core.clock import now
from reports.cases import Reason
from reports.contents import Bulletin, BulletinKind, Span
from reports.contents_json import from_json
from reports.facts import Pressing, TicketFacts
from reports.models import (
    Report,
    SupervisionOrder,
    SupervisionOrderTicket,
    SupervisionStep,
)
from reports.periods import Cut
from reports.vocabulary import OrderState
from tickets.calendar.office_time import office_day
from tickets.models import OverdueNote, Ticket

_SINCE = "reports_since"


def report_settings() -> ReportSettings:
    settings: Settings = current_app.extensions["settings"]
    return settings.office.reports


def office_name() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.office.name


def seed_since(session: Session) -> None:
    """Remembers when the installation was made: without `since` in the settings nothing before that month is due."""
    if state.get_fact(session, _SINCE) is None:
        state.set_fact(session, _SINCE, office_day(now()).replace(day=1).isoformat())


def since(session: Session) -> date:
    """The day from which periods are due."""
    kept = state.get_fact(session, _SINCE)
    return report_settings().since or (date.fromisoformat(kept) if kept else office_day(now()).replace(day=1))


def latest(session: Session, kind: BulletinKind, period: str) -> Report | None:
    """The newest issue of a period, or None."""
    return session.scalars(
        sa.select(Report)
        .where(Report.kind == kind, Report.period == period)
        .order_by(Report.issue_no.desc())
        .limit(1)
    ).one_or_none()


def bulletin_of(report: Report) -> Bulletin:
    """The frozen bulletin, read back."""
    return from_json(report.contents)


def last_bulletin(session: Session, before: Span) -> Bulletin | None:
    found = latest(session, before.kind, before.name)
    return bulletin_of(found) if found else None


def reasons(session: Session, before: datetime) -> dict[str, Reason]:
    """The newest reason that was written down for each late ticket, by its number."""
    newest = (
        sa.select(sa.func.max(OverdueNote.id)).where(OverdueNote.at < before).group_by(OverdueNote.ticket_id)
    )
    rows = session.execute(
        sa.select(Ticket.number, OverdueNote.reason, OverdueNote.text, OverdueNote.expected_on)
        .join(Ticket, Ticket.id == OverdueNote.ticket_id)
        .where(OverdueNote.id.in_(newest))
    )
    return {
        number: Reason(text=f"{reason.label}：{text}" if text else reason.label, expected_on=expected)
        for number, reason, text, expected in rows
    }


def pressed(session: Session, tickets: Sequence[TicketFacts], before: datetime) -> list[TicketFacts]:
    """The tickets with the supervision orders that name them."""
    of: dict[int, list[str]] = defaultdict(list)
    for ticket_id, number in session.execute(
        sa.select(SupervisionOrderTicket.ticket_id, SupervisionOrder.number)
        .join(SupervisionOrder, SupervisionOrder.id == SupervisionOrderTicket.order_id)
        .where(SupervisionOrder.recorded_at < before)
        .order_by(SupervisionOrder.id)
    ):
        of[ticket_id].append(number)
    return [
        replace(ticket, pressed=tuple(of[ticket.id])) if ticket.id in of else ticket for ticket in tickets
    ]


def pressing(session: Session, cut: Cut) -> tuple[Pressing, ...]:
    """The supervision orders that were open at any time of the period."""
    orders = session.scalars(
        sa.select(SupervisionOrder)
        .where(
            SupervisionOrder.recorded_at < cut.before,
            sa.or_(SupervisionOrder.settled_at.is_(None), SupervisionOrder.settled_at >= cut.start),
        )
        .order_by(SupervisionOrder.id)
    ).all()
    ids = [order.id for order in orders]
    steps: dict[int, list[SupervisionStep]] = defaultdict(list)
    for step in session.scalars(
        sa.select(SupervisionStep)
        .where(SupervisionStep.order_id.in_(ids), SupervisionStep.at < cut.before)
        .order_by(SupervisionStep.id)
    ):
        steps[step.order_id].append(step)
    tickets: dict[int, list[str]] = defaultdict(list)
    for order_id, number in session.execute(
        sa.select(SupervisionOrderTicket.order_id, Ticket.number)
        .join(Ticket, Ticket.id == SupervisionOrderTicket.ticket_id)
        .where(SupervisionOrderTicket.order_id.in_(ids))
        .order_by(Ticket.id)
    ):
        tickets[order_id].append(number)
    return tuple(_told(order, steps[order.id], tuple(tickets[order.id]), cut) for order in orders)


def _told(
    order: SupervisionOrder, steps: Sequence[SupervisionStep], tickets: tuple[str, ...], cut: Cut
) -> Pressing:
    last = steps[-1].state if steps else OrderState.OPEN
    answers = [step for step in steps if step.state is OrderState.ANSWERED]
    answered_on = office_day(answers[-1].at) if answers else None
    # At 24 o'clock of the day it is asked for, an answer is not late yet.
    today = office_day(cut.at - timedelta(microseconds=1))
    late_since = answered_on or today
    return Pressing(
        number=order.paper_number or order.number,
        kind=order.kind.label,
        issuer=order.issuer,
        issued_on=order.issued_on,
        demand=order.demand,
        due_on=order.due_on,
        tickets=tickets,
        state=last.label,
        done=last is OrderState.ACCEPTED,
        answered_on=answered_on,
        late=order.due_on is not None and late_since > order.due_on,
        new=order.recorded_at >= cut.start,
    )
