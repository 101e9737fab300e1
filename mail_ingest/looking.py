"""甄别: the deadline under which a mail waits in a tray, because somebody has to look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.clock import now
from mail_ingest.models import MailItem
from tickets import registers
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, Level, level, remaining_words
from tickets.deadlines.standard import standard_rule
from tickets.models import Deadline
from tickets.office_hours import office_hours

_BADGES = {
    Level.CALM: "ok",
    Level.YELLOW: "soon",
    Level.DUE_TODAY: "today",
    Level.RED: "overdue",
    Level.RED_FIVE: "overdue",
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """A running deadline in words, with the level its badge is drawn by."""

    level: str
    words: str


def start(session: Session, item: MailItem, since: datetime) -> None:
    """Starts the deadline, or its next round."""
    settings: Settings = current_app.extensions["settings"]
    ledger.start(
        session,
        item.ref,
        standard_rule(DeadlineKind.LOOK, settings.office.deadlines),
        since,
        calendar=registers.working_calendar(session),
        hours=office_hours(),
    )


def done(session: Session, item: MailItem) -> None:
    """Somebody has looked; nothing happens if no deadline runs."""
    for row in session.scalars(_running([item.ref])):
        row.met_at = now()


def looks(session: Session, items: Iterable[MailItem]) -> dict[int, Look]:
    """The running deadlines of mails, by the mail's id."""
    calendar, moment = registers.working_calendar(session), now()
    by_ref = {row.owner_ref: row for row in session.scalars(_running([item.ref for item in items]))}
    found = {}
    for ref, row in by_ref.items():
        due = ledger.due_of(row)
        found[int(ref.removeprefix("mail/"))] = Look(
            level=_BADGES[level(due, moment, calendar)], words=remaining_words(due, moment, calendar)
        )
    return found


def _running(refs: list[str]) -> sa.Select[Deadline]:
    return sa.select(Deadline).where(
        Deadline.owner_ref.in_(refs),
        Deadline.kind == DeadlineKind.LOOK,
        Deadline.met_at.is_(None),
        Deadline.ended_at.is_(None),
    )
