"""A person's day in a fixed number of questions: what to do, what becomes due, what waits for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.clock import office_day
from tickets import registers
from tickets.calendar.words import dated
from tickets.calendar.working_days import WorkingCalendar
from tickets.handling import loading
from tickets.models import Deadline, Ticket
from tickets.queries import waiting
from tickets.queries.listing import deadlines_of, first_school, overdue_now
from tickets.queries.waiting import untold
from tickets.reminders.alarms import Cluster, clusters
from tickets.standing import Standing, standing
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Action, Alarm, Secrecy, Status, Urgency
from tickets.workbench import PRESSING, OpenTicket, to_do, unread_by

LOOKED_AT = 400  # the most pressing of a person's open tickets; a county has fewer
SHOWN = 20
_NOTICE_COMES_IN = 11  # month in which the next year is announced
_TICKET = aliased(Ticket)
# Not an OR of the two: SQLite would read every ticket there ever was.
_TO_LOOK_AT = Ticket.id.in_(
    sa.union_all(
        sa.select(_TICKET.id).where(_TICKET.status.in_(OPEN_STATUSES)),
        sa.select(_TICKET.id).where(_TICKET.wrote_again_at.is_not(None)),
    )
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One ticket on the workbench; `to_do` is empty if it waits for somebody else."""

    number: str
    title: str
    school: str
    section: str
    status: Status
    urgency: Urgency
    alarm: Alarm | None
    secrecy: Secrecy
    standing: Standing
    to_do: str
    handler_id: int | None

    @property
    def pressing(self) -> bool:
        return self.standing.level in PRESSING


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """Everything on the page. The counts are those of the lists behind their links."""

    open: int
    counts: Mapping[Status, int]
    mine: int
    overdue: int
    now: Sequence[Line]
    soon: Sequence[Line]
    waiting: Sequence[Line]
    clusters: Sequence[Cluster]
    day_note: str
    untold: Sequence[
        tuple[str, int]
    ]  # main tickets whose answer is approved, with how many merged ones wait for it
    missing_year: int | None  # the next year, from November on, if its arrangement has not been entered


def workbench(session: Session, actor: Actor, at: datetime) -> Workbench:
    """The page of a clerk, handler, head or leader."""
    calendar = registers.working_calendar(session)
    lines = _lines(session, actor, at, calendar)
    counts, mine, overdue = _counts(session, actor, at)
    now = [line for line in lines if line.to_do]
    rest = [line for line in lines if not line.to_do]
    soon = [line for line in rest if line.pressing]
    waiting = [line for line in rest if not line.pressing and line.handler_id == actor.id]
    return Workbench(
        open=sum(counts[status] for status in OPEN_STATUSES),
        counts=counts,
        mine=mine,
        overdue=overdue,
        now=now,
        soon=soon,
        waiting=waiting,
        clusters=clusters(session, seen_by=actor) if actor.has(Role.HANDLER, Role.HEAD, Role.LEADER) else (),
        untold=untold(session, actor),
        day_note=day_note(calendar, office_day(at)),
        missing_year=missing_year(calendar, office_day(at)),
    )


def day_note(calendar: WorkingCalendar, today: date) -> str:
    """The line above the page on a weekend day that is worked, and on a day off on which somebody is here nevertheless."""
    if today in calendar.makeup_days:
        return f"今天{dated(today, beside=today)}是调休上班日（{calendar.makeup_days[today]}），计入工作日，时限照算。"
    if today in calendar.days_off:
        return f"今天{dated(today, beside=today)}放假（{calendar.days_off[today]}），不计工作日；法定期限按自然日照算。"
    return ""


def missing_year(calendar: WorkingCalendar, today: date) -> int | None:
    """The next year, once its arrangement ought to be known and has not been entered."""
    following = today.year + 1
    asked = today.month >= _NOTICE_COMES_IN
    return following if asked and following not in calendar.announced_years else None


