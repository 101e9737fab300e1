"""Bulletins as they were frozen, their files, whom they reached; supervision orders and their answers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.append_only import append_only
from core.db import Base
from reports.contents import BulletinKind
from reports.vocabulary import Delivered, FileFormat, OrderKind, OrderState, ReceivedBy
from tickets.models import Ticket


class Report(Base):
    """One issue of a bulletin, written once. The unique keys are what makes it exactly one, whoever else tries."""

    __tablename__ = "report"
    __table_args__ = (sa.UniqueConstraint("kind", "period", "issue_no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BulletinKind]
    period: Mapped[str]
    issue_no: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    cutoff: Mapped[datetime]
    contents: Mapped[str]  # the whole bulletin as JSON: figures, words, tables
    corrects: Mapped[str] = mapped_column(default="")
    correction_reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]

    @property
    def ref(self) -> str:
        return f"report/{self.number}"


append_only(Report.__table__)


class ReportFile(Base):
    """A file of an issue; its bytes lie in the blob store, written before the row."""

    __tablename__ = "report_file"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id), primary_key=True)
    format: Mapped[FileFormat] = mapped_column(primary_key=True)
    name: Mapped[str]
    blob: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)


append_only(ReportFile.__table__)


class ReportDelivery(Base):
    """That an issue reached, or was sent to, somebody: how, when, who signed for it."""

    __tablename__ = "report_delivery"
    __table_args__ = (sa.Index(None, "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id))
    recipient: Mapped[str]
    how: Mapped[Delivered]
    mail_ref: Mapped[str | None] = mapped_column(unique=True)  # what the outbox calls it
    sent_at: Mapped[datetime | None]
    signed_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class SupervisionOrder(Base):
    """督办: somebody above, or the office itself, demands that something be done or explained by a day."""

    __tablename__ = "supervision_order"
    __table_args__ = (sa.Index(None, "section_id", "state"), sa.Index(None, "recorded_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    paper_number: Mapped[str] = mapped_column(default="")  # the sender's own 文号
    kind: Mapped[OrderKind]
    issuer: Mapped[str]
    received_by: Mapped[ReceivedBy]
    issued_on: Mapped[date]
    demand: Mapped[str]
    due_on: Mapped[date | None]
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    state: Mapped[OrderState] = mapped_column(default=OrderState.OPEN)
    scan_blob: Mapped[str | None]
    scan_name: Mapped[str] = mapped_column(default="")
    scan_type: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        return f"supervision/{self.number}"


class SupervisionOrderTicket(Base):
    """A ticket that a supervision order is about."""

    __tablename__ = "supervision_order_ticket"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey(SupervisionOrder.id), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True, index=True)


class SupervisionStep(Base):
    """One step of a supervision order: an answer of the section, or what was said to it. Never changed."""

    __tablename__ = "supervision_step"
    __table_args__ = (sa.Index(None, "order_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(SupervisionOrder.id))
    state: Mapped[OrderState]
    timeline: Mapped[str] = mapped_column(default="")  # 基本情况和时间线, made by the system
    reason: Mapped[str] = mapped_column(default="")  # 未按期办理的原因
    measures: Mapped[str] = mapped_column(default="")  # 整改措施和责任人
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    at: Mapped[datetime]


append_only(SupervisionStep.__table__)
