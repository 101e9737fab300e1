"""The policy entries (政策口径): everybody reads them, the heads of the sections write them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.current import require_actor
from accounts.models import Section
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, StaleVersion
from core.text import clean_line
from tickets import policy_entries, registers
from tickets.forms.policies import PolicyForm, WithdrawForm
from tickets.policy_entries import Entry
from tickets.queries.registers import category_choices, section_choices
from tickets.search.grams import runs


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/policies", "policies", index)
    bp.add_url_rule("/policies/new", "policy_new", new, methods=["GET", "POST"])
    bp.add_url_rule("/policies/<int:entry_id>", "policy", show)
    bp.add_url_rule("/policies/<int:entry_id>/edit", "policy_edit", edit, methods=["GET", "POST"])
    bp.add_url_rule("/policies/<int:entry_id>/withdraw", "policy_withdraw", withdraw, methods=["POST"])


def index() -> ResponseReturnValue:
    """All entries; with `q` those that hold its words."""
    asked = clean_line(request.args.get("q", ""), 100)
    today = office_day(now())
    found = [each for each in policy_entries.entries(db.session()) if _holds(each, asked)]
    return render_template(
        "policies/index.html",
        entries=found,
        asked=asked,
        today=today,
        may_edit=policy_entries.may_edit(require_actor()),
        categories=_category_names(db.session()),
    )


def show(entry_id: int) -> ResponseReturnValue:
    """One entry with every wording it has had."""
    reading = db.session()
    entry = policy_entries.entry(reading, entry_id)
    form = WithdrawForm(version=str(entry.version))
    return render_template(
        "policies/show.html",
        entry=entry,
        versions=policy_entries.history_of(reading, entry_id),
        today=office_day(now()),
        form=form,
        may_edit=policy_entries.may_edit(require_actor()),
        categories=_category_names(reading),
    )


def new() -> ResponseReturnValue:
    return _write(None)


def edit(entry_id: int) -> ResponseReturnValue:
    return _write(entry_id)


def _write(entry_id: int | None) -> ResponseReturnValue:
    actor, reading = require_actor(), db.session()
    if not policy_entries.may_edit(actor):
        raise NotAllowed("政策口径由股室负责人写，别人可以看、可以用。")
    entry = policy_entries.entry(reading, entry_id) if entry_id is not None else None
    form = PolicyForm()
    form.offer(category_choices(reading), section_choices())
    if not form.is_submitted():
        if entry is not None:
            form.show(entry, _slug_of(reading, entry))
        return _form_page(form, entry)
    if not form.validate():
        return _form_page(form, entry), 422
    try:
        with transaction() as writing:
            section = registers.section_of(writing, form.section.data) if form.section.data else None
            saved = policy_entries.save(
                writing,
                form.wording(section.id if section else None),
                actor=actor,
                entry_id=entry_id,
                version=form.seen_version,
                checked=bool(form.checked.data),
            )
            saved_id = saved.entry_id
    except DomainError as refusal:
        end_read()
        entry = policy_entries.entry(db.session(), entry_id) if entry_id is not None else None
        if isinstance(refusal, StaleVersion) and entry is not None:
            form.version.data = str(entry.version)  # the next press is meant for what is shown beside
            return _form_page(form, entry, message=str(refusal), changed=True), 409
        return _form_page(form, entry, message=str(refusal)), 422
    flash("已保存，马上可以用。以前的写法留在“改过几次”里。", "success")
    return redirect(url_for("tickets.policy", entry_id=saved_id), code=303)


def withdraw(entry_id: int) -> ResponseReturnValue:
    """Takes an entry out of use."""
    actor = require_actor()
    if not policy_entries.may_edit(actor):
        raise NotAllowed("政策口径由股室负责人停用。")
    form = WithdrawForm()
    with transaction() as writing:
        policy_entries.withdraw(writing, entry_id, actor=actor, version=form.seen_version)
    flash("已停用，不再推荐。要重新启用，点“修改”再保存。", "success")
    return redirect(url_for("tickets.policy", entry_id=entry_id), code=303)


def _form_page(form: PolicyForm, entry: Entry | None, *, message: str = "", changed: bool = False) -> str:
    return render_template("policies/form.html", form=form, entry=entry, message=message, changed=changed)


def _slug_of(reading: Session, entry: Entry) -> str:
    section = reading.get(Section, entry.wording.section_id) if entry.wording.section_id else None
    return section.slug if section else ""


def _category_names(reading: Session) -> dict[str, str]:
    return {choice.value: choice.label for choice in category_choices(reading)}


def _holds(entry: Entry, asked: str) -> bool:
    said = entry.wording
    text = " ".join(runs(f"{said.question} {said.answer} {said.source} {said.keywords}"))
    return all(part in text for part in runs(asked))
