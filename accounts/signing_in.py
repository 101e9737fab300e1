"""Signing in: the try is noted, the password looked at, the session begun; a refusal never says which part was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts import lockout, passwords, sessions, totp
from accounts.lockout import Origin
from accounts.models import Account
from accounts.rules import normal_username
from accounts.sessions import SignIn
from accounts.vocabulary import Role
from core import audit, vault
from core.clock import now
from core.db import db, end_read, transaction

NOT_SIGNED_IN = (
    "登录未成功。用户名或密码有误；连续输错 5 次后，该用户名将暂停登录 15 分钟。忘记密码请找本股室负责人当面重置。"
    "电话登记不必等：可先用纸质登记表记录，稍后补录。"
)
WRONG_CODE = "动态口令不对或已经用过。请等手机上换下一个口令再输；连续输错 5 次后要等 15 分钟。"
WRONG_OLD_PASSWORD = "现在的密码不对；连续输错 5 次后要等 15 分钟。"  # noqa: S105 - a sentence
_NOBODY = "-"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The token for the cookie, and whose session it is."""

    token: str
    account_id: int


class MustWait(Exception):
    """Too many wrong tries; nothing was looked at."""


@dataclass(frozen=True)
class _Credentials:
    id: int
    password_hash: str


def sign_in(
    username: str,
    password: str,
    *,
    address: str | None,
    replacing: str | None,
    totp_roles: frozenset[Role] = frozenset(),
    password_days: int = 0,
) -> Opened | None:
    """Checks name and password and begins a session; None if they do not fit. Opens its own transactions.

    `password_days`: how long a password may be used where an assessor demands that it ends; 0: as long as it is good.

    `replacing` is the token the browser had before; it ends. MustWait if the name or the address has to wait. An absent
    account, a disabled one and a wrong password take the same steps and the same time.
    """
    who = lockout.origin(username, address)
    attempt = _begin(who)
    found = _credentials(db.session(), username)
    end_read()  # hashing takes long; no read transaction stays open meanwhile
    right = passwords.verify(found.password_hash if found else None, password)
    with transaction() as session:
        if not (found and right and _still_opens(session, found)):
            audit.record(session, "login.failed", actor=_NOBODY, object_ref=f"login:{who.username_hash[:16]}")
            return None
        account = session.get_one(Account, found.id)
        lockout.forgive(session, attempt)
        needs_code = account.totp_secret_sealed is not None or any(
            row.role in totp_roles for row in account.roles
        )
        if not needs_code:
            # Not before the code: a known password must not refill the tries for guessing it.
            lockout.forgive_all(session, account.username)
        if passwords.needs_rehash(account.password_hash):
            account.password_hash = passwords.hashed(password)
        if password_days and _too_old(account, password_days):
            account.must_change_password = True
        action = "login.password_accepted" if needs_code else "login.completed"
        audit.record(session, action, actor=account.username, object_ref=f"account:{account.id}")
        return Opened(token=_new_session(session, account, replacing), account_id=account.id)


def _too_old(account: Account, days: int) -> bool:
    return account.password_changed_at is None or now() - account.password_changed_at > timedelta(days=days)


def _begin(who: Origin) -> int:
    with transaction() as session:
        attempt = lockout.begin_attempt(session, who, now())
    if attempt is None:
        raise MustWait
    return attempt


def _credentials(session: Session, username: str) -> _Credentials | None:
    row = session.execute(
        sa.select(Account.id, Account.password_hash).where(Account.username == normal_username(username))
    ).one_or_none()
    return _Credentials(row.id, row.password_hash) if row else None


def _still_opens(session: Session, found: _Credentials) -> bool:
    """Whether the account is not disabled, and still what was checked: the hashing took its time."""
    return (
        session.execute(
            sa.select(Account.id).where(
                Account.id == found.id,
                Account.password_hash == found.password_hash,
                Account.disabled_at.is_(None),
            )
        ).one_or_none()
        is not None
    )


def _new_session(session: Session, account: Account, replacing: str | None) -> str:
    """Always a new token: one that was planted in the browser before opens nothing."""
    if replacing is not None:
        replaced = sessions.account_of(session, replacing)
        if replaced is not None:
            sessions.end(session, sessions.token_hash(replacing), now(), account_id=replaced)
    return sessions.start(session, account.id, now())


def enter_code(signed_in: SignIn, code: str, *, address: str | None) -> bool:
    """Checks a code, the first of an enrolment or a later one, and completes the session. Opens its own transactions.

    MustWait after too many wrong ones. A code opens once.
    """
    who = lockout.origin(signed_in.actor.username, address)
    attempt = _begin(who)
    with transaction() as session:
        account = session.get_one(Account, signed_in.actor.id, with_for_update=True)
        key, place = vault.data_key(session, account.data_key_id), f"account|totp_secret|{account.id}"
        enrolled = account.totp_secret_sealed
        secret = (
            vault.unseal(key, enrolled, place=place)
            if enrolled
            else totp.pending_secret(signed_in.token_hash)
        )
        step = totp.matching_step(secret, code, now(), last_step=account.totp_last_step)
        reference = f"account:{account.id}"
        if step is None:
            audit.record(session, "login.code_refused", actor=account.username, object_ref=reference)
            return False
        if enrolled is None:
            account.totp_secret_sealed = vault.seal(key, secret, place=place)
            audit.record(session, "account.totp_enrolled", actor=account.username, object_ref=reference)
        account.totp_last_step = step
        lockout.forgive(session, attempt)
        lockout.forgive_all(session, account.username)
        sessions.note_second_step(session, signed_in.token_hash)
        audit.record(session, "login.completed", actor=account.username, object_ref=reference)
    return True


def sign_out(signed_in: SignIn) -> None:
    """Ends the session that asks. Opens its own transaction."""
    actor = signed_in.actor
    with transaction() as session:
        sessions.end(session, signed_in.token_hash, now(), account_id=actor.id or 0)
        audit.record(session, "login.ended", actor=actor.username, object_ref=f"account:{actor.id}")


def confirm_password(signed_in: SignIn, password: str, *, address: str | None) -> bool:
    """Whether it is really the person who sits there; wrong tries count like those at the door. MustWait likewise."""
    attempt = _begin(lockout.origin(signed_in.actor.username, address))
    found = _credentials(db.session(), signed_in.actor.username)
    end_read()
    if found is None or not passwords.verify(found.password_hash, password):
        return False
    with transaction() as session:
        lockout.forgive(session, attempt)
    return True
