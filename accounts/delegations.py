"""Who stands in for whom between two days (A/B 岗): entered before somebody is away, ended when they are back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, Delegation
from accounts.vocabulary import Role
from core import audit
from core.clock import now, office_day
from core.errors import DomainError, NotFound

LONGEST = timedelta(days=60)
_MAY_STAND_IN = (Role.HANDLER, Role.HEAD, Role.LEADER)


@dataclass(frozen=True, kw_only=True)
class DelegationLine:
    """One delegation as a page shows it."""

    id: int
    principal_id: int
    principal: str
    deputy_id: int
    deputy: str
    from_day: date
    until_day: date


def delegate(session: Session, by: Actor, *, deputy_id: int, from_day: date, until_day: date) -> Delegation:
    """Has somebody stand in for oneself; DomainError with the sentence of the rule that says no.

    What the deputy may do is what the person may; what keeps either of them apart from a case keeps the deputy from it too.
    """
    assert by.id is not None  # noqa: S101 - only people are away
    if deputy_id not in {account.id for account in eligible(session, by)}:
        raise DomainError("请选一位能代办的同事：在岗的经办人、股室负责人或分管领导，不能是您自己。")
    if until_day < from_day:
        raise DomainError("结束日期不能早于开始日期。")
    if until_day < office_day(now()):
        raise DomainError("结束日期已经过了，请填今天或以后的日期。")
    if until_day - from_day > LONGEST:
        raise DomainError(f"一次代理最长 {LONGEST.days} 天；更久的请由系统管理员调整岗位。")
    row = Delegation(
        principal_id=by.id,
        deputy_id=deputy_id,
        from_day=from_day.isoformat(),
        until_day=until_day.isoformat(),
        created_by_id=by.id,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "account.delegated",
        actor=by.username,
        object_ref=f"delegation/{row.id}",
        deputy=deputy_id,
        from_day=row.from_day,
        until_day=row.until_day,
    )
    return row


def end(session: Session, by: Actor, delegation_id: int) -> None:
    """Back before the day that was set; only the person who was away says so."""
    row = session.get(Delegation, delegation_id, with_for_update=True)
    if row is None or row.principal_id != by.id:
        raise NotFound("没有这条代理，或它不是您的。")
    if row.ended_at is None:
        row.ended_at = now()
        audit.record(
            session, "account.delegation_ended", actor=by.username, object_ref=f"delegation/{row.id}"
        )


def eligible(session: Session, actor: Actor) -> Sequence[Account]:
    """Who may stand in for a person: somebody at work; a leader's deputy may come from any section."""
    query = (
        sa.select(Account)
        .where(
            Account.id != actor.id,
            Account.disabled_at.is_(None),
            sa.exists().where(AccountRole.account_id == Account.id, AccountRole.role.in_(_MAY_STAND_IN)),
        )
        .order_by(Account.id)
    )
    if not actor.has(Role.LEADER, Role.HEAD):
        query = query.where(
            sa.exists().where(
                AccountSection.account_id == Account.id, AccountSection.section_id.in_(actor.section_ids)
            )
        )
    return session.scalars(query).all()


def of_person(session: Session, account_id: int) -> list[DelegationLine]:
    """A person's delegations, as the one who is away or the one who stands in, that are not over."""
    principal, deputy = aliased(Account), aliased(Account)
    rows = session.execute(
        sa.select(Delegation, principal.display_name, deputy.display_name)
        .join(principal, principal.id == Delegation.principal_id)
        .join(deputy, deputy.id == Delegation.deputy_id)
        .where(
            sa.or_(Delegation.principal_id == account_id, Delegation.deputy_id == account_id),
            Delegation.ended_at.is_(None),
            Delegation.until_day >= office_day(now()).isoformat(),
        )
        .order_by(Delegation.from_day, Delegation.id)
    )
    return [
        DelegationLine(
            id=row.id,
            principal_id=row.principal_id,
            principal=principal_name,
            deputy_id=row.deputy_id,
            deputy=deputy_name,
            from_day=date.fromisoformat(row.from_day),
            until_day=date.fromisoformat(row.until_day),
        )
        for row, principal_name, deputy_name in rows
    ]
