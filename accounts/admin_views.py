"""Pages for looking after other people's accounts: for admins, and for heads within their sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts import links, lockout, queries, rules, verbs
from accounts.actor import Actor, actor_of
from accounts.current import require_actor
from accounts.forms import AccountActionForm, AccountForm, NewAccountForm
from accounts.models import Account, Section
from accounts.vocabulary import AccountAction, Role
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, StaleVersion
from core.registry import Banner, registry

if TYPE_CHECKING:
    from config.settings import Settings

ROLE_CHANGES_TOLD_FOR = timedelta(days=7)
_ACTIONS: Mapping[AccountAction, tuple[Callable[[Session, Actor, Account], None], str]] = MappingProxyType(
    {
        AccountAction.UNLOCK: (verbs.unlock, "已解除暂停，现在可以登录。"),
        AccountAction.RESET_PASSWORD: (
            verbs.reset_password,
            "密码已重置。请把下面的一次性链接当面交给本人。",
        ),
        AccountAction.RESET_SECOND_STEP: (
            verbs.reset_second_step,
            "已解除绑定，本人下次登录时重新绑定手机。",
        ),
        AccountAction.END_SESSIONS: (verbs.end_sessions, "此人已在各处退出登录。"),
        AccountAction.DISABLE: (verbs.disable, "账号已停用，此人已在各处退出登录。"),
        AccountAction.ENABLE: (verbs.enable, "账号已恢复。请把下面的一次性链接当面交给本人。"),
    }
)


def register(bp: Blueprint) -> None:
    """Adds these pages to the blueprint of the accounts."""
    bp.add_url_rule("/admin/accounts", "index", index)
    bp.add_url_rule("/admin/accounts/new", "new", new, methods=["GET", "POST"])
    bp.add_url_rule("/admin/accounts/changes", "changes", changes)
    bp.add_url_rule("/admin/accounts/<int:account_id>", "edit", edit, methods=["GET", "POST"])
    bp.add_url_rule("/admin/accounts/<int:account_id>/actions", "act", act, methods=["POST"])


def index() -> ResponseReturnValue:
    actor, reading = require_actor(), db.session()
    accounts = queries.accounts_seen_by(reading, actor)
    return render_template(
        "accounts/index.html",
        accounts=accounts,
        waits=lockout.waiting_names(reading, [account.username for account in accounts], now()),
        editable={account.id for account in accounts if rules.may_look_after(actor, actor_of(account))},
    )


def new() -> ResponseReturnValue:
    actor, form = require_actor(), NewAccountForm()
    _offer(form, db.session(), actor)
    if not form.is_submitted():
        return render_template("accounts/new.html", form=form)
    if not form.validate():
        return render_template("accounts/new.html", form=form), 422
    try:
        with transaction() as writing:
            account = verbs.create_account(
                writing,
                actor,
                username=form.username.data,
                display_name=form.display_name.data,
                job_title=form.job_title.data or "",
                roles=form.roles.data,
                sections=queries.sections_with(writing, form.sections.data),
            )
            account_id = account.id
    except DomainError as refusal:
        form.username.errors = [str(refusal)]
        return render_template("accounts/new.html", form=form), 422
    flash("账号已建好。请把下面的一次性链接当面交给本人。", "success")
    return redirect(url_for("accounts.edit", account_id=account_id), code=303)


def edit(account_id: int) -> ResponseReturnValue:
    actor, reading = require_actor(), db.session()
    account = queries.account_looked_after(reading, actor, account_id)
    form = AccountForm(
        data={
            "display_name": account.display_name,
            "job_title": account.job_title,
            "roles": [row.role for row in account.roles],
            "sections": [section.id for section in account.sections],
            "version": account.version,
        }
    )
    _offer(form, reading, actor, account)
    if not form.is_submitted():
        return _edit_page(account, form)
    if not form.validate():
        return _edit_page(account, form), 422
    try:
        with transaction() as writing:
            changing = queries.account_for_change(writing, actor, account_id, version=form.version.data or 0)
            verbs.change_account(
                writing,
                actor,
                changing,
                display_name=form.display_name.data,
                job_title=form.job_title.data or "",
                roles=form.roles.data,
                sections=queries.sections_with(writing, form.sections.data),
            )
    except StaleVersion as conflict:
        return _stale(account_id, str(conflict)), 409
    except DomainError as refusal:
        return _edit_page(
            queries.account_looked_after(db.session(), actor, account_id), form, str(refusal)
        ), 422
    flash("已保存。", "success")
    return redirect(url_for("accounts.edit", account_id=account_id), code=303)


def act(account_id: int) -> ResponseReturnValue:
    actor, form = require_actor(), AccountActionForm()
    if not form.validate():
        raise DomainError("没有这个操作，请回到账号页面重试。")
    verb, done = _ACTIONS[form.action.data]
    with transaction() as writing:
        verb(writing, actor, queries.account_for_change(writing, actor, account_id))
    flash(done, "success")
    return redirect(url_for("accounts.edit", account_id=account_id), code=303)


def changes() -> ResponseReturnValue:
    return render_template("accounts/changes.html", changes=queries.latest_role_changes(db.session()))


def role_change_banner(actor: Actor) -> list[Banner]:
    """Leaders are told of every role given or taken, for a week."""
    if not actor.has(Role.LEADER):
        return []
    count = queries.role_changes_since(db.session(), now() - ROLE_CHANGES_TOLD_FOR)
    if not count:
        return []
    return [
        Banner(level="info", text=f"最近 7 天有 {count} 次角色授予或收回。", url=url_for("accounts.changes"))
    ]


def _offer(form: AccountForm, reading: Session, actor: Actor, account: Account | None = None) -> None:
    """What may be ticked; what the account has already stays visible, also from a closed section."""
    sections: Sequence[Section] = queries.sections_placed_by(reading, actor)
    if account is not None:
        known = {section.id for section in sections}
        sections = [*sections, *(section for section in account.sections if section.id not in known)]
    form.offer(rules.roles_granted_by(actor), sections)


def _edit_page(account: Account, form: AccountForm, message: str = "") -> str:
    settings: Settings = current_app.extensions["settings"]
    until = links.good_until(account)
    if until is not None and now() >= until:
        until = None
    path = url_for("accounts.link", code=links.link_code(account))
    return render_template(
        "accounts/edit.html",
        account=account,
        form=form,
        message=message,
        waits_until=lockout.waiting_names(db.session(), [account.username], now()).get(account.username),
        link=settings.base_url.rstrip("/") + path if until else None,
        link_until=until,
        actions=AccountAction,
        left_behind=[
            told
            for ask in registry().about_accounts
            if (told := ask(account.id, require_actor())) is not None
        ],
    )


def _stale(account_id: int, message: str) -> str:
    """The page with what is stored now, and the sentence that says so."""
    account = queries.account_looked_after(db.session(), require_actor(), account_id)
    form = AccountForm(
        formdata=None,
        data={
            "display_name": account.display_name,
            "job_title": account.job_title,
            "roles": [row.role for row in account.roles],
            "sections": [section.id for section in account.sections],
            "version": account.version,
        },
    )
    _offer(form, db.session(), require_actor(), account)
    return _edit_page(account, form, message)
