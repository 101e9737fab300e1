"""Small facts the installation keeps about itself: which settings it last ran with, which key file belongs to it, what it is at."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base


class InstallationFact(Base):
    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class WorkProgress(Base):
    """Work that is going on; one row a kind of work."""

    __tablename__ = "work_progress"

    name: Mapped[str] = mapped_column(
        primary_key=True
    )  # mail.poll/…, reports.due: its feature stands before the dot
    label: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def words(self) -> str:
        return f"已办 {self.done:,}，共 {self.total:,}"


def get_fact(session: Session, name: str) -> str | None:
    """What was noted under the name, or None."""
    return session.execute(
        sa.select(InstallationFact.value).where(InstallationFact.name == name)
    ).scalar_one_or_none()


def set_fact(session: Session, name: str, value: str) -> None:
    """Notes a fact, replacing what stood there."""
    fact = session.get(InstallationFact, name)
    if fact is None:
        session.add(InstallationFact(name=name, value=value))
    else:
        fact.value = value
