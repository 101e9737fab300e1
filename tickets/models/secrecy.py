"""What guards a complainant on record: pressure, inquiries after a leak, sealed hand-overs, and whom it was told to."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.append_only import append_only
from core.db import Base
from tickets.models.people import random_id
from tickets.models.ticket import Ticket
from tickets.secrecy.words import (
    InquiryResult,
    NoticeKind,
    PressureKind,
    PressureWay,
    SealedContent,
    SealedState,
)


class Pressure(Base):
    """Somebody asked who complained, or put pressure on somebody (打听、施压). Its words are working texts; never changed."""

    __tablename__ = "pressure"
    __table_args__ = (sa.Index(None, "ticket_id"), sa.Index(None, "recorded_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    kind: Mapped[PressureKind]
    way: Mapped[PressureWay]
    at: Mapped[datetime]
    people: Mapped[str]
    said: Mapped[str]
    answered: Mapped[str]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


append_only(Pressure.__table__)


class LeakInquiry(Base):
    """泄密核查: who had to do with a ticket up to the moment it was started, frozen, and what came of it."""

    __tablename__ = "leak_inquiry"
    __table_args__ = (sa.Index(None, "ticket_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    reason: Mapped[str]
    first_day: Mapped[date]
    started_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    record: Mapped[str]  # JSON: what was collected; the ticket's history carries its digest
    result: Mapped[InquiryResult | None]
    conclusion: Mapped[str] = mapped_column(default="")
    concluded_by: Mapped[str] = mapped_column(default="")
    concluded_at: Mapped[datetime | None]


class SealedHandOver(Base):
    """密封移交: an authority that may know who complained gets it on sealed paper, approved by two people."""

    __tablename__ = "sealed_hand_over"
    __table_args__ = (sa.Index(None, "ticket_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    number: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    state: Mapped[SealedState]
    content: Mapped[SealedContent]
    authority: Mapped[str]
    paper_number: Mapped[str]
    basis: Mapped[str]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    head_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    head: Mapped[str] = mapped_column(default="")
    head_at: Mapped[datetime | None]
    leader_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    leader: Mapped[str] = mapped_column(default="")
    leader_at: Mapped[datetime | None]
    printed_by: Mapped[str] = mapped_column(default="")
    printed_at: Mapped[datetime | None]
    taken_by: Mapped[str] = mapped_column(default="")
    handed_over_by: Mapped[str] = mapped_column(default="")
    handed_over_at: Mapped[datetime | None]
    refused_by: Mapped[str] = mapped_column(default="")
    refusal: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy


class SecrecyNotice(Base):
    """A head or leader of a section has to know something about secrecy; it stands there until one of them has read it."""

    __tablename__ = "secrecy_notice"
    __table_args__ = (sa.Index(None, "section_id", "role", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind]
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    role: Mapped[Role]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    said: Mapped[str]
    at: Mapped[datetime]
    read_by: Mapped[str] = mapped_column(default="")
    read_at: Mapped[datetime | None]
