"""Situation reports: the draft people write, the steps it goes through, what was signed, the scans that came back."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.append_only import append_only
from core.db import Base
from reports.models import Report
from reports.situation.vocabulary import PaperKind, SituationAct, SituationState


class SituationReport(Base):
    """A report (情况报告) drafted from one bulletin. People write the texts here; every figure comes from the bulletin."""

    __tablename__ = "situation_report"
    __table_args__ = (sa.Index(None, "bulletin_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id))
    kind: Mapped[PaperKind] = mapped_column(default=PaperKind.REPORT)
    state: Mapped[SituationState] = mapped_column(default=SituationState.DRAFT)
    addressee: Mapped[str]
    copies: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    opening: Mapped[str]
    shortcomings: Mapped[str] = mapped_column(default="")
    next_steps: Mapped[str] = mapped_column(default="")
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    checked_by: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        return f"situation/{self.id}"


class SituationStep(Base):
    """One step of a situation report. Never changed."""

    __tablename__ = "situation_step"
    __table_args__ = (sa.Index(None, "situation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    situation_id: Mapped[int] = mapped_column(sa.ForeignKey(SituationReport.id))
    act: Mapped[SituationAct]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    at: Mapped[datetime]


append_only(SituationStep.__table__)


class SituationIssue(Base):
    """What was signed: number, words and file as they left. Never changed."""

    __tablename__ = "situation_issue"

    situation_id: Mapped[int] = mapped_column(sa.ForeignKey(SituationReport.id), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    signed_by: Mapped[str]
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))  # None: on paper
    signed_on: Mapped[date]
    on_paper: Mapped[bool]
    recorded_by: Mapped[str]
    issued_at: Mapped[datetime]
    contents: Mapped[str]  # the words as JSON
    name: Mapped[str]
    blob: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)


append_only(SituationIssue.__table__)


class SituationScan(Base):
    """The signed and sealed paper as it came back, scanned. Never changed."""

    __tablename__ = "situation_scan"
    __table_args__ = (sa.Index(None, "situation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    situation_id: Mapped[int] = mapped_column(sa.ForeignKey(SituationReport.id))
    blob: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    by: Mapped[str]
    at: Mapped[datetime]


append_only(SituationScan.__table__)
