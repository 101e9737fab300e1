"""Who may look after whose account, and how a user name is written. Pure: no database, no request."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.errors import DomainError

LOOKED_AFTER_BY_HEAD = frozenset({Role.CLERK, Role.HANDLER})
AT_WORK_IN_SECTIONS = frozenset({Role.CLERK, Role.HANDLER, Role.HEAD})
_USERNAME = re.compile(r"[\w.-]{2,40}")


def normal_username(text: str) -> str:
    """The one spelling of a user name: full-width and capital letters are typed by accident, not by intent."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def checked_username(text: str) -> str:
    """The normal spelling of a name for a new account; DomainError if it cannot be one."""
    username = normal_username(text)
    if not _USERNAME.fullmatch(username):
        raise DomainError("用户名要 2 到 40 个字，只能用汉字、字母、数字、点、横线和下划线。")
    return username


def roles_granted_by(actor: Actor) -> frozenset[Role]:
    """The roles this person may give and take."""
    if actor.id is None or actor.has(Role.ADMIN):
        return frozenset(Role)
    return LOOKED_AFTER_BY_HEAD if actor.has(Role.HEAD) else frozenset()


def may_look_after(actor: Actor, whom: Actor) -> bool:
    """Whether somebody may change, unlock, reset or disable an account; never the own one.

    A head looks after those who take calls and handle in the head's own sections, and nobody else.
    """
    if actor.id is None:
        return True
    if actor.id == whom.id:
        return False
    if actor.has(Role.ADMIN):
        return True
    return (
        actor.has(Role.HEAD)
        and whom.roles <= LOOKED_AFTER_BY_HEAD
        and bool(whom.section_ids)
        and whom.section_ids <= actor.section_ids
    )


def check_looks_after(actor: Actor, whom: Actor) -> None:
    """DomainError if the account is not one this person looks after."""
    if actor.id is not None and actor.id == whom.id:
        raise DomainError("自己的账号不能由本人停用、重置或改角色，请另一位管理员办理。")
    if not may_look_after(actor, whom):
        raise DomainError("这个账号不归您管理，请找系统管理员办理。")


def check_may_grant(actor: Actor, changed: Iterable[Role]) -> None:
    """DomainError if one of the roles is not this person's to give or take."""
    beyond = [role.label for role in Role if role in set(changed) - roles_granted_by(actor)]
    if beyond:
        raise DomainError(f"“{'、'.join(beyond)}”只能由系统管理员授予或收回。")


def check_may_place(actor: Actor, *, before: Iterable[int] = (), after: Iterable[int]) -> None:
    """DomainError if a section is not this person's to give or take, or nothing would be left to look after."""
    if actor.id is None or actor.has(Role.ADMIN):
        return
    if not set(before) ^ set(after) <= actor.section_ids:
        raise DomainError("只能安排到您自己负责的股室；跨股室请找系统管理员。")
    if not set(after):
        raise DomainError("请选择这个账号所在的股室。")
