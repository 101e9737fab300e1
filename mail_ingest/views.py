"""The mailbox page: how each mailbox is doing, a new authorisation code, the first question, a poll at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from accounts.actor import Actor
from accounts.current import require_actor
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound
from core.progress import going_on
from mail_ingest import (
    checking,
    health,
    item_views,
    mailboxes,
    outages,
    polling_now,
    processing,
    queries,
    reconcile,
    starting,
    work_senders,
)
from mail_ingest.forms import CodeForm, StartForm, WorkForm
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.mailbox import MailboxUnavailable
from mail_ingest.models import MailboxState

bp = Blueprint("mail", __name__)
item_views.register(bp)
_TOLD_FOR = timedelta(days=7)
_LATELY_DAYS = 30


@bp.get("/mail")
def index() -> ResponseReturnValue:
    return _page({})


def _page(typed: Mapping[int, WorkForm]) -> str:
    """The page of all mailboxes; `typed`: the forms that were sent and are not right yet, by mailbox."""
    actor, reading = require_actor(), db.session()
    cards = [
        _card(reading, actor, row, section.name, typed.get(row.id))
        for row, section in _listed(reading, actor)
    ]
    at_work = actor.has(*queries.AT_WORK)
    return render_template(
        "mail/index.html",
        cards=cards,
        trays=queries.counts(reading, actor) if at_work else {},
        kinds=queries.Tray,
        compared=reconcile.last_in_words(reading),
        code_form=CodeForm(),
        going_on=going_on(reading, "mail"),
    )


@bp.post("/mail/<int:mailbox_id>/code")
def code(mailbox_id: int) -> ResponseReturnValue:
    """Keeps a pasted code and tries it at once; if it is refused the page says so, in the mailbox's own sentence."""
    actor = require_actor()
    address = _to_set_up(actor, mailbox_id)
    form = CodeForm()
    if not form.validate():
        raise DomainError("；".join(error for errors in form.errors.values() for error in errors))
    with transaction() as writing:
        mailboxes.set_code(writing, address, form.code.data or "", actor=actor)
    tried = checking.check_one(address)
    if not tried.ok:
        with transaction() as writing:
            row, _ = mailboxes.find(writing, address)
            row.last_code, row.last_message, row.last_try_at = tried.code, tried.message, now()
        flash(f"{address}：{tried.message}", "error")
        return redirect(url_for("mail.index"), code=303)
    try:
        asked = starting.ask(address, open_mailbox, today=office_day(now()))
    except MailboxUnavailable as trouble:
        flash(f"{address}：{trouble.message}", "error")
        return redirect(url_for("mail.index"), code=303)
    if asked is None:
        _poll_now(f"{address}：授权码可用，")
    else:
        flash(f"{address}：{tried.message}请先回答下面的问题，回答以后开始收信。", "success")
    return redirect(url_for("mail.index"), code=303)


@bp.post("/mail/<int:mailbox_id>/start")
def start(mailbox_id: int) -> ResponseReturnValue:
    actor = require_actor()
    _to_set_up(actor, mailbox_id)
    form = StartForm(prefix=_prefix(mailbox_id))
    if not form.validate():
        raise DomainError("请选择从哪一天起的来信登记成诉求件。")
    try:
        since, senders = _chosen_day(form), form.chosen()
    except DomainError as problem:
        return _again(mailbox_id, form, problem)
    with transaction() as writing:
        row = writing.get_one(MailboxState, mailbox_id)
        work_senders.choose(writing, row, senders, actor=actor)
        starting.answer(writing, row, since, actor=actor)
    _poll_now("已记下。")
    return redirect(url_for("mail.index"), code=303)


@bp.post("/mail/<int:mailbox_id>/work")
def work(mailbox_id: int) -> ResponseReturnValue:
    """Whose mail is rather work: asked at the first connection, changed here at any time."""
    actor = require_actor()
    address = _to_set_up(actor, mailbox_id)
    form = WorkForm(prefix=_prefix(mailbox_id))
    try:
        senders = form.chosen()
    except DomainError as problem:
        return _again(mailbox_id, form, problem)
    with transaction() as writing:
        work_senders.choose(writing, writing.get_one(MailboxState, mailbox_id), senders, actor=actor)
    flash(f"{address}：已记下，从下一封来信起按这样分。", "success")
    return redirect(url_for("mail.index"), code=303)


