"""Why a case is late (超期原因), and what was said to those who asked about late cases (应询快照)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.append_only import append_only
from core.db import Base
from tickets.models.ticket import Ticket
from tickets.vocabulary import AskedHow, OverdueReason


class OverdueNote(Base):
    """超期原因 and the day a section expects to be done; renewed while a case stays late. Never changed."""

    __tablename__ = "overdue_note"
    __table_args__ = (sa.Index(None, "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    reason: Mapped[OverdueReason]
    text: Mapped[str] = mapped_column(default="")
    expected_on: Mapped[date]
    by: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    at: Mapped[datetime]


append_only(OverdueNote.__table__)


class RenewalReminder(Base):
    """That somebody was reminded to renew a reason: once for each that was written down."""

    __tablename__ = "renewal_reminder"

    note_id: Mapped[int] = mapped_column(sa.ForeignKey(OverdueNote.id), primary_key=True, autoincrement=False)
    at: Mapped[datetime]


append_only(RenewalReminder.__table__)


class InquirySnapshot(Base):
    """应询快照: what /overdue said at a moment, frozen for whoever asked. Holds released texts only; written once."""

    __tablename__ = "inquiry_snapshot"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    asked_by: Mapped[str]
    asked_how: Mapped[AskedHow]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    contents: Mapped[str]  # figures and lines as JSON
    blob: Mapped[str]  # the printable file
    sha256: Mapped[str]
    size: Mapped[int]

    @property
    def ref(self) -> str:
        return f"inquiry/{self.number}"


append_only(InquirySnapshot.__table__)


class SnapshotSection(Base):
    """A section whose cases a snapshot tells of."""

    __tablename__ = "snapshot_section"

    snapshot_id: Mapped[int] = mapped_column(sa.ForeignKey(InquirySnapshot.id), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id), primary_key=True)


append_only(SnapshotSection.__table__)
