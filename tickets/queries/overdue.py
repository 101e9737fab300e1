"""What is overdue: five kinds, never mixed, each with its own unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.clock import office_day
from core.labels import Labelled
from tickets import registers
from tickets.calendar.office_time import end_of_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, Unit, overdue_days, overdue_from
from tickets.models import Category, Deadline, Ticket, TicketCategory
from tickets.queries.listing import first_school, overdue_now, seen_overdue
from tickets.standing import Clocked, standing
from tickets.vocabulary import OPEN_STATUSES, Secrecy, Status

SHOWN_AT_MOST = 300


class Group(Labelled):
    """The five kinds of being late."""

    ACCEPT = "accept", "受理超期"
    RESOLVE = "resolve", "办理超期"
    FEEDBACK = "feedback", "学校反馈超期"
    CALL_BACK = "call_back", "回访超期"
    LEGAL = "legal", "法定期限超期"


GROUPS = tuple(Group)
_KINDS: dict[DeadlineKind, Group] = {
    DeadlineKind.ACCEPT: Group.ACCEPT,
    DeadlineKind.RESOLVE: Group.RESOLVE,
    DeadlineKind.SIGN_OFF: Group.FEEDBACK,
    DeadlineKind.FEEDBACK: Group.FEEDBACK,
    DeadlineKind.CALL_BACK: Group.CALL_BACK,
    DeadlineKind.NOTICE: Group.LEGAL,
    DeadlineKind.LEGAL: Group.LEGAL,
}


def group_of(kind: DeadlineKind) -> Group | None:
    """Which of the five kinds a deadline counts to; None for what is no ticket's."""
    return _KINDS.get(kind)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One missed deadline of one ticket."""

    number: str
    subject: str
    school: str
    section: str
    group: Group
    kind: DeadlineKind
    days: int
    unit: Unit
    words: str
    waits_for: str
    handler: str
    original_last_day: date
    last_day: date
    secrecy: Secrecy


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What is read aloud, and the lines beneath it."""

    at: datetime
    open: int
    suspended: int
    due_today: int
    late: int  # tickets, not deadlines
    counts: dict[Group, int]
    by_section: dict[str, dict[Group, int]] = field(default_factory=dict)
    lines: Sequence[Line] = ()
    may_open: bool = True

    @property
    def longest(self) -> Line | None:
        return max(self.lines, key=lambda line: line.days, default=None)

    def of(self, group: Group) -> list[Line]:
        return [line for line in self.lines if line.group is group]


def overview(session: Session, actor: Actor, at: datetime) -> Overview:
    """Everything on the page, in three questions and the calendar."""
    calendar = registers.working_calendar(session)
    open_, suspended, due_today, late = _totals(session, actor, at)
    counts: dict[Group, int] = defaultdict(int)
    by_section: dict[str, dict[Group, int]] = defaultdict(lambda: defaultdict(int))
    for row in session.execute(_counts(actor, at)):
        group = group_of(row.kind)
        if group is not None:
            counts[group] += row.how_many
            by_section[row.section][group] += row.how_many
    lines = [
        _line(row, group, actor, at, calendar)
        for row in session.execute(_late(actor, at).limit(SHOWN_AT_MOST))
        if (group := group_of(row.Deadline.kind)) is not None
    ]
    order = list(Group)
    lines.sort(key=lambda line: (order.index(line.group), -line.days, line.number))
    return Overview(
        at=at,
        open=open_,
        suspended=suspended,
        due_today=due_today,
        late=late,
        counts=counts,
        by_section=by_section,
        lines=lines,
        may_open=actor.has(Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER),
    )


def _counts(actor: Actor, at: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Section.name.label("section"), Deadline.kind, sa.func.count().label("how_many"))
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .join(Section, Section.id == Ticket.section_id)
        .where(overdue_now(at), seen_overdue(actor))
        .group_by(Section.id, Section.name, Deadline.kind)
        .order_by(Section.id)
    )


def _late(actor: Actor, at: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Deadline,
            Ticket.number,
            Ticket.title,
            Ticket.released_text,
            Ticket.released_at,
            Ticket.school_text,
            Ticket.status,
            Ticket.secrecy,
            Section.name.label("section"),
            Account.display_name.label("handler"),
            Category.name.label("category"),
            first_school().label("school"),
        )
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .join(Section, Section.id == Ticket.section_id)
        .outerjoin(Account, Account.id == Ticket.handler_id)
        .outerjoin(TicketCategory, sa.and_(TicketCategory.ticket_id == Ticket.id, TicketCategory.main))
        .outerjoin(Category, Category.code == TicketCategory.category_code)
        .where(overdue_now(at), seen_overdue(actor))
        .order_by(Deadline.due_at, Deadline.id)
    )


def _totals(session: Session, actor: Actor, at: datetime) -> tuple[int, int, int, int]:
    """Open, suspended, due today, overdue: tickets, each counted once."""
    tonight = end_of_day(office_day(at))
    due_today = sa.and_(
        Deadline.met_at.is_(None),
        Deadline.ended_at.is_(None),
        Deadline.provisional.is_(False),
        Deadline.due_at == tonight,
    )
    today, late = (
        sa.select(sa.func.count(sa.distinct(Deadline.ticket_id)))
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .where(condition, seen_overdue(actor))
        .scalar_subquery()
        for condition in (due_today, overdue_now(at))
    )
    row = session.execute(
        sa.select(
            sa.func.count(Ticket.id),
            sa.func.coalesce(sa.func.sum(sa.case((Ticket.status == Status.SUSPENDED, 1), else_=0)), 0),
            today,
            late,
        ).where(Ticket.status.in_(OPEN_STATUSES), seen_overdue(actor))
    ).one()
    return row[0], row[1], row[2], row[3]


def _line(row: Any, group: Group, actor: Actor, at: datetime, calendar: WorkingCalendar) -> Line:
    deadline: Deadline = row.Deadline
    due = ledger.due_of(deadline)
    outside = actor.has(Role.SUPERVISOR)
    hidden = outside and row.secrecy is Secrecy.RESTRICTED
    days = overdue_days(due, at, calendar)
    here = standing(row.status, [Clocked(due=due)], at, calendar, handler=row.handler or "")
    return Line(
        number=row.number,
        subject=_subject(row, outside=outside),
        school="（限制知悉）" if hidden else row.school or ("" if outside else row.school_text),
        section=row.section,
        group=group,
        kind=deadline.kind,
        days=days,
        unit=deadline.unit,
        words=_words(days, deadline.unit, overdue_from(due, calendar)),
        waits_for=_waits_for(deadline.kind) or here.waits_for,
        handler=row.handler or "未指定",
        original_last_day=deadline.original_last_day,
        last_day=deadline.last_day,
        secrecy=row.secrecy,
    )


def _subject(row: Any, *, outside: bool) -> str:
    """What the matter is called: outside the sections only what was released, else the category."""
    if not outside:
        return str(row.title)
    if row.released_text and row.released_at is not None:
        return str(row.released_text)
    return f"{row.category or '未分类'}（摘要待确认）"


def _words(days: int, unit: Unit, counted_from: date) -> str:
    if not days:
        return f"已过期限（{counted_from.month}月{counted_from.day}日起计）"
    return f"{days} 个工作日" if unit is Unit.WORKING else f"{days} 日（自然日）"


def _waits_for(kind: DeadlineKind) -> str:
    return {DeadlineKind.NOTICE: "等书面告知反映人"}.get(kind, "")
