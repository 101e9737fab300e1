"""Sections, accounts, roles, sessions, delegations. Nothing here knows a ticket."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.vocabulary import Role
from core.db import Base


class Section(Base):
    """A section of the bureau (股室); made from office.toml, never removed, only closed."""

    __tablename__ = "section"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    number_prefix: Mapped[str] = mapped_column(unique=True)
    closed: Mapped[bool] = mapped_column(default=False)


class Account(Base):
    """A person who signs in. Never deleted; disabled instead."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    job_title: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[datetime | None]
    totp_secret_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    roles: Mapped[list[AccountRole]] = relationship(order_by="AccountRole.role", lazy="selectin")
    sections: Mapped[list[Section]] = relationship(
        secondary="account_section", order_by=Section.id, lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy


class AccountRole(Base):
    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class AccountSection(Base):
    """The sections an account works in; for a leader, the sections given to him."""

    __tablename__ = "account_section"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id), primary_key=True)


class LoginSession(Base):
    """One signed-in browser. The cookie holds a token, the row its hash: a stolen database opens no session."""

    __tablename__ = "login_session"
    __table_args__ = (sa.Index(None, "account_id", "ended_at"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second_step_done: Mapped[bool] = mapped_column(default=False)


class LoginAttempt(Base):
    """A failed sign-in, by keyed hashes of name and address; the lockouts are counted from these rows."""

    __tablename__ = "login_attempt"
    __table_args__ = (sa.Index(None, "username_hash", "at"), sa.Index(None, "address_hash", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    username_hash: Mapped[str]
    address_hash: Mapped[str]
    at: Mapped[datetime]
    cleared: Mapped[bool] = mapped_column(default=False)


class Delegation(Base):
    """A stands in for B between two days (A/B 岗)."""

    __tablename__ = "delegation"
    __table_args__ = (sa.Index(None, "deputy_id", "until_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    principal_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    from_day: Mapped[str]  # ISO date of the office's zone
    until_day: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
