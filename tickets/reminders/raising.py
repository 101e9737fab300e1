"""The daily reminders: every level of every running deadline once, and one digest to each person it concerns.

On the screen the deadlines speak for themselves; a mail only says how many, so that whoever looks over a shoulder learns nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Delegation
from accounts.vocabulary import Role
from config.settings import Settings
from core.clock import now, office_day
from core.db import transaction
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets import duties, registers
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.asking import Ask, asked
from tickets.deadlines.rules import Due, Level, level
from tickets.loading import SOURCE
from tickets.models import Deadline, MovedUp, NoticeAddress, OverdueNote, Reminder, RenewalReminder, Ticket
from tickets.queries import waiting
from tickets.queries.overdue import given_by
from tickets.workbench import unread_by

_FARTHEST = timedelta(days=31)  # no holiday puts more days between a last working day and the one before it
RENEW, MOVED_UP = "renew", "moved_up"
_WORDS: tuple[tuple[str, str], ...] = (
    (Level.DUE_TODAY, "今天到期"),
    (Level.YELLOW, "下个工作日到期"),
    (Level.RED, "已超期"),
    (Level.RED_FIVE, "超期 5 日以上"),
    (RENEW, "超期原因要更新"),
    (MOVED_UP, "股室负责人超过 1 个工作日未审，请您审批"),
)


@dataclass(frozen=True, kw_only=True)
class Raised:
    """How many reminders were new, and how many people were written to."""

    reminders: int = 0
    digests: int = 0


@dataclass(frozen=True, kw_only=True)
class _New:
    """One thing to remind of: its word above, and whom it concerns."""

    key: str  # never the same again: it is reminded of once
    what: str
    told: frozenset[int]


def raise_due() -> Raised:
    """Raises what is new today. Running it twice, or in two processes at once, reminds of nothing twice."""
    try:
        with transaction() as session:
            return _raise(session)
    except IntegrityError:
        return Raised()  # another process was faster, and has written the digests in the same transaction


def _raise(session: Session) -> Raised:
    calendar, moment = registers.working_calendar(session), now()
    if not calendar.is_working_day(office_day(moment)):
        return Raised()
    people = duties.staff(session)
    new = [
        *_levels(session, people, calendar),
        *_renewals(session, people, calendar),
        *_moved_up(session, people, calendar),
    ]
    return Raised(reminders=len(new), digests=_write(session, new) if new else 0)


def _levels(session: Session, people: Sequence[Actor], calendar: WorkingCalendar) -> Iterator[_New]:
    """The deadlines that have come to a level nobody was reminded of."""
    for deadline, ticket in _running(session):
        found = level(ledger.due_of(deadline), now(), calendar)
        if found is Level.CALM or _was_raised(session, deadline, found):
            continue
        row = Reminder(deadline_id=deadline.id, level=found, last_day=deadline.last_day, at=now())
        session.add(row)
        session.flush()
        yield _New(key=f"deadline/{row.id}", what=found, told=_ids(concerned(ticket, found, people)))


def _renewals(session: Session, people: Sequence[Actor], calendar: WorkingCalendar) -> Iterator[_New]:
    """The reasons that have grown old while their case stays late; each is reminded of once, however long it stays so."""
    late: dict[Ticket, list[Due]] = defaultdict(list)
    for deadline, ticket in _running(session):
        late[ticket].append(ledger.due_of(deadline))
    newest = sa.select(sa.func.max(OverdueNote.id)).group_by(OverdueNote.ticket_id)
    reminded = sa.exists().where(RenewalReminder.note_id == OverdueNote.id)
    notes = {
        note.ticket_id: note
        for note in session.scalars(sa.select(OverdueNote).where(OverdueNote.id.in_(newest), ~reminded))
    }
    for ticket, dues in late.items():
        note = notes.get(ticket.id)
        if note is not None and asked(dues, given_by(note), now(), calendar) in {Ask.RENEW, Ask.PASSED}:
            session.add(RenewalReminder(note_id=note.id, at=now()))
            session.flush()
            yield _New(key=f"reason/{note.id}", what=RENEW, told=_ids(concerned(ticket, Level.RED, people)))


def _moved_up(session: Session, people: Sequence[Actor], calendar: WorkingCalendar) -> Iterator[_New]:
    """What has waited a working day for heads who have not been here goes to the leaders, once."""
    heads = waiting.heads(session)
    told = set(session.scalars(sa.select(MovedUp.event_id)))
    for ticket, event in waiting.all_questions(session).items():
        here = heads.get(ticket.section_id, {})
        free = set(here) - {ticket.handler_id, event.actor_id}
        unread = unread_by(event.occurred_at, here, now(), calendar)
        if event.id in told or not free or not free <= unread:
            continue
        session.add(MovedUp(event_id=event.id, at=now()))
        session.flush()
        leaders = [
            person for person in people if person.has(Role.LEADER) and ticket.section_id in person.section_ids
        ]
        yield _New(key=f"decision/{event.id}", what=MOVED_UP, told=_ids(leaders))


def _ids(people: Iterable[Actor]) -> frozenset[int]:
    return frozenset(person.id for person in people if person.id is not None)


def _running(session: Session) -> Sequence[sa.Row[Deadline, Ticket]]:
    """What runs and may be near. History that was brought in from elsewhere reminds nobody; what rests is not reminded of."""
    return session.execute(
        sa.select(Deadline, Ticket)
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .where(
            Deadline.met_at.is_(None),
            Deadline.ended_at.is_(None),
            Deadline.paused_at.is_(None),
            Deadline.due_at <= now() + _FARTHEST,
            Ticket.source != SOURCE,
        )
        .order_by(Deadline.id)
    ).all()


def _was_raised(session: Session, deadline: Deadline, found: Level) -> bool:
    return (
        session.execute(
            sa.select(Reminder.id).where(
                Reminder.deadline_id == deadline.id,
                Reminder.level == found,
                Reminder.last_day == deadline.last_day,
            )
        ).first()
        is not None
    )


def _write(session: Session, new: Sequence[_New]) -> int:
    """One digest to each person, by the mail address they gave."""
    deputies = deputies_today(session)
    addresses = {row.account_id: row.mail for row in session.scalars(sa.select(NoticeAddress))}
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for each in new:
        told = each.told | {deputy for person in each.told for deputy in deputies.get(person, ())}
        for person in told:
            counted[person][each.what] += 1
    sender = staff_sender()
    if sender is None:
        return 0
    written = 0
    for person, levels in sorted(counted.items()):
        if person not in addresses:
            continue
        row = enqueue(
            session,
            OutboxKind.STAFF,
            dedupe=f"reminder/{person}/{new[-1].key}",
            object_ref=f"reminder/{new[-1].key}",
            sender=sender,
            recipient=addresses[person],
            subject="工作提醒：有事项到期或超期",
            body=digest(levels),
        )
        written += row is not None
    return written


def concerned(ticket: Ticket, found: Level, people: Iterable[Actor]) -> list[Actor]:
    """Who is reminded: the handler, or without one the section; from the first day over its head too, from the fifth the leader."""
    here = [person for person in people if ticket.section_id in person.section_ids]
    handler = [person for person in people if person.id == ticket.handler_id]
    heads = [person for person in here if person.has(Role.HEAD)]
    told = handler or [person for person in here if person.has(Role.HANDLER, Role.HEAD)]
    if ticket.conflict:
        told, heads = handler, []  # it is about the section's own people
    if found.severity >= Level.RED.severity:
        told = [*told, *heads]
    if found is Level.RED_FIVE or ticket.conflict:
        told = [*told, *(person for person in here if person.has(Role.LEADER))]
    return told


def digest(levels: Mapping[str, int]) -> str:
    """Counts and nothing else: neither number nor school nor what it is about."""
    lines = [f"{words}：{levels[found]} 件" for found, words in _WORDS if levels.get(found)]
    late = levels.get(Level.RED, 0) + levels.get(Level.RED_FIVE, 0) + levels.get(RENEW, 0)
    ask = "超期的请登录填写超期原因和预计办结日期；办结后提醒自动结束。\n" if late else ""
    return (
        "您好：\n\n" + "\n".join(lines) + f"\n\n请登录系统查看。{ask}\n（本邮件由系统自动发出，请勿回复）\n"
    )


def staff_sender() -> str | None:
    """The address that writes to staff: the one set apart for it, else a mailbox of the office; None if none can send."""
    settings: Settings = current_app.extensions["settings"]
    office = settings.office
    if office.smtp is not None:
        return office.smtp.address
    return next((each.address for each in office.open_mailboxes if each.smtp is not None), None)


def deputies_today(session: Session) -> dict[int, list[int]]:
    """Who stands in for whom today."""
    today = office_day(now()).isoformat()
    found: dict[int, list[int]] = defaultdict(list)
    for row in session.scalars(
        sa.select(Delegation).where(
            Delegation.from_day <= today, Delegation.until_day >= today, Delegation.ended_at.is_(None)
        )
    ):
        found[row.principal_id].append(row.deputy_id)
    return found
