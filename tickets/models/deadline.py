"""Deadlines (时限): one row per owner, kind and round, with the rule it was made by."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from tickets.deadlines.rules import DeadlineKind, Unit
from tickets.models.ticket import Ticket
from tickets.vocabulary import SuspensionReason

_RUNNING = "met_at IS NULL AND ended_at IS NULL"


class Deadline(Base):
    """When something is due. Nobody edits the date: extension, suspension and the calendar move it.

    The owner is a ticket, or what belongs to one, or a mail that waits to be looked at (then without ticket). The rule's
    numbers are kept, so that other settings later hold only for tickets registered later.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        sa.UniqueConstraint("owner_ref", "kind", "round"),
        sa.Index(
            "ix_deadline_running",
            "due_at",
            sqlite_where=sa.text(_RUNNING),
            postgresql_where=sa.text(_RUNNING),
        ),
        sa.Index(None, "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_ref: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Ticket.id))
    kind: Mapped[DeadlineKind]
    round: Mapped[int] = mapped_column(default=1)

    rule_name: Mapped[str] = mapped_column(default="")
    length: Mapped[int]
    unit: Mapped[Unit]
    by_date: Mapped[date | None]

    started_at: Mapped[datetime]
    day_zero: Mapped[date]
    warn_day: Mapped[date]
    last_day: Mapped[date]
    original_last_day: Mapped[date]
    original_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    extended: Mapped[int] = mapped_column(default=0)
    provisional: Mapped[bool] = mapped_column(default=False)
    calendar_version: Mapped[int]

    paused_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # it no longer applies: the ticket was merged, voided, handed back


class Extension(Base):
    """An extension (延期) in the ledger: asked before the due date, approved by another person, kept for ever."""

    __tablename__ = "extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey(Deadline.id), index=True)
    days: Mapped[int]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    on_paper: Mapped[bool] = mapped_column(default=False)
    due_before: Mapped[datetime]
    due_after: Mapped[datetime]


class Suspension(Base):
    """A stretch in which a ticket's internal deadlines stand still (暂停计时)."""

    __tablename__ = "suspension"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), index=True)
    reason: Mapped[SuspensionReason]
    note: Mapped[str]
    started_at: Mapped[datetime]
    until_day: Mapped[date]
    ended_at: Mapped[datetime | None]
