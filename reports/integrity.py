"""数据完整性: gaps in the numbers, what was changed by hand, what became of everything that came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Section
from core.audit import AuditEntry
from core.registry import registry
from reports.contents import Integrity, NumberRun, Tally
from reports.facts import Registers
from reports.figures import Course
from reports.periods import Cut
from tickets.calendar.office_time import office_day
from tickets.models import NumberCounter, Ticket
from tickets.vocabulary import Action, Urgency

_URGENCY = 2  # its place among the kinds that a correction keeps as they were before


def integrity(session: Session, cut: Cut, courses: Sequence[Course], known: Registers) -> Integrity:
    """Everything that has to be said so that nothing can be hidden."""
    came_in = [course for course in courses if course.came_in]
    corrections = [
        (course, event) for course in courses for event in course.events if event.action is Action.CORRECT
    ]
    anchor = session.execute(
        sa.select(AuditEntry.seq, AuditEntry.mac)
        .where(AuditEntry.recorded_at < cut.before)
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    ).one_or_none()
    return Integrity(
        numbers=numbers(session, cut),
        tallies=tallies(session, cut),
        backfilled=sum(_backfilled(course) for course in came_in),
        loaded=sum(course.ticket.loaded for course in came_in),
        corrections=len(corrections),
        scope_changed=sum(
            _left_scope(course, str(event.data.get("category_before", "")), known)
            for course, event in corrections
        ),
        urgency_lowered=sum(_lowered(event.data) for _, event in corrections),
        needs_reading=sum(course.ticket.needs_reading for course in came_in),
        provisional=sum(each.running and each.row.provisional for course in courses for each in course.owed),
        anchor_seq=anchor.seq if anchor else 0,
        anchor_mac=anchor.mac if anchor else "",
    )


def numbers(session: Session, cut: Cut) -> tuple[NumberRun, ...]:
    """The numbers of the period, prefix by prefix. The counters know how many were given, whatever rows are left."""
    first, last = cut.span.first_day, office_day(cut.before - timedelta(microseconds=1))
    counters = session.execute(
        sa.select(NumberCounter.prefix, NumberCounter.day, NumberCounter.last)
        .join(Section, Section.number_prefix == NumberCounter.prefix)  # orders have numbers of their own
        .where(NumberCounter.day.between(f"{first:%Y%m%d}", f"{last:%Y%m%d}"))
        .order_by(NumberCounter.prefix, NumberCounter.day)
    ).all()
    # The number's day and the day of its record are one, but for the moment between the two.
    near = (cut.start - timedelta(hours=1), cut.before + timedelta(days=1))
    rows = session.execute(
        sa.select(Ticket.number, Ticket.recorded_at)
        .where(Ticket.recorded_at.between(*near))
        .order_by(Ticket.id)
    ).all()
    there = {row.number for row in rows}
    counted = {row.number for row in rows if row.recorded_at < cut.before}
    found: dict[str, list[str]] = defaultdict(list)
    missing: dict[str, list[str]] = defaultdict(list)
    for prefix, day, given in counters:
        for number in (f"{prefix}{day}-{place:04d}" for place in range(1, given + 1)):
            if number in counted:
                found[prefix].append(number)
            elif number not in there:
                missing[prefix].append(number)
    return tuple(
        NumberRun(
            first=min([*found[prefix], *missing[prefix]]),
            last=max([*found[prefix], *missing[prefix]]),
            count=len(found[prefix]),
            missing=tuple(missing[prefix]),
        )
        for prefix in sorted(found.keys() | missing.keys())
        if found[prefix] or missing[prefix]
    )


def tallies(session: Session, cut: Cut) -> tuple[Tally, ...]:
    """What the features that take things in say of the period: every mail with what became of it."""
    return tuple(
        Tally(name=each.name, total=each.total, parts=each.parts, sentences=each.sentences)
        for ask in registry().data_integrity
        for each in ask(session, cut.start, cut.before)
    )


def _backfilled(course: Course) -> bool:
    ticket = course.ticket
    return not ticket.loaded and (ticket.backfilled or ticket.received_at < course.cut.start)


def _left_scope(course: Course, code_before: str, known: Registers) -> bool:
    before, now = known.categories.get(code_before), course.ticket.category
    return before is not None and before.in_scope and now is not None and not now.in_scope


def _lowered(data: object) -> bool:
    """Whether a correction made a ticket less urgent."""
    if not isinstance(data, dict) or "urgency" not in data or "kinds_before" not in data:
        return False
    order = [each.value for each in Urgency]
    before = data["kinds_before"][_URGENCY]
    return order.index(data["urgency"]) < order.index(before)
