"""Notes of the office's work besides single cases; bulletins and annual reports count them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.append_only import append_only
from core.db import Base
from reports.work.vocabulary import WorkKind


class WorkNote(Base):
    """One entry. Never changed: a mistake is put right by an entry of the opposite amount."""

    __tablename__ = "work_note"
    __table_args__ = (sa.Index(None, "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[WorkKind]
    day: Mapped[date]
    amount: Mapped[int]
    text: Mapped[str]
    recorded_by: Mapped[str]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    recorded_at: Mapped[datetime]

    @property
    def ref(self) -> str:
        return f"work_note/{self.id}"


append_only(WorkNote.__table__)
