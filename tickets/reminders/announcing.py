"""A year's arrangement of days off is entered: the calendar gets a new version, deadlines follow, and whom it concerns is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now
from core.db import transaction
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets import duties
from tickets.calendar.notice import Notice
from tickets.calendar.working_days import DayKind
from tickets.models import CalendarDay, CalendarYear, NoticeAddress
from tickets.reminders.raising import staff_sender
from tickets.reminders.recomputing import Moved, recompute_all


def announce(notice: Notice, *, actor: Actor) -> list[Moved]:
    """Saves what a person has compared and found right; the deadlines that moved. Stopped half-way, the nightly job goes on."""
    with transaction() as session:
        version = save(session, notice, actor=actor)
    moved = recompute_all()
    if moved:
        with transaction() as session:
            _tell(session, notice, moved, version)
    return moved


def save(session: Session, notice: Notice, *, actor: Actor) -> int:
    """Replaces what was there for the notice's year; the calendar's new version."""
    version = (session.execute(sa.select(sa.func.max(CalendarYear.version))).scalar_one() or 0) + 1
    year = session.get(CalendarYear, notice.year, with_for_update=True)
    if year is None:
        year = CalendarYear(year=notice.year)
        session.add(year)
    year.source, year.version = "按通知录入", version
    year.saved_by, year.saved_at = actor.display_name, now()
    session.flush()
    session.execute(
        sa.delete(CalendarDay).where(
            sa.or_(CalendarDay.year == notice.year, CalendarDay.day.in_([line.day for line in notice.days]))
        )
    )
    session.add_all(
        CalendarDay(day=line.day, year=notice.year, off=line.kind is DayKind.OFF, name=line.name)
        for line in notice.days
    )
    session.flush()
    audit.record(
        session,
        "calendar.announced",
        actor=actor.username,
        object_ref=f"calendar/{notice.year}",
        version=version,
        days=[f"{line.day.isoformat()} {line.kind.value}" for line in notice.days],
    )
    return version


def _tell(session: Session, notice: Notice, moved: Iterable[Moved], version: int) -> None:
    """A mail to each person whose cases have moved, with how many; the cases' own histories say the days."""
    sender = staff_sender()
    if sender is None:
        return
    counted: Counter[int] = Counter()
    staff = duties.staff(session)
    for each in moved:
        for person in staff:
            if person.id is not None and (
                person.id == each.handler_id
                or (each.handler_id is None and each.section_id in person.section_ids)
            ):
                counted[person.id] += 1
    for address in session.scalars(
        sa.select(NoticeAddress).where(NoticeAddress.account_id.in_(list(counted)))
    ):
        enqueue(
            session,
            OutboxKind.STAFF,
            dedupe=f"calendar/{version}/{address.account_id}",
            object_ref=f"calendar/{notice.year}",
            sender=sender,
            recipient=address.mail,
            subject="工作提醒：放假安排公布，时限已重算",
            body=f"您好：\n\n{notice.year} 年放假安排已经录入，与您有关的 {counted[address.account_id]} 件时限有变动。\n\n"
            "请登录系统查看。\n（本邮件由系统自动发出，请勿回复）\n",
        )
