"""`accounts create`, `accounts reset` and `accounts list`: for the person at the server's terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from accounts import lockout, queries, verbs
from accounts.actor import SYSTEM
from accounts.models import Account, Section
from accounts.vocabulary import Role, role_named
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, RanWithProblem

commands = AppGroup("accounts", help="账号：新建、重置、列出。")


@commands.command("create")
@click.option("--username", required=True, help="登录时输入的用户名。")
@click.option("--name", default="", help="姓名；不写则同用户名。")
@click.option("--role", "roles", multiple=True, required=True, help="角色，可写多次：" + "、".join(Role))
@click.option("--section", "sections", multiple=True, help="股室代号（slug），可写多次。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码的第一行。")
@click.option("--no-change", is_flag=True, help="首次登录时不要求改密码。")
def create(
    *,
    username: str,
    name: str,
    roles: tuple[str, ...],
    sections: tuple[str, ...],
    password_stdin: bool,
    no_change: bool,
) -> None:
    """新建账号。"""
    wanted = _roles(roles)
    password = _password(password_stdin)
    with _problems_said(), transaction() as session:
        verbs.create_account(
            session,
            SYSTEM,
            username=username,
            display_name=name,
            roles=wanted,
            sections=_sections(session, sections),
            password=password,
            must_change_password=not no_change,
        )
    click.echo(f"已建账号 {username}（{'、'.join(role.label for role in wanted)}）。")


@commands.command("reset")
@click.option("--username", required=True)
@click.option("--password-stdin", is_flag=True, help="从标准输入读新密码的第一行。")
@click.option("--no-change", is_flag=True, help="登录时不要求再改密码。")
def reset(username: str, password_stdin: bool, no_change: bool) -> None:
    """给账号设新密码，解除动态口令绑定和暂停登录，退出所有登录。"""
    password = _password(password_stdin)
    with _problems_said(), transaction() as session:
        account = queries.account_named(session, username)
        if account is None:
            raise DomainError(f"没有用户名为“{username}”的账号。")
        verbs.provide_password(session, SYSTEM, account, password, must_change=not no_change)
    click.echo(f"账号 {username} 已重置。")


@commands.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def list_accounts(as_json: bool) -> None:
    """列出账号。"""
    session = db.session()
    accounts = session.scalars(sa.select(Account).order_by(Account.username)).all()
    waits = lockout.waiting_names(session, [account.username for account in accounts], now())
    described = [_described(account, waits=account.username in waits) for account in accounts]
    if as_json:
        click.echo(json.dumps({"accounts": described}, ensure_ascii=False))
        return
    for each in described:
        state = "（已停用）" if each["disabled"] else "（暂停登录中）" if each["waiting"] else ""
        roles = "、".join(role_named(role).label for role in each["roles"])
        click.echo(
            f"{each['username']}\t{each['display_name']}\t{roles}\t{'、'.join(each['sections'])}{state}"
        )


def _described(account: Account, *, waits: bool) -> dict[str, Any]:
    return {
        "username": account.username,
        "display_name": account.display_name,
        "roles": [row.role.value for row in account.roles],
        "sections": [section.slug for section in account.sections],
        "disabled": account.disabled_at is not None,
        "must_change_password": account.must_change_password,
        "totp": account.totp_secret_sealed is not None,
        "waiting": waits,
    }


def _roles(names: tuple[str, ...]) -> list[Role]:
    unknown = [name for name in names if name not in list(Role)]
    if unknown:
        raise click.UsageError(f"没有名为 {'、'.join(unknown)} 的角色；可用的有：{'、'.join(Role)}。")
    return [role_named(name) for name in dict.fromkeys(names)]


def _sections(session: Session, slugs: tuple[str, ...]) -> list[Section]:
    known = {section.slug: section for section in session.scalars(sa.select(Section)).all()}
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise click.UsageError(f"没有代号为 {'、'.join(unknown)} 的股室；可用的有：{'、'.join(known)}。")
    return [known[slug] for slug in dict.fromkeys(slugs)]


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        raise click.UsageError("请加 --password-stdin 并从标准输入给出密码：写在命令行里的密码别人看得到。")
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError("标准输入里没有密码。")
    return password


@contextmanager
def _problems_said() -> Iterator[None]:
    """Turns a rule's refusal into the command's own way of saying it."""
    try:
        yield
    except DomainError as problem:
        raise RanWithProblem(str(problem)) from problem
