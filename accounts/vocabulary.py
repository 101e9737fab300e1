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
