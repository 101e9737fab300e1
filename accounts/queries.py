"""Questions about accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor, actor_of
from accounts.models import Account, AccountSection, LoginSession, Section
from accounts.rules import may_look_after, normal_username
from accounts.sessions import Limits
from accounts.vocabulary import Role, role_named
from core.audit import AuditEntry
from core.errors import NotFound, StaleVersion

ROLE_CHANGES = ("account.role_granted", "account.role_revoked")
_ABSENT = "没有这个账号，或它不归您管理。"


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """One role given or taken, as the audit log has it."""

    at: datetime
    by: str
    whom: str
    role: Role
    granted: bool


def accounts_seen_by(session: Session, actor: Actor) -> Sequence[Account]:
    """All accounts for an admin; for a head those with a section in common. The active ones first."""
    question = sa.select(Account).order_by(Account.disabled_at.is_not(None), Account.username)
    if not actor.has(Role.ADMIN):
        together = sa.select(AccountSection.account_id).where(
            AccountSection.section_id.in_(actor.section_ids)
        )
        question = question.where(Account.id.in_(together))
    return session.scalars(question).all()


def account_looked_after(session: Session, actor: Actor, account_id: int) -> Account:
    """An account this person may change; NotFound for any other, so that nobody learns which exist."""
    account = session.get(Account, account_id)
    if account is None or not may_look_after(actor, actor_of(account)):
        raise NotFound(_ABSENT)
    return account


def account_for_change(
    session: Session, actor: Actor, account_id: int, *, version: int | None = None
) -> Account:
    """The same inside a transaction, locked; StaleVersion if somebody saved it since the page was shown."""
    session.execute(sa.select(Account.id).where(Account.id == account_id).with_for_update())
    account = account_looked_after(session, actor, account_id)
    if version is not None and account.version != version:
        raise StaleVersion("刚才有人改过这个账号。请对照现在的内容后再保存。")
    return account


def account_named(session: Session, username: str) -> Account | None:
    return session.scalars(
        sa.select(Account).where(Account.username == normal_username(username))
    ).one_or_none()


def sections_placed_by(session: Session, actor: Actor) -> Sequence[Section]:
    """The open sections in which this person may place others."""
    question = sa.select(Section).where(Section.closed.is_(False)).order_by(Section.id)
    if actor.id is not None and not actor.has(Role.ADMIN):
        question = question.where(Section.id.in_(actor.section_ids))
    return session.scalars(question).all()


def sections_with(session: Session, ids: Sequence[int]) -> Sequence[Section]:
    return session.scalars(sa.select(Section).where(Section.id.in_(ids)).order_by(Section.id)).all()


def living_sessions(
    session: Session, account_id: int, at: datetime, limits: Limits
) -> Sequence[LoginSession]:
    """The browsers in which an account is signed in, the latest first."""
    return session.scalars(
        sa.select(LoginSession)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.started_at > at - limits.absolute,
            LoginSession.seen_at > at - limits.idle,
        )
        .order_by(LoginSession.seen_at.desc())
    ).all()


def role_changes_since(session: Session, since: datetime) -> int:
    """How many roles were given or taken."""
    return session.execute(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action.in_(ROLE_CHANGES), AuditEntry.recorded_at >= since)
    ).scalar_one()


def latest_role_changes(session: Session, *, limit: int = 100) -> list[RoleChange]:
    """The roles given and taken, newest first."""
    entries = session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.action.in_(ROLE_CHANGES))
        .order_by(AuditEntry.seq.desc())
        .limit(limit)
    ).all()
    numbers = {int(entry.object_ref.partition(":")[2]) for entry in entries}
    people = session.execute(sa.select(Account.id, Account.display_name).where(Account.id.in_(numbers)))
    names = {row.id: row.display_name for row in people}
    return [
        RoleChange(
            at=entry.recorded_at,
            by=entry.actor,
            whom=names.get(int(entry.object_ref.partition(":")[2]), "—"),
            role=role_named(json.loads(entry.data)["role"]),
            granted=entry.action == "account.role_granted",
        )
        for entry in entries
    ]
