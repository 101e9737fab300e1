"""What the desk keeps for the people at it: what they may answer (政策口径), what they have begun to write, how they look."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account, Section
from core.append_only import append_only
from core.db import Base
from tickets.models.people import random_id
from tickets.models.register import Category
from tickets.models.ticket import Ticket
from tickets.vocabulary import Stage


class PolicyEntry(Base):
    """A policy entry (政策口径): a question people ask, and the answer the office gives. What it says stands in its versions."""

    __tablename__ = "policy_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(
        unique=True
    )  # its name in policies.toml; none for the office's own
    version: Mapped[int] = mapped_column(default=1)
    withdrawn: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - read by SQLAlchemy


class PolicyVersion(Base):
    """One wording of a policy entry; kept for ever, because somebody may have been answered with it."""

    __tablename__ = "policy_version"
    __table_args__ = (sa.UniqueConstraint("entry_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey(PolicyEntry.id))
    version: Mapped[int]
    question: Mapped[str]
    answer: Mapped[str]
    source: Mapped[str]  # 依据: document, number, paragraph
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]  # the last day on which it may be used
    stage: Mapped[Stage | None]  # none: all stages
    category: Mapped[str | None] = mapped_column(sa.ForeignKey(Category.code))
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Section.id))
    keywords: Mapped[str] = mapped_column(default="")  # what people say instead of the question's words
    checked_on: Mapped[date | None]  # when somebody last held it against its source; none: never
    checked_by: Mapped[str] = mapped_column(default="")
    withdrawn: Mapped[bool] = mapped_column(default=False)
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class PolicyUse(Base):
    """With which wording a caller was answered."""

    __tablename__ = "policy_use"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True)
    policy_version_id: Mapped[int] = mapped_column(sa.ForeignKey(PolicyVersion.id), primary_key=True)
    used_by: Mapped[str]
    used_at: Mapped[datetime]


class Draft(Base):
    """A form that was begun (草稿), sealed: it holds names and numbers. Seen by its writer alone; gone when it is registered."""

    __tablename__ = "draft"
    __table_args__ = (sa.Index(None, "account_id", "saved_at"), sa.Index(None, "saved_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    sealed: Mapped[bytes]  # JSON: the fields as they were typed
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]


class SavedView(Base):
    """A filter of the list under a name of one's own."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    name: Mapped[str]
    query: Mapped[str]  # the filter as it stands in the address
    saved_at: Mapped[datetime]


class RelatedGroup(Base):
    """Complaints of one matter that were linked (关联组); each stays a ticket of its own, unlike those that were merged."""

    __tablename__ = "related_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class GroupMember(Base):
    """A ticket in a group; it is in one group at most."""

    __tablename__ = "group_member"
    __table_args__ = (sa.Index(None, "group_id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey(RelatedGroup.id))
    added_by: Mapped[str]
    added_at: Mapped[datetime]


append_only(PolicyVersion.__table__)
append_only(PolicyUse.__table__)
