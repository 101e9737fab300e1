"""Statistics with their drill-down, by released facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.clock import office_day
from reports.periods import start_of
from tickets.models import Category, Deadline, School, Ticket, TicketCategory, TicketSchool
from tickets.queries.listing import first_school, overdue_now
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Secrecy, Status

SHOWN = 50
HIDDEN = "（限制知悉）"
_Parent = aliased(Category)


def scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The tickets whose released facts a person may see here: all for the supervisor, else those they may open anyway."""
    return sa.true() if actor.has(Role.SUPERVISOR) else visible_to(actor)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is asked for; empty asks for nothing. `state` is open, overdue or a status."""

    section: str = ""
    category: str = ""
    channel: str = ""
    school: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None  # the last day that counts

    def without(self, name: str) -> dict[str, str]:
        """The others, as an address wants them."""
        return {key: value for key, value in self.as_query().items() if key != name}

    def as_query(self) -> dict[str, str]:
        values = {
            "section": self.section,
            "category": self.category,
            "channel": self.channel,
            "school": self.school,
            "state": self.state,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {key: value for key, value in values.items() if value}


@dataclass(frozen=True, kw_only=True)
class Count:
    """One line of the statistics and what it drills down to."""

    label: str
    query: Mapping[str, str]
    total: int
    open: int
    overdue: int
    school_id: int | None = None  # of a line about a school: it has a page of its own


def statistics(session: Session, actor: Actor, filters: Filters, at: datetime) -> dict[str, list[Count]]:
    """What there is by section, channel and category, each with what is open and late. Schools only from three on."""
    counts = _counts(at)
    columns: dict[str, tuple[Any, Any, str]] = {
        "股室": (Section.slug, Section.name, "section"),
        "来源": (Ticket.channel, Ticket.channel, "channel"),
        "类别": (_Parent.code, _Parent.name, "category"),
    }
    found: dict[str, list[Count]] = {}
    for name, (key, label, field) in columns.items():
        rows = session.execute(
            joined(sa.select(key, label, *counts))
            .where(scope(actor), *_conditions(filters, at))
            .group_by(key, label)
            .order_by(key)
        )
        found[name] = [
            Count(
                label=getattr(words, "label", words) or "未分类",
                query={**filters.without(field), field: getattr(code, "value", code) or "none"},
                total=total,
                open=open_,
                overdue=overdue,
            )
            for code, words, total, open_, overdue in rows
        ]
    found["学校（3件以上）"] = _schools(session, actor, filters, at)
    return found


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of the course of things: what came in, and what of it is still open; each leads to its list."""

    label: str
    query: Mapping[str, str]
    total: int
    open: int


def months(session: Session, actor: Actor, filters: Filters, at: datetime) -> list[Month]:
    """The last twelve calendar months by when a ticket was recorded; whatever else is asked for narrows them too."""
    firsts = _month_firsts(office_day(at))
    spans = list(pairwise((*firsts, _next_month(firsts[-1]))))
    within = [
        sa.and_(Ticket.recorded_at >= start_of(first), Ticket.recorded_at < start_of(after))
        for first, after in spans
    ]
    open_ = Ticket.status.in_(OPEN_STATUSES)
    counts = [_sum(condition) for condition in within] + [_sum(sa.and_(each, open_)) for each in within]
    asked = replace(filters, since=firsts[0], until=None, state="")
    row = session.execute(joined(sa.select(*counts)).where(scope(actor), *_conditions(asked, at))).one()
    return [
        Month(
            label=f"{first.year}年{first.month}月",
            query=replace(asked, since=first, until=after - timedelta(days=1)).as_query(),
            total=row[place],
            open=row[place + len(spans)],
        )
        for place, (first, after) in enumerate(spans)
    ]


