"""A ticket (诉求件), what belongs to it one to one or one to many, and its history."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.append_only import append_only
from core.db import Base, second_enum
from tickets.models.register import Category, School
from tickets.vocabulary import (
    Action,
    Alarm,
    CallerKind,
    Channel,
    Outcome,
    Secrecy,
    Status,
    TargetKind,
    Urgency,
)


class Ticket(Base):
    """One complaint. Its texts are working texts: everything a pattern can know of a person is masked in them."""

    __tablename__ = "ticket"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index(None, "section_id", "status", "id"),
        sa.Index(None, "status", "id"),
        sa.Index(None, "handler_id", "status", "id"),
        sa.Index(None, "recorded_at", "id"),
        sa.Index(None, "received_at"),  # many tickets about one school within a day
        sa.Index(None, "merged_into_id"),
        sa.Index(
            "ix_ticket_wrote_again",
            "section_id",
            sqlite_where=sa.text("wrote_again_at IS NOT NULL"),
            postgresql_where=sa.text("wrote_again_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    status: Mapped[Status]
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))

    title: Mapped[str]
    matter: Mapped[str]
    request: Mapped[str] = mapped_column(default="")
    school_text: Mapped[str] = mapped_column(default="")
    grade_text: Mapped[str] = mapped_column(default="")

    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    backfilled: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    source: Mapped[str] = mapped_column(default="")
    external_id: Mapped[str | None]
    source_ref: Mapped[str] = mapped_column(default="")
    source_due: Mapped[str | None]  # ISO date asked for by the office that passed it on

    caller_kind: Mapped[CallerKind] = mapped_column(default=CallerKind.UNKNOWN)
    target_kind: Mapped[TargetKind] = mapped_column(default=TargetKind.UNKNOWN)
    wants_callback: Mapped[bool] = mapped_column(default=False)
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.NORMAL)
    alarm: Mapped[Alarm | None]
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.ORDINARY)
    needs_reading: Mapped[bool] = mapped_column(default=False)
    conflict: Mapped[bool] = mapped_column(default=False)
    routing_reason: Mapped[str] = mapped_column(default="")

    outcome: Mapped[Outcome | None]
    measures: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    released_text: Mapped[str] = mapped_column(default="")
    released_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    released_at: Mapped[datetime | None]

    accepted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    wrote_again_at: Mapped[datetime | None]  # the complainant wrote after the end; until the head has decided
    written_off_at: Mapped[datetime | None]  # of what was rectified, by a month's batch
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))

    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        """How outbox and audit, which know no ticket, refer to it."""
        return f"ticket/{self.number}"


class InformedSection(Base):
    """A section that may read a ticket it does not answer for."""

    __tablename__ = "informed_section"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id), primary_key=True, index=True)
    reason: Mapped[str]
    since: Mapped[datetime]


class TicketSchool(Base):
    """A school a ticket is about; `confirmed_by` is empty while it is only a guess (待核实)."""

    __tablename__ = "ticket_school"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True)
    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id), primary_key=True, index=True)
    confirmed_by: Mapped[str] = mapped_column(default="")


class TicketCategory(Base):
    """A category of a ticket: one main, any number of further ones, each with who set it."""

    __tablename__ = "ticket_category"
    __table_args__ = (
        sa.Index(
            "uq_ticket_category_main",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("main"),
            postgresql_where=sa.text("main"),
        ),
    )

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True)
    category_code: Mapped[str] = mapped_column(sa.ForeignKey(Category.code), primary_key=True, index=True)
    main: Mapped[bool]
    set_by: Mapped[str]


class TicketEvent(Base):
    """One line of a ticket's history. Never changed; the audit chain carries the digest of each."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "position"),
        # What a bulletin counts; without it every history there ever was is read each month.
        sa.Index(None, "recorded_at", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    position: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    actor: Mapped[str]
    action: Mapped[Action]
    from_status: Mapped[Status | None] = mapped_column(second_enum(Status, "from_status"))
    to_status: Mapped[Status]
    reason: Mapped[str] = mapped_column(default="")
    data: Mapped[str] = mapped_column(default="{}")  # JSON: what else was decided, due dates before and after


append_only(TicketEvent.__table__)


class NumberCounter(Base):
    """The last number given to a section on a day; its row lock makes the numbers gapless."""

    __tablename__ = "number_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
