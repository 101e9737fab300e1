"""Roles and their words."""

from __future__ import annotations

from core.labels import Labelled


class Role(Labelled):
    """What an account may be; an account may hold several."""

    CLERK = "clerk", "接听登记"
    HANDLER = "handler", "经办人"
    HEAD = "head", "股室负责人"
    LEADER = "leader", "分管领导"
    SUPERVISOR = "supervisor", "纪检监督"
    ADMIN = "admin", "系统管理员"


_ROLES = {role.value: role for role in Role}


def role_named(value: str) -> Role:
    """The role of a stored or typed value; KeyError if there is none."""
    return _ROLES[value]


class AccountAction(Labelled):
    """What can be done to somebody else's account with one button."""

    UNLOCK = "unlock", "解除暂停登录"
    RESET_PASSWORD = "reset_password", "重置密码"
    RESET_SECOND_STEP = "reset_second_step", "解除动态口令绑定"
    END_SESSIONS = "end_sessions", "让此人在各处退出登录"
    DISABLE = "disable", "停用账号"
    ENABLE = "enable", "恢复使用"