def _month_firsts(today: date) -> list[date]:
    """The first days of the twelve months up to this one."""
    count = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(count - 11, count + 1)]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _schools(session: Session, actor: Actor, filters: Filters, at: datetime) -> list[Count]:
    """By the register's names, never by their count: this is no ranking. 限制知悉 is not counted towards a school."""
    rows = session.execute(
        joined(sa.select(School.id, School.name, *_counts(at)))
        .join(TicketSchool, TicketSchool.ticket_id == Ticket.id)
        .join(School, School.id == TicketSchool.school_id)
        .where(scope(actor), Ticket.secrecy != Secrecy.RESTRICTED, *_conditions(filters, at))
        .group_by(School.id, School.name)
        .having(sa.func.count() >= 3)
        .order_by(School.name)
    )
    return [
        Count(
            label=name,
            query={**filters.without("school"), "school": name},
            total=total,
            open=open_,
            overdue=overdue,
            school_id=key,
        )
        for key, name, total, open_, overdue in rows
    ]


def _counts(at: datetime) -> tuple[sa.ColumnElement[int], ...]:
    late = sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at))
    return (
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(sa.case((Ticket.status.in_(OPEN_STATUSES), 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((late, 1), else_=0)), 0),
    )


def joined(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    return (
        query.select_from(Ticket)
        .join(Section, Section.id == Ticket.section_id)
        .outerjoin(TicketCategory, sa.and_(TicketCategory.ticket_id == Ticket.id, TicketCategory.main))
        .outerjoin(Category, Category.code == TicketCategory.category_code)
        .outerjoin(_Parent, _Parent.code == sa.func.coalesce(Category.parent_code, Category.code))
    )


def _conditions(filters: Filters, at: datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.section:
        found.append(Section.slug == filters.section)
    if filters.channel:
        found.append(Ticket.channel == filters.channel)
    if filters.category:
        found.append(
            _Parent.code.is_(None) if filters.category == "none" else _Parent.code == filters.category
        )
    if filters.school:
        named = sa.select(TicketSchool.ticket_id).join(School, School.id == TicketSchool.school_id)
        found += [
            Ticket.id.in_(named.where(School.name == filters.school)),
            Ticket.secrecy != Secrecy.RESTRICTED,
        ]
    if filters.since:
        found.append(Ticket.recorded_at >= start_of(filters.since))
    if filters.until:
        found.append(Ticket.recorded_at < start_of(filters.until + timedelta(days=1)))
    if filters.state == "open":
        found.append(Ticket.status.in_(OPEN_STATUSES))
    elif filters.state == "overdue":
        found.append(sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at)))
    elif filters.state:
        found.append(Ticket.status == filters.state)
    return found


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A ticket as a supervisor sees it in a list."""

    number: str
    subject: str
    school: str
    section: str
    status: Status
    channel: str
    recorded_at: datetime
    overdue: bool


def case_lines(
    session: Session, actor: Actor, filters: Filters, at: datetime, after: int = 0
) -> tuple[list[CaseLine], int | None]:
    """The tickets that fit, the newest first, and from where the next page goes on."""
    late = sa.exists().where(Deadline.ticket_id == Ticket.id, overdue_now(at))
    query = joined(sa.select(Ticket, Section.name, Category.name, first_school(), late.label("late"))).where(
        scope(actor), *_conditions(filters, at)
    )
    if after:
        query = query.where(Ticket.id < after)
    rows = session.execute(query.order_by(Ticket.id.desc()).limit(SHOWN + 1)).all()
    lines = [
        CaseLine(
            number=ticket.number,
            subject=subject_of(ticket, category),
            school=school_of(ticket, school),
            section=section,
            status=ticket.status,
            channel=ticket.channel.label,
            recorded_at=ticket.recorded_at,
            overdue=bool(overdue),
        )
        for ticket, section, category, school, overdue in rows[:SHOWN]
    ]
    return lines, rows[SHOWN - 1][0].id if len(rows) > SHOWN else None


def subject_of(ticket: Ticket, category: str | None) -> str:
    if ticket.released_text and ticket.released_at is not None:
        return ticket.released_text
    return f"{category or '未分类'}（摘要待确认）"


def school_of(ticket: Ticket, school: str | None) -> str:
    return HIDDEN if ticket.secrecy is Secrecy.RESTRICTED else school or "未写明"
