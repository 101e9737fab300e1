"""The demonstration's papers: a demand of the commission, last week's bulletin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from accounts.actor import Actor
from core.clock import office_day
from core.db import transaction
from reports import freezing, periods
from reports.contents import BulletinKind
from reports.supervision import NewOrder, record_order
from reports.vocabulary import OrderKind, ReceivedBy
from tickets.calendar.working_days import WorkingCalendar


def demand(
    today: datetime, calendar: WorkingCalendar, people: Mapping[str, Actor], numbers: Mapping[str, str]
) -> Callable[[], None]:
    """A paper of the commission about the case that nobody has taken up."""
    issued = calendar.previous_working_day(office_day(today))
    due = issued
    for _ in range(4):
        due = calendar.next_working_day(due)

    def do() -> None:
        new = NewOrder(
            kind=OrderKind.YELLOW,
            received_by=ReceivedBy.PAPER,
            issuer="县纪委监委党风政风监督室",
            issued_on=issued,
            due_on=due,
            paper_number="安纪提〔2026〕5号",
            demand="请说明该件超过受理期限的原因，并于答复日期前反馈办理情况。",
            section="",
            tickets=(numbers["waits too long"],),
        )
        with transaction() as session:
            record_order(session, new, actor=people["sumin"])

    return do


def bulletin(today: datetime) -> None:
    """Last week's, as the schedule would have made it."""
    week = periods.containing(BulletinKind.WEEKLY, office_day(today))
    freezing.freeze(periods.previous(week))
