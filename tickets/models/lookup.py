"""Tries of the public receipt page, counted so that nobody can go through the codes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class LookupTry(Base):
    """One try. Neither number nor address stands here, only their keyed hashes; swept after a day."""

    __tablename__ = "lookup_try"
    __table_args__ = (
        sa.Index(None, "address_index", "at"),
        sa.Index(None, "number_index", "at"),
        sa.Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_index: Mapped[str]
    number_index: Mapped[str]
    at: Mapped[datetime]
    fits: Mapped[bool]
