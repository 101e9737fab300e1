"""What is done to accounts. Each is checked against the rules, audited, and part of the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts import lockout, passwords, rules, sessions
from accounts.actor import Actor, actor_of
from accounts.models import Account, AccountRole, Section
from accounts.vocabulary import Role
from config.settings import Settings
from core import audit, vault
from core.clock import now
from core.errors import DomainError


def create_account(
    session: Session,
    by: Actor,
    *,
    username: str,
    display_name: str,
    roles: Iterable[Role],
    sections: Iterable[Section] = (),
    job_title: str = "",
    password: str | None = None,
    must_change_password: bool = True,
) -> Account:
    """Makes an account; without a password it is opened by its single-use link."""
    username = rules.checked_username(username)
    wanted, placed = set(roles), list(sections)
    rules.check_may_grant(by, wanted)
    rules.check_may_place(by, after=[section.id for section in placed])
    if not wanted:
        raise DomainError("请至少给这个账号选一个角色。")
    if session.execute(sa.select(Account.id).where(Account.username == username)).one_or_none():
        raise DomainError(f"用户名“{username}”已经有人使用，请换一个。")
    if password is not None:
        _check_password(password, username, display_name)
    account = Account(
        username=username,
        display_name=display_name.strip() or username,
        job_title=job_title.strip(),
        password_hash=passwords.unusable_hash() if password is None else passwords.hashed(password),
        must_change_password=must_change_password,
        password_changed_at=now(),
        data_key_id=vault.new_data_key(session).id,
        created_at=now(),
        sections=placed,
    )
    session.add(account)
    session.flush()
    _record(session, "account.created", by, account, sections=[section.slug for section in placed])
    for role in Role:
        if role in wanted:
            _grant(session, by, account, role)
    session.flush()
    session.refresh(account, ["roles"])
    return account


def change_account(
    session: Session,
    by: Actor,
    account: Account,
    *,
    display_name: str,
    job_title: str,
    roles: Collection[Role],
    sections: Collection[Section],
) -> None:
    """Changes names, roles and sections; what is given and taken is audited one by one."""
    rules.check_looks_after(by, actor_of(account))
    held = {row.role for row in account.roles}
    had = {section.id: section for section in account.sections}
    wants = {section.id: section for section in sections}
    rules.check_may_grant(by, held ^ set(roles))
    rules.check_may_place(by, before=had, after=wants)
    if not roles:
        raise DomainError("请至少保留一个角色；不再使用的账号请停用。")
    if Role.ADMIN in held - set(roles):
        _check_not_last_admin(session, account)
    # Roles and sections are rows of their own: without this a second person would overwrite them unseen.
    flag_modified(account, "display_name")
    if (account.display_name, account.job_title) != (display_name.strip(), job_title.strip()):
        account.display_name, account.job_title = display_name.strip(), job_title.strip()
        _record(session, "account.renamed", by, account)
    for role in Role:
        if role in roles and role not in held:
            _grant(session, by, account, role)
        elif role in held and role not in roles:
            _revoke(session, by, account, role)
    if had.keys() != wants.keys():
        account.sections = list(wants.values())
        _record(
            session,
            "account.sections_changed",
            by,
            account,
            before=sorted(section.slug for section in had.values()),
            after=sorted(section.slug for section in wants.values()),
        )
    session.flush()
    session.refresh(account, ["roles", "sections"])


def disable(session: Session, by: Actor, account: Account) -> None:
    """Closes an account and ends its sessions; what it did stays under its name."""
    rules.check_looks_after(by, actor_of(account))
    if account.disabled_at is not None:
        raise DomainError("这个账号已经停用。")
    if any(row.role is Role.ADMIN for row in account.roles):
        _check_not_last_admin(session, account)
    account.disabled_at = now()
    ended = sessions.end_all(session, account.id, now())
    _record(session, "account.disabled", by, account, sessions_ended=ended)


def enable(session: Session, by: Actor, account: Account) -> None:
    """Opens a disabled account again; its old password does not come back with it."""
    rules.check_looks_after(by, actor_of(account))
    if account.disabled_at is None:
        raise DomainError("这个账号没有停用。")
    account.disabled_at = None
    _make_unusable(account)
    _record(session, "account.enabled", by, account)


def unlock(session: Session, by: Actor, account: Account) -> None:
    """Ends the wait after wrong tries, for a person who stands there."""
    rules.check_looks_after(by, actor_of(account))
    forgiven = lockout.forgive_all(session, account.username)
    _record(session, "account.unlocked", by, account, tries=forgiven)


def reset_password(session: Session, by: Actor, account: Account) -> None:
    """Makes the password unusable, ends all sessions and ends a wait; the account is then opened by its new link."""
    rules.check_looks_after(by, actor_of(account))
    if account.disabled_at is not None:
        raise DomainError("这个账号已停用，请先恢复使用。")
    _make_unusable(account)
    lockout.forgive_all(session, account.username)
    ended = sessions.end_all(session, account.id, now())
    _record(session, "account.password_reset", by, account, sessions_ended=ended)


def reset_second_step(session: Session, by: Actor, account: Account) -> None:
    """Forgets the enrolled phone, lost or replaced; the next sign-in enrols a new one."""
    rules.check_looks_after(by, actor_of(account))
    if account.totp_secret_sealed is None:
        raise DomainError("这个账号没有绑定动态口令。")
    account.totp_secret_sealed, account.totp_last_step = None, None
    ended = sessions.end_all(session, account.id, now())
    _record(session, "account.totp_reset", by, account, sessions_ended=ended)


def end_sessions(session: Session, by: Actor, account: Account) -> None:
    """Signs the person out everywhere."""
    rules.check_looks_after(by, actor_of(account))
    ended = sessions.end_all(session, account.id, now())
    _record(session, "account.sessions_ended", by, account, sessions_ended=ended)


def set_own_password(session: Session, account: Account, password: str, *, keep_session: str | None) -> None:
    """A person chooses a password; every other session of the account ends."""
    _check_password(password, account.username, account.display_name)
    if passwords.verify(account.password_hash, password):
        raise DomainError("新密码不能和现在的密码相同。")
    account.password_hash = passwords.hashed(password)
    account.password_changed_at = now()
    account.must_change_password = False
    ended = sessions.end_all(session, account.id, now(), but=keep_session)
    audit.record(
        session,
        "account.password_changed",
        actor=account.username,
        object_ref=f"account:{account.id}",
        sessions_ended=ended,
    )


def provide_password(
    session: Session, by: Actor, account: Account, password: str, *, must_change: bool
) -> None:
    """The operator at the server's terminal sets a password, for when no other admin can help."""
    rules.check_looks_after(by, actor_of(account))
    _check_password(password, account.username, account.display_name)
    account.password_hash = passwords.hashed(password)
    account.password_changed_at = now()
    account.must_change_password = must_change
    account.totp_secret_sealed, account.totp_last_step = None, None
    lockout.forgive_all(session, account.username)
    ended = sessions.end_all(session, account.id, now())
    _record(session, "account.password_reset", by, account, sessions_ended=ended, at_terminal=True)


