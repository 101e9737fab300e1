"""Fills a new installation with the demonstration's schools, people and cases, in the order in which they happened.

Every case goes through the same doors as a real one; only the clock is set back for it, moment by moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from core.clock import OFFICE_ZONE, FixedClock, SystemClock, office_day
from core.db import transaction
from core.errors import DomainError
from demo import papers
from demo.cases import CASES, Case, Step
from demo.order_cases import ORDER_CASES
from demo.people import actors, add_people
from tickets import released
from tickets.calendar.seed import seed_calendar
from tickets.calendar.working_days import WorkingCalendar
from tickets.intake import NewTicket, register
from tickets.letters.sending import carry_out
from tickets.models import Order, Ticket
from tickets.orders.perform import perform as perform_on_order
from tickets.orders.words import OrderVerb
from tickets.schools import load_schools, read_schools
from tickets.vocabulary import Action

SCHOOLS = Path(__file__).resolve().parent.parent / "config" / "schools_demo.csv"


@dataclass(frozen=True)
class _Act:
    at: datetime
    do: Callable[[], None]


def fill(app: Flask) -> None:
    """Adds everything to an initialised installation and gives it the real clock back."""
    today = SystemClock().now()
    clock = FixedClock(today - timedelta(days=40))
    app.extensions["clock"] = clock
    with app.app_context():
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
        with transaction() as session:
            add_people(session)
        with transaction() as session:
            people = dict(actors(session))
        numbers: dict[str, str] = {}
        for act in sorted(_acts(today, people, numbers), key=lambda act: act.at):
            clock.moment = act.at
            act.do()
        clock.moment = today
        papers.bulletin(today)
    app.extensions["clock"] = SystemClock()


def _acts(today: datetime, people: dict[str, Actor], numbers: dict[str, str]) -> list[_Act]:
    acts = []
    calendar = seed_calendar()
    for case in (*CASES, *ORDER_CASES):
        received = _moment(today, case.days, calendar)
        acts.append(_Act(received, _registering(case, received, people, numbers)))
        acts += [
            _Act(_moment(today, step.days, calendar), _stepping(case, step, today, people, numbers))
            for step in case.steps
        ]
    acts.append(_Act(_moment(today, 0.01, calendar), papers.demand(today, calendar, people, numbers)))
    return acts


def _moment(today: datetime, days: float, calendar: WorkingCalendar) -> datetime:
    """So many working days ago, within office hours: 3.0 is late in the afternoon, 3.9 early in the morning of that day."""
    whole = int(days)
    if not whole:
        return today - timedelta(days=days)
    day = office_day(today)
    for _ in range(whole):
        day = calendar.previous_working_day(day)
    return datetime.combine(day, time(17), OFFICE_ZONE) - timedelta(hours=8.5 * (days - whole))


def _registering(
    case: Case, received: datetime, people: dict[str, Actor], numbers: dict[str, str]
) -> Callable[[], None]:
    def do() -> None:
        new = NewTicket(
            channel=case.channel,
            received_at=received,
            matter=case.matter,
            request=case.request,
            school_text=case.school,
            grade_text=case.grade,
            people=(case.person,) if case.person else (),
            caller_kind=case.caller_kind,
            target_kind=case.target_kind,
            wants_callback=case.wants_callback,
        )
        with transaction() as session:
            numbers[case.key] = register(session, new, actor=people[case.by]).ticket.number

    return do


def _stepping(
    case: Case, step: Step, today: datetime, people: dict[str, Actor], numbers: dict[str, str]
) -> Callable[[], None]:
    def do() -> None:
        number = numbers[case.key]
        fields = {name: _meant(text, today, numbers) for name, text in step.fields.items()}
        with transaction() as session:
            try:
                _do(session, number, step, people[step.who], fields)
            except DomainError as error:
                error.add_note(f"case {case.key!r}, {step.action.value} by {step.who}")
                raise

    return do


def _do(session: Session, number: str, step: Step, actor: Actor, fields: Mapping[str, str]) -> None:
    """A step as its button does it, at the version that is there."""
    version = session.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()
    if isinstance(step.action, OrderVerb):
        order = session.execute(
            sa.select(Order.id, Order.version)
            .join(Ticket, Ticket.id == Order.ticket_id)
            .where(Ticket.number == number)
        ).one_or_none()
        perform_on_order(
            session,
            number,
            step.action,
            actor=actor,
            fields=fields,
            order_id=order.id if order else None,
            version=order.version if order else 0,
        )
    elif step.action is Action.RELEASE:
        released.confirm(session, number, version=version, actor=actor, fields=fields)
    else:
        carry_out(session, number, step.action, version=version, actor=actor, fields=fields)


def _meant(text: str, today: datetime, numbers: dict[str, str]) -> str:
    """+5 is a day five days from today, ~5 the fifth working day, =key the number of another case; else it is itself."""
    if text.startswith("~") and text[1:].isdigit():
        return seed_calendar().add_working_days(office_day(today), int(text[1:])).isoformat()
    if text.startswith("+") and text[1:].isdigit():
        return (office_day(today) + timedelta(days=int(text[1:]))).isoformat()
    return numbers[text[1:]] if text.startswith("=") else text
