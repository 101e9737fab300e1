"""Reminders: which level of a deadline somebody was reminded of, and where a person reads them besides the desk."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.db import Base
from tickets.deadlines.rules import Level
from tickets.models.deadline import Deadline


class Reminder(Base):
    """A reminder that was given: once for each level of a deadline. Moved to another day, it is a new one to remind of."""

    __tablename__ = "reminder"
    __table_args__ = (sa.UniqueConstraint("deadline_id", "level", "last_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey(Deadline.id))
    level: Mapped[Level]
    last_day: Mapped[date]
    at: Mapped[datetime]


class NoticeAddress(Base):
    """The mail address to which a person wants the daily reminder; nobody has to give one."""

    __tablename__ = "notice_address"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True, autoincrement=False)
    mail: Mapped[str]
