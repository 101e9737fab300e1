"""抽查: a tenth of what was answered and closed at once in a month, drawn by lot, looked at by somebody else."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from core import audit
from core.clock import now
from core.errors import DomainError, NotFound
from core.text import clean_line
from tickets.calendar.office_time import end_of_day
from tickets.loading import SOURCE
from tickets.models import SpotCheck, Ticket, TicketEvent
from tickets.visibility import visible_to
from tickets.vocabulary import Action, CheckResult, Status

SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class MonthOf:
    """One section's month: how many were answered at once, and what became of those drawn."""

    section: str
    answered: int
    wanted: int
    drawn: int
    right: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One drawn ticket for the page."""

    check: SpotCheck
    number: str
    title: str
    section: str
    may_check: bool


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month like 2026-11 and of the next one; DomainError for anything else."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise DomainError("请写成 2026-11 这样的月份。") from None
    following = (first + timedelta(days=31)).replace(day=1)
    return end_of_day(first - timedelta(days=1)), end_of_day(following - timedelta(days=1))


def draw(session: Session, month: str, *, actor: Actor) -> int:
    """Draws what is still missing of a tenth, at least one, for each section of this person; how many."""
    drawn = 0
    for section_id in sorted(actor.section_ids):
        ids = list(session.scalars(_answered_at_once(section_id, month, actor)))
        known = set(session.scalars(sa.select(SpotCheck.ticket_id).where(SpotCheck.ticket_id.in_(ids))))
        missing = wanted_of(len(ids)) - len(known)
        left = [each for each in ids if each not in known]
        for ticket_id in secrets.SystemRandom().sample(left, max(0, min(missing, len(left)))):
            session.add(
                SpotCheck(
                    ticket_id=ticket_id,
                    section_id=section_id,
                    month=month,
                    drawn_by=actor.display_name,
                    drawn_at=now(),
                )
            )
            drawn += 1
    if not drawn:
        raise DomainError("这个月该抽的都已抽出，或没有当场答复的件。")
    session.flush()
    audit.record(session, "checks.drawn", actor=actor.username, month=month, drawn=drawn)
    return drawn


def settle(session: Session, check_id: int, result: CheckResult, note: str, *, actor: Actor) -> SpotCheck:
    """Writes down what was found. Nobody checks the own answer; a wrong one says what is wrong."""
    row = session.get(SpotCheck, check_id, with_for_update=True)
    if row is None or row.section_id not in actor.section_ids:
        raise NotFound("没有这一件抽查。")
    if row.result is not None:
        raise DomainError(f"这一件已经由{row.checked_by}核对。")
    if actor.id in _answered_by(session, [row.ticket_id]).get(row.ticket_id, set()):
        raise DomainError("这一件是您本人答复的，请别人核对。")
    said = clean_line(note)
    if result is CheckResult.WRONG and not said:
        raise DomainError("不合格的，请写明问题。")
    row.result, row.note = result, said
    row.checked_by_id, row.checked_by, row.checked_at = actor.id, actor.display_name, now()
    session.flush()
    ticket = session.get_one(Ticket, row.ticket_id)
    audit.record(session, "checks.settled", actor=actor.username, object_ref=ticket.ref, result=result.value)
    return row


def wanted_of(answered: int) -> int:
    """A tenth, rounded up: at least one where there is one."""
    return ceil(answered * SHARE)


def months_of(session: Session, month: str, actor: Actor) -> list[MonthOf]:
    """How each section of this person stands in a month."""
    found = []
    for section in session.scalars(
        sa.select(Section).where(Section.id.in_(actor.section_ids)).order_by(Section.id)
    ):
        answered = len(session.scalars(_answered_at_once(section.id, month, actor)).all())
        results = session.scalars(
            sa.select(SpotCheck.result).where(SpotCheck.section_id == section.id, SpotCheck.month == month)
        ).all()
        found.append(
            MonthOf(
                section=section.name,
                answered=answered,
                wanted=wanted_of(answered),
                drawn=len(results),
                right=results.count(CheckResult.RIGHT),
                wrong=results.count(CheckResult.WRONG),
            )
        )
    return found


def drawn_in(session: Session, month: str, actor: Actor) -> list[Drawn]:
    """What was drawn in a month, what is not yet looked at first."""
    rows = session.execute(
        sa.select(SpotCheck, Ticket.number, Ticket.title, Section.name)
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .join(Section, Section.id == SpotCheck.section_id)
        .where(SpotCheck.month == month, SpotCheck.section_id.in_(actor.section_ids), visible_to(actor))
        .order_by(SpotCheck.checked_at.is_not(None), SpotCheck.id)
    ).all()
    by = _answered_by(session, [row.SpotCheck.ticket_id for row in rows])
    return [
        Drawn(
            check=row.SpotCheck,
            number=row.number,
            title=row.title,
            section=row.name,
            may_check=row.SpotCheck.result is None and actor.id not in by.get(row.SpotCheck.ticket_id, set()),
        )
        for row in rows
    ]


def _answered_at_once(section_id: int, month: str, actor: Actor) -> sa.Select[int]:
    begins, ends = month_bounds(month)
    at_once = sa.exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.action == Action.ANSWER_NOW,
        TicketEvent.recorded_at >= begins,
        TicketEvent.recorded_at < ends,
    )
    return (
        sa.select(Ticket.id)
        .where(
            Ticket.section_id == section_id,
            Ticket.status == Status.CLOSED,
            Ticket.source != SOURCE,
            at_once,
            visible_to(actor),
        )
        .order_by(Ticket.id)
    )


def _answered_by(session: Session, tickets: Sequence[int]) -> dict[int, set[int | None]]:
    found: dict[int, set[int | None]] = {}
    for ticket_id, person in session.execute(
        sa.select(TicketEvent.ticket_id, TicketEvent.actor_id).where(
            TicketEvent.ticket_id.in_(tickets), TicketEvent.action == Action.ANSWER_NOW
        )
    ):
        found.setdefault(ticket_id, set()).add(person)
    return found