def _counts(session: Session, actor: Actor, at: datetime) -> tuple[Counter[Status], int, int]:
    late = (
        sa.select(sa.func.count(sa.distinct(Deadline.ticket_id)))
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .where(overdue_now(at), visible_to(actor))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            Ticket.status,
            sa.func.count(),
            sa.func.sum(sa.case((Ticket.handler_id == actor.id, 1), else_=0)),
            late,
        )
        .where(Ticket.status.in_(OPEN_STATUSES), visible_to(actor))
        .group_by(Ticket.status)
    ).all()
    late_of_none = 0 if rows else session.execute(sa.select(late)).scalar_one()
    return (
        Counter({row[0]: row[1] for row in rows}),
        sum(row[2] for row in rows),
        rows[0][3] if rows else late_of_none,
    )


def _lines(session: Session, actor: Actor, at: datetime, calendar: WorkingCalendar) -> list[Line]:
    away = loading.principals_of(session, actor)
    found = session.execute(_open(actor)).all()
    ids = [row.id for row in found]
    clocked = deadlines_of(session, ids, paused=[row.id for row in found if row.status is Status.SUSPENDED])
    asked, heads = waiting.questions(session, Ticket.id.in_(ids)), waiting.heads(session)
    lines = []
    for row in found:
        here = standing(
            row.status,
            clocked.clocked[row.id],
            at,
            calendar,
            handler=row.handler or "",
            paused_until=clocked.paused_until.get(row.id),
        )
        put = asked.get(row.id)
        event = put if put is not None and put.action is not Action.REPORT_DONE else None
        facts = OpenTicket(
            status=row.status,
            section_id=row.section_id,
            handler_id=row.handler_id,
            conflict=row.conflict,
            running=frozenset(each.kind for each in clocked.clocked[row.id] if each.running),
            level=here.level,
            asked=event.action if event else None,
            asked_by=event.actor_id if event else None,
            unread_by=unread_by(put.occurred_at, heads.get(row.section_id, {}), at, calendar)
            if put
            else frozenset(),
            handler_gone=row.handler_gone is not None,
            wrote_again=row.wrote_again_at is not None,
        )
        lines.append(
            Line(
                number=row.number,
                title=row.title,
                school=row.school or row.school_text,
                section=row.section,
                status=row.status,
                urgency=row.urgency,
                alarm=row.alarm,
                secrecy=row.secrecy,
                standing=here,
                to_do=to_do(actor, facts, heads) or _for_another(actor, away, facts, heads),
                handler_id=row.handler_id,
            )
        )
    return lines


def _for_another(
    actor: Actor, away: Sequence[Actor], facts: OpenTicket, heads: Mapping[int, Collection[int]]
) -> str:
    """What a person would do today for one who is away; nobody decides for another on his own cases."""
    if actor.id in {facts.handler_id, facts.asked_by}:
        return ""
    found = ((person, to_do(person, facts, heads)) for person in away)
    return next((f"代{person.display_name}：{words}" for person, words in found if words), "")


def _open(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """The open tickets a person may see, alarms first, then what is due soonest."""
    first_due = (
        sa.select(sa.func.min(Deadline.due_at))
        .where(Deadline.ticket_id == Ticket.id, Deadline.met_at.is_(None), Deadline.ended_at.is_(None))
        .correlate(Ticket)
        .scalar_subquery()
    )
    return (
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.section_id,
            Ticket.handler_id,
            Ticket.conflict,
            Ticket.urgency,
            Ticket.alarm,
            Ticket.secrecy,
            Ticket.school_text,
            Ticket.wrote_again_at,
            Section.name.label("section"),
            Account.display_name.label("handler"),
            Account.disabled_at.label("handler_gone"),
            first_school().label("school"),
        )
        .join(Section, Section.id == Ticket.section_id)
        .outerjoin(Account, Account.id == Ticket.handler_id)
        .where(_TO_LOOK_AT, visible_to(actor))
        .order_by(sa.case((Ticket.alarm == Alarm.Y1, 0), else_=1), first_due.is_(None), first_due, Ticket.id)
        .limit(LOOKED_AT)
    )