def _again(mailbox_id: int, form: WorkForm, problem: DomainError) -> ResponseReturnValue:
    form.senders.errors = [str(problem)]
    return _page({mailbox_id: form}), 422


@bp.post("/mail/poll")
def poll() -> ResponseReturnValue:
    _poll_now("")
    return redirect(url_for("mail.index"), code=303)


def _poll_now(before: str) -> None:
    end_read()
    if polling_now.start():
        flash(f"{before}收取完成，结果见下。", "success")
    else:
        flash(f"{before}正在收取，过一会儿刷新本页看结果。", "info")


def _listed(reading: Session, actor: Actor) -> list[tuple[MailboxState, Any]]:
    open_addresses = {each.address for each in mailboxes.office_mailboxes() if not each.closed}
    return [
        (row, section)
        for row, section in queries.mailboxes_seen_by(reading, actor)
        if row.address in open_addresses
    ]


def _card(
    reading: Session, actor: Actor, row: MailboxState, section: str, typed: WorkForm | None
) -> dict[str, Any]:
    outage = outages.last_outage(reading, row)
    may_set_up = queries.may_set_up(actor, row)
    asked = starting.question(reading, row)
    return {
        "id": row.id,
        "address": row.address,
        "section": section,
        "health": health.health_of(row),
        "last_ok_at": row.last_ok_at,
        "last_try_at": row.last_try_at,
        "next_try_at": row.next_try_at,
        "waiting": row.waiting,
        "unfinished": processing.count_unfinished(reading, row.id),
        "intake_from": row.intake_from,
        "code_changed_at": row.code_changed_at,
        "code_is_ours": mailboxes.takes_pasted_code(row.address),
        "outage": outage if outage and now() - outage.until < _TOLD_FOR else None,
        "may_set_up": may_set_up,
        "question": asked,
        "start_form": _start_form(asked, row.id, typed) if asked and may_set_up else None,
        "work_form": (typed or _work_form(reading, row.id)) if may_set_up and not asked else None,
        "work_typed": typed is not None,
    }


def _prefix(mailbox_id: int) -> str:
    """Two mailboxes may ask on one page."""
    return f"start{mailbox_id}-"


def _work_form(reading: Session, mailbox_id: int) -> WorkForm:
    known = work_senders.of(reading, mailbox_id)
    data = {"work": "no" if known is None else "yes", "senders": "\n".join(known or ())}
    return WorkForm(formdata=None, data=data, prefix=_prefix(mailbox_id))


def _start_form(asked: starting.Question, mailbox_id: int, typed: WorkForm | None) -> StartForm:
    form = (
        typed
        if isinstance(typed, StartForm)
        else StartForm(formdata=None, data={"since": "today", "work": "no"}, prefix=_prefix(mailbox_id))
    )
    form.since.choices = [
        SelectChoice("today", f"从今天起（现有 {asked.today} 封会登记成件）"),
        SelectChoice("lately", f"近 {_LATELY_DAYS} 天（约 {asked.lately} 封会登记成件）"),
        SelectChoice("all", f"全部（{asked.total} 封都会登记成件）"),
        SelectChoice("day", "从下面填写的日期起"),
    ]
    return form


def _chosen_day(form: StartForm) -> date | None:
    today = office_day(now())
    match form.since.data:
        case "all":
            return None
        case "today":
            return today
        case "lately":
            return today - timedelta(days=_LATELY_DAYS)
    if form.day.data is None:
        raise DomainError("请填写日期。")
    chosen: date = form.day.data
    return chosen


def _to_set_up(actor: Actor, mailbox_id: int) -> str:
    """The address of a mailbox this person may set up."""
    try:
        for row, _ in queries.mailboxes_seen_by(db.session(), actor):
            if row.id == mailbox_id:
                if not queries.may_set_up(actor, row):
                    raise NotAllowed("授权码由股室负责人或系统管理员填写。")
                return row.address
        raise NotFound("没有这个邮箱。")
    finally:
        end_read()
