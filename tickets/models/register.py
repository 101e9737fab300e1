"""What the office keeps a register of: schools, categories, the working-day calendar."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from tickets.vocabulary import ContactRole, Stage


class School(Base):
    """A school or kindergarten. Never removed; closed when it was merged or shut."""

    __tablename__ = "school"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[Stage | None]  # none: a school of several stages; the words of the complaint decide
    town: Mapped[str] = mapped_column(default="")
    urban: Mapped[bool] = mapped_column(default=False)
    private: Mapped[bool] = mapped_column(default=False)
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("school.id")
    )  # the central school it belongs to
    closed: Mapped[bool] = mapped_column(default=False)
    contact: Mapped[str] = mapped_column(default="")  # 联络员: name and number
    care_hours: Mapped[str] = mapped_column(default="")  # when after-school care is held
    care_fee: Mapped[str] = mapped_column(default="")  # what it costs, and by which paper


class SchoolAlias(Base):
    """Another name under which people know a school."""

    __tablename__ = "school_alias"

    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id), primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    former: Mapped[bool] = mapped_column(default=False)  # a name it once had: stays, whatever is typed


class SchoolContact(Base):
    """Whom to call at a school, from which day until which; headmasters change every September."""

    __tablename__ = "school_contact"
    __table_args__ = (sa.Index(None, "school_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id))
    role: Mapped[ContactRole]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    from_day: Mapped[date]
    until_day: Mapped[date | None]


class Category(Base):
    """A category in two levels; codes are kept for ever, wording may change."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code"))
    name: Mapped[str]
    position: Mapped[int]
    consultation: Mapped[bool] = mapped_column(default=False)
    in_scope: Mapped[bool] = mapped_column(default=True)  # counted in the after-school campaign
    bans: Mapped[str] = mapped_column(default="")  # which of the five bans (五严禁) it breaks: "2,4"
    problem_group: Mapped[int] = mapped_column(default=0)
    closed: Mapped[bool] = mapped_column(default=False)


class CalendarYear(Base):
    """A year whose arrangement of days off was announced; a year without a row is worked out provisionally."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    version: Mapped[int] = mapped_column(unique=True)
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class CalendarDay(Base):
    """A day off that is no weekend, or a weekend day that is worked (调休)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(sa.ForeignKey(CalendarYear.year), index=True)
    off: Mapped[bool]
    name: Mapped[str]
