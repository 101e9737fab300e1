"""Small facts the installation keeps about itself: which settings it last ran with, which key file belongs to it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base


class InstallationFact(Base):
    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


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
