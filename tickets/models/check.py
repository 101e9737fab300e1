"""Spot checks (抽查) of what was answered and closed at once, by nobody but the one who answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.db import Base
from tickets.models.ticket import Ticket
from tickets.vocabulary import CheckResult


class SpotCheck(Base):
    """A closed ticket that was drawn by lot; who looked at it and what was found."""

    __tablename__ = "spot_check"
    __table_args__ = (sa.Index(None, "section_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), unique=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    month: Mapped[str]
    drawn_by: Mapped[str]
    drawn_at: Mapped[datetime]
    result: Mapped[CheckResult | None]
    note: Mapped[str] = mapped_column(default="")
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    checked_by: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
