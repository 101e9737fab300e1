"""Export layouts: which columns of the ledger a form from above wants, in which order, under which headings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Section
from core.db import Base


class ExportLayout(Base):
    """A layout of one section, saved under a name. One that is no longer used is retired, never removed."""

    __tablename__ = "export_layout"
    __table_args__ = (sa.UniqueConstraint("section_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    name: Mapped[str]
    columns: Mapped[str]  # JSON: a list of [column of the ledger, heading]
    retired: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        return f"export_layout/{self.id}"
