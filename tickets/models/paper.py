"""What was decided on paper and entered by somebody else, written-off batches, and handed-over desks."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.db import Base
from tickets.models.ticket import Ticket
from tickets.vocabulary import PaperVerdict, WriteOffState


class WriteOff(Base):
    """A month's batch of rectified matters that are written off (销号) with one decision; the wording is frozen in it."""

    __tablename__ = "write_off"
    __table_args__ = (sa.Index(None, "section_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    month: Mapped[str]  # 2026-11
    reason: Mapped[str]
    state: Mapped[WriteOffState]
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_on: Mapped[date | None]  # the day that stands under the decision, on paper an earlier one
    opinion: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(
        default=""
    )  # number of the sheet, or of the commission's confirmation
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy


class WriteOffTicket(Base):
    """A ticket of a batch."""

    __tablename__ = "write_off_ticket"

    write_off_id: Mapped[int] = mapped_column(sa.ForeignKey(WriteOff.id), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True, index=True)


class PaperApproval(Base):
    """A decision signed on paper (纸质审批补录): whose it is, who entered it, and what the one who signed says to that."""

    __tablename__ = "paper_approval"
    __table_args__ = (sa.Index(None, "approver_id", "verdict"), sa.Index(None, "ticket_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Ticket.id))  # none: of a batch
    write_off_id: Mapped[int | None] = mapped_column(sa.ForeignKey(WriteOff.id))
    what: Mapped[str]  # 审核通过, 延期：审批
    words: Mapped[str]  # what was written there; a working text
    approver_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    approver: Mapped[str]
    signed_on: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    by_applicant: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[PaperVerdict | None]
    verdict_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")


class HandOver(Base):
    """All open work of one person given to another (工作交接), as the sheet of that day says it."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), index=True)
    giver: Mapped[str]
    taker_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    taker: Mapped[str]
    done_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    done_by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    lines: Mapped[str]  # JSON: number, title, school, status, what waits until when, orders under way
