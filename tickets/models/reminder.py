"""Reminders: which level of a deadline somebody was reminded of, and where a person reads them besides the desk."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.db import Base
from tickets.deadlines.rules import Level
from tickets.models.deadline import Deadline
from tickets.models.register import School
from tickets.models.ticket import TicketEvent


class Reminder(Base):
    """A reminder that was given: once for each level of a deadline. Moved to another day, it is a new one to remind of."""

    __tablename__ = "reminder"
    __table_args__ = (sa.UniqueConstraint("deadline_id", "level", "last_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey(Deadline.id))
    level: Mapped[Level]
    last_day: Mapped[date]
    at: Mapped[datetime]


class MovedUp(Base):
    """That leaders were told of a decision for which no head was there: once for each that was put."""

    __tablename__ = "moved_up"

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey(TicketEvent.id), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]


class ClusterAlarm(Base):
    """That the duty contact was told of many complaints about one school within a day: once for each such day."""

    __tablename__ = "cluster_alarm"

    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id), primary_key=True)
    begins: Mapped[datetime] = mapped_column(primary_key=True)  # when the first of them arrived
    told_at: Mapped[datetime]


class NoticeAddress(Base):
    """The mail address to which a person wants the daily reminder; nobody has to give one."""

    __tablename__ = "notice_address"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True, autoincrement=False)
    mail: Mapped[str]
