"""Signed-in browsers: a random token in the cookie, its hash in a row, so that any of them can be ended at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, LoginSession
from accounts.vocabulary import Role, role_named

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)

# Every request asks these two: they are put together once.
_WHOSE = (
    sa.select(
        LoginSession.started_at,
        LoginSession.seen_at,
        LoginSession.ended_at,
        LoginSession.second_step_done,
        Account.id,
        Account.username,
        Account.display_name,
        Account.must_change_password,
        Account.disabled_at,
        Account.totp_secret_sealed.is_not(None).label("has_totp"),
    )
    .join(Account, Account.id == LoginSession.account_id)
    .where(LoginSession.token_hash == sa.bindparam("token_hash"))
)
_NO_ROLE, _NO_SECTION = sa.cast(sa.null(), sa.Text), sa.cast(sa.null(), sa.Integer)
_RIGHTS = sa.union_all(
    sa.select(sa.cast(AccountRole.role, sa.Text).label("role"), _NO_SECTION.label("section_id")).where(
        AccountRole.account_id == sa.bindparam("account_id")
    ),
    sa.select(_NO_ROLE, AccountSection.section_id).where(
        AccountSection.account_id == sa.bindparam("account_id")
    ),
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a session lives without a sign of life, and how long at all."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What one browser's session allows at this moment; `actor` is complete only if nothing is pending."""

    actor: Actor
    token_hash: str
    started_at: datetime
    seen_at: datetime
    must_change_password: bool
    has_totp: bool
    second_step_done: bool

    def awaits_second_step(self, totp_roles: frozenset[Role]) -> bool:
        """Whether a code has still to be entered, or a device enrolled."""
        return not self.second_step_done and (self.has_totp or self.actor.has(*totp_roles))


class Known(Enum):
    """What is known of a token that opens nothing any more."""

    NOTHING = "nothing"
    ENDED = "ended"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(session: Session, account_id: int, at: datetime) -> str:
    """Begins a session and returns the token for the cookie; it is stored nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(
        sa.insert(LoginSession).values(
            token_hash=token_hash(token),
            account_id=account_id,
            started_at=at,
            seen_at=at,
            second_step_done=False,
        )
    )
    return token


def find(session: Session, token: str, at: datetime, limits: Limits) -> SignIn | Known:
    """The living session of a token with today's rights of its account, in two queries."""
    row = session.execute(_WHOSE, {"token_hash": token_hash(token)}).one_or_none()
    if row is None:
        return Known.NOTHING
    too_old = at >= row.started_at + limits.absolute or at >= row.seen_at + limits.idle
    if row.ended_at is not None or row.disabled_at is not None or too_old:
        return Known.ENDED
    roles, section_ids = _rights(session, row.id)
    return SignIn(
        actor=Actor(
            id=row.id,
            username=row.username,
            display_name=row.display_name,
            roles=roles,
            section_ids=section_ids,
        ),
        token_hash=token_hash(token),
        started_at=row.started_at,
        seen_at=row.seen_at,
        must_change_password=row.must_change_password,
        has_totp=row.has_totp,
        second_step_done=row.second_step_done,
    )


def _rights(session: Session, account_id: int) -> tuple[frozenset[Role], frozenset[int]]:
    rows = session.execute(_RIGHTS, {"account_id": account_id}).all()
    roles = frozenset(role_named(row.role) for row in rows if row.role is not None)
    return roles, frozenset(row.section_id for row in rows if row.section_id is not None)


def account_of(session: Session, token: str) -> int | None:
    """Whose session a token was, living or ended."""
    return session.execute(
        sa.select(LoginSession.account_id).where(LoginSession.token_hash == token_hash(token))
    ).scalar_one_or_none()


def note_seen(session: Session, found: SignIn, at: datetime) -> None:
    """Moves the moment of the last sign of life, never backwards and not of an ended session."""
    session.execute(
        sa.update(LoginSession)
        .where(
            LoginSession.token_hash == found.token_hash,
            LoginSession.ended_at.is_(None),
            LoginSession.seen_at < at,
        )
        .values(seen_at=at)
    )


def note_second_step(session: Session, hashed_token: str) -> None:
    session.execute(
        sa.update(LoginSession).where(LoginSession.token_hash == hashed_token).values(second_step_done=True)
    )


def end(session: Session, hashed_token: str, at: datetime, *, account_id: int) -> bool:
    """Ends one session of an account; False if there is no such living one."""
    return (
        _end(session, at, LoginSession.account_id == account_id, LoginSession.token_hash == hashed_token) > 0
    )


def end_all(session: Session, account_id: int, at: datetime, *, but: str | None = None) -> int:
    """Ends every session of an account, except the one with the hash `but`; how many there were."""
    conditions = [LoginSession.account_id == account_id]
    if but is not None:
        conditions.append(LoginSession.token_hash != but)
    return _end(session, at, *conditions)


def _end(session: Session, at: datetime, *conditions: sa.ColumnElement[bool]) -> int:
    living = session.scalars(
        sa.select(LoginSession.token_hash).where(LoginSession.ended_at.is_(None), *conditions)
    ).all()
    session.execute(
        sa.update(LoginSession).where(LoginSession.token_hash.in_(living)).values(ended_at=at),
        execution_options={"synchronize_session": False},
    )
    return len(living)
