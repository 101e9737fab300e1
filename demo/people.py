"""The demonstration's people: an account of every role, and enough of them for separated duties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor, actor_of
from accounts.models import Account, Section
from accounts.verbs import create_account
from accounts.vocabulary import Role

PASSWORD = "yanlian-2026-tea"


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    username: str
    name: str
    roles: tuple[Role, ...]
    sections: tuple[str, ...] = ()
    job: str = ""


PEOPLE = (
    DemoPerson(
        username="chenjie",
        name="陈洁",
        roles=(Role.CLERK,),
        sections=("zhongjiao", "chuyoujiao"),
        job="接听员",
    ),
    DemoPerson(
        username="linfang", name="林芳", roles=(Role.CLERK, Role.HANDLER), sections=("zhongjiao",), job="科员"
    ),
    DemoPerson(username="wangjun", name="王军", roles=(Role.HANDLER,), sections=("zhongjiao",), job="科员"),
    DemoPerson(
        username="sumin", name="苏敏", roles=(Role.HEAD, Role.HANDLER), sections=("zhongjiao",), job="股长"
    ),
    DemoPerson(
        username="huanglan",
        name="黄兰",
        roles=(Role.CLERK, Role.HANDLER),
        sections=("chuyoujiao",),
        job="科员",
    ),
    DemoPerson(username="xieyun", name="谢云", roles=(Role.HANDLER,), sections=("chuyoujiao",), job="科员"),
    DemoPerson(
        username="laimei", name="赖梅", roles=(Role.HEAD, Role.HANDLER), sections=("chuyoujiao",), job="股长"
    ),
    DemoPerson(
        username="zhengguo",
        name="郑国",
        roles=(Role.LEADER,),
        sections=("zhongjiao", "chuyoujiao"),
        job="分管副局长",
    ),
    DemoPerson(username="jijian", name="纪检联络员", roles=(Role.SUPERVISOR,), job="县纪委监委"),
    DemoPerson(username="guanli", name="管理员", roles=(Role.ADMIN,), job="信息员"),
)


def add_people(session: Session) -> None:
    """Makes the accounts, all with the same password that need not be changed."""
    sections = {row.slug: row for row in session.scalars(sa.select(Section))}
    for person in PEOPLE:
        create_account(
            session,
            SYSTEM,
            username=person.username,
            display_name=person.name,
            job_title=person.job,
            roles=person.roles,
            sections=[sections[slug] for slug in person.sections],
            password=PASSWORD,
            must_change_password=False,
        )


def actors(session: Session) -> Mapping[str, Actor]:
    """The people as those who act, by user name."""
    return {account.username: actor_of(account) for account in session.scalars(sa.select(Account))}
