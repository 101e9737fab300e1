"""What is overdue now, in a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.clock import office_day
from tickets import registers
from tickets.calendar.office_time import end_of_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.asking import Ask, Given, asked
from tickets.deadlines.rules import DeadlineKind, Due, Unit, overdue_days, overdue_from
from tickets.late import KINDS, Group, Line, Overview, group_of
from tickets.models import Category, Deadline, OverdueNote, Suspension, Ticket, TicketCategory
from tickets.queries.listing import first_school, overdue_now, seen_overdue
from tickets.standing import Clocked, standing
from tickets.vocabulary import OPEN_STATUSES, Secrecy, Status

SHOWN_AT_MOST = 300


def overview(
    session: Session, actor: Actor, at: datetime, *, at_most: int | None = SHOWN_AT_MOST
) -> Overview:
    """Everything on the page, in three questions and the calendar."""
    calendar = registers.working_calendar(session)
    totals = session.execute(_totals(actor, at)).one()
    counts: dict[Group, int] = defaultdict(int)
    by_section: dict[str, dict[Group, int]] = defaultdict(lambda: defaultdict(int))
    for row in session.execute(_counts(actor, at)):
        group = group_of(row.kind)
        if group is not None:
            counts[group] += row.how_many
            by_section[row.section][group] += row.how_many
    paused = totals.paused_since
    return Overview(
        at=at,
        open=totals.open,
        merged=totals.merged,
        suspended=totals.suspended,
        longest_suspended=calendar.count_working_days(office_day(paused), office_day(at)) if paused else 0,
        due_today=totals.due_today,
        late=totals.late,
        counts=counts,
        by_section=by_section,
        lines=_lines(session.execute(_late(actor, at).limit(at_most)).all(), actor, at, calendar),
    )


def newest_note() -> sa.ScalarSelect[int]:
    """The reason that was written down last for a ticket."""
    return (
        sa.select(sa.func.max(OverdueNote.id))
        .where(OverdueNote.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )


def given_by(note: OverdueNote | None) -> Given | None:
    """A reason as the rule of asking knows it."""
    return Given(on=office_day(note.at), expected_on=note.expected_on) if note is not None else None


def reason_words(note: OverdueNote | None) -> str:
    if note is None:
        return ""
    return f"{note.reason.label}：{note.text}" if note.text else note.reason.label


def _lines(rows: Sequence[Any], actor: Actor, at: datetime, calendar: WorkingCalendar) -> list[Line]:
    late: dict[str, list[Due]] = defaultdict(list)
    for row in rows:
        late[row.number].append(ledger.due_of(row.Deadline))
    asks = {row.number: asked(late[row.number], given_by(row.OverdueNote), at, calendar) for row in rows}
    lines = [_line(row, actor, at, calendar, asks[row.number]) for row in rows]
    order = list(Group)
    return sorted(lines, key=lambda line: (order.index(line.group), -line.days, line.number))


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
            Ticket.section_id,
            OverdueNote,
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
        .outerjoin(OverdueNote, OverdueNote.id == newest_note())
        .where(overdue_now(at), seen_overdue(actor), Deadline.kind.in_(KINDS))
        .order_by(Deadline.due_at, Deadline.id)
    )


def _totals(actor: Actor, at: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Open, merged into them, suspended, due today, overdue: tickets, each counted once."""
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
    open_, main = sa.and_(Ticket.status.in_(OPEN_STATUSES), seen_overdue(actor)), aliased(Ticket)
    merged = (
        sa.select(sa.func.count(main.id))
        .join(Ticket, Ticket.id == main.merged_into_id)
        .where(main.status == Status.MERGED, open_)
        .scalar_subquery()
    )
    paused = (
        sa.select(sa.func.min(Suspension.started_at))
        .join(Ticket, Ticket.id == Suspension.ticket_id)
        .where(Suspension.ended_at.is_(None), open_)
        .scalar_subquery()
    )
    return sa.select(
        sa.func.count(Ticket.id).label("open"),
        sa.func.coalesce(sa.func.sum(sa.case((Ticket.status == Status.SUSPENDED, 1), else_=0)), 0).label(
            "suspended"
        ),
        merged.label("merged"),
        paused.label("paused_since"),
        today.label("due_today"),
        late.label("late"),
    ).where(open_)


def _line(row: Any, actor: Actor, at: datetime, calendar: WorkingCalendar, ask: Ask | None) -> Line:
    deadline: Deadline = row.Deadline
    group = group_of(deadline.kind)
    assert group is not None  # noqa: S101 - the other kinds belong to no ticket
    due = ledger.due_of(deadline)
    outside = actor.has(Role.SUPERVISOR)
    days = overdue_days(due, at, calendar)
    here = standing(row.status, [Clocked(due=due)], at, calendar, handler=row.handler or "")
    told, told_school = _told(row), _told_school(row)
    note: OverdueNote | None = row.OverdueNote
    return Line(
        number=row.number,
        subject=told if outside else row.title,
        told=told,
        school=told_school if outside else row.school or row.school_text,
        told_school=told_school,
        section=row.section,
        group=group,
        days=days,
        unit=deadline.unit,
        words=_words(days, deadline.unit, overdue_from(due, calendar)),
        waits_for=_waits_for(deadline.kind) or here.waits_for,
        handler=row.handler or "未指定",
        original_last_day=deadline.original_last_day,
        last_day=deadline.last_day,
        secrecy=row.secrecy,
        reason=reason_words(note),
        expected_on=note.expected_on if note is not None else None,
        ask=ask,
        may_explain=may_explain(actor, row.section_id),
    )


def may_explain(actor: Actor, section_id: int) -> bool:
    """Whether a person writes down why a case of this section is late."""
    return section_id in actor.section_ids and actor.has(Role.HANDLER, Role.HEAD)


def _told(row: Any) -> str:
    """What the matter is called outside the sections: what was released, else the category."""
    if row.released_text and row.released_at is not None:
        return str(row.released_text)
    return f"{row.category or '未分类'}（摘要待确认）"


def _told_school(row: Any) -> str:
    return "（限制知悉）" if row.secrecy is Secrecy.RESTRICTED else row.school or ""


def _words(days: int, unit: Unit, counted_from: date) -> str:
    if not days:
        return f"已过期限（{counted_from.month}月{counted_from.day}日起计）"
    return f"{days} 个工作日" if unit is Unit.WORKING else f"{days} 日（自然日）"


def _waits_for(kind: DeadlineKind) -> str:
    return {DeadlineKind.NOTICE: "等书面告知反映人"}.get(kind, "")