def _make_unusable(account: Account) -> None:
    account.password_hash = passwords.unusable_hash()
    account.password_changed_at = now()  # the link's day begins here
    account.must_change_password = True


def _grant(session: Session, by: Actor, account: Account, role: Role) -> None:
    session.add(AccountRole(account_id=account.id, role=role, granted_by=by.username, granted_at=now()))
    _record(session, "account.role_granted", by, account, role=role.value)


def _revoke(session: Session, by: Actor, account: Account, role: Role) -> None:
    session.delete(next(row for row in account.roles if row.role is role))
    _record(session, "account.role_revoked", by, account, role=role.value)


def _check_not_last_admin(session: Session, account: Account) -> None:
    others = session.execute(
        sa.select(sa.func.count())
        .select_from(AccountRole)
        .join(Account, Account.id == AccountRole.account_id)
        .where(AccountRole.role == Role.ADMIN, Account.disabled_at.is_(None), Account.id != account.id)
    ).scalar_one()
    if not others:
        raise DomainError("这是最后一个能用的系统管理员账号，请先另设一名管理员。")


def _check_password(password: str, *about: str) -> None:
    settings: Settings = current_app.extensions["settings"]
    trouble = passwords.trouble_with(password, about=about, kinds=settings.office.security.password_kinds)
    if trouble:
        raise DomainError(trouble)


def _record(session: Session, action: str, by: Actor, account: Account, **data: Any) -> None:
    audit.record(session, action, actor=by.username, object_ref=f"account:{account.id}", **data)
