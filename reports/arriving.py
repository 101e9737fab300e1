"""How many came in, by everything a breakdown asks for: one grouped count over all tickets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reports.facts import Arrivals
from reports.periods import Cut
from tickets.models import Ticket, TicketCategory, TicketSchool


def arrivals(
    session: Session,
    cut: Cut,
    *,
    before_from: datetime,
    year_from: datetime,
    campaign_from: datetime | None,
    in_campaign: Iterable[str],
) -> list[Arrivals]:
    """What came in within the period, the one before it, this year and the campaign: school and category as they stand when it is asked."""
    first_school = (
        sa.select(sa.func.min(TicketSchool.school_id))
        .where(TicketSchool.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    codes = list(in_campaign)
    campaign = (
        sa.and_(Ticket.recorded_at >= campaign_from, TicketCategory.category_code.in_(codes))
        if campaign_from is not None
        else sa.false()
    )
    earliest = min(each for each in (before_from, year_from, campaign_from, cut.start) if each is not None)
    keys = (Ticket.channel, Ticket.section_id, TicketCategory.category_code, first_school)
    rows = session.execute(
        sa.select(
            *keys,
            _sum(Ticket.recorded_at >= cut.start),
            _sum(sa.and_(Ticket.recorded_at >= before_from, Ticket.recorded_at < cut.start)),
            _sum(Ticket.recorded_at >= year_from),
            _sum(campaign),
        )
        .select_from(Ticket)
        .outerjoin(TicketCategory, sa.and_(TicketCategory.ticket_id == Ticket.id, TicketCategory.main))
        .where(Ticket.recorded_at >= earliest, Ticket.recorded_at < cut.before)
        .group_by(*keys)
    )
    return [
        Arrivals(
            channel=channel,
            section_id=section,
            category_code=code,
            school_id=school,
            now=now,
            before=before,
            this_year=year,
            campaign=campaign_count,
        )
        for channel, section, code, school, now, before, year, campaign_count in rows
    ]


def received_before(session: Session, cut: Cut, since: date) -> int | None:
    """How many came in within an earlier period; None if this was not counted from its first day on."""
    if cut.span.first_day < since:
        return None
    return session.execute(
        sa.select(sa.func.count())
        .select_from(Ticket)
        .where(Ticket.recorded_at >= cut.start, Ticket.recorded_at < cut.before)
    ).scalar_one()


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
