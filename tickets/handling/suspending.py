"""Asker still, with a reason and an end: twice and thirty days at most, and never what the law promises."""

from __future__ import annotations

from core.clock import office_day
from core.errors import DomainError
from tickets.actions import SUSPENDED_DAYS_AT_MOST
from tickets.calendar.office_time import end_of_day
from tickets.handling import loading
from tickets.handling.work import Work
from tickets.models import Suspension
from tickets.vocabulary import Status, SuspensionReason


def suspend(work: Work) -> Status:
    until, today = work.filled.day("until"), office_day(work.at)
    if until is None or until < today:
        raise DomainError("暂停到哪一天要填今天或以后的日期。")
    days = (until - today).days + 1
    left = SUSPENDED_DAYS_AT_MOST - work.state.suspended_days
    if days > left:
        raise DomainError(
            f"每件累计最多暂停 {SUSPENDED_DAYS_AT_MOST} 日（含休息日），这件还可以暂停 {left} 日。"
        )
    work.session.add(
        Suspension(
            ticket_id=work.ticket.id,
            reason=work.filled.choice("why", SuspensionReason),
            note=work.filled.text("reason"),
            started_at=work.at,
            until_day=until,
        )
    )
    work.session.flush()
    work.pause_anew()
    for row in work.deadlines:
        if row.met_at is None and row.ended_at is None and row.kind.can_pause:
            row.paused_at = work.at
    return Status.SUSPENDED


def resume(work: Work) -> Status:
    """Goes on now, or from the day that was set if that has passed: nobody gains a day by pressing late."""
    for stretch in loading.suspensions_of(work.session, work.ticket):
        if stretch.ended_at is None:
            stretch.ended_at = min(work.at, end_of_day(stretch.until_day))
    work.session.flush()
    work.pause_anew()
    for row in work.deadlines:
        row.paused_at = None
    return Status.IN_PROGRESS
