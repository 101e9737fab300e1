"""Registering a call, a visit, a letter: one page, the matter first, number and code to read aloud afterwards."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from accounts.actor import Actor
from accounts.current import require_actor
from config.settings import Settings
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.forms import whole_number
from tickets import advising, drafts, intake, policy_entries, registers
from tickets.advising import Advice, Asked
from tickets.forms.registration import RegistrationForm
from tickets.intake import Registered
from tickets.letters.sending import carry_out
from tickets.queries.registers import category_choices, own_section, school_options, section_choices
from tickets.views import receipts
from tickets.views.drafts import keep
from tickets.vocabulary import Action

CONSULTATION = "I1"
# Buttons that change the form and show it again.
_ADOPTING = ("adopt_category", "adopt_school", "adopt_policy")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/new", "new", new, methods=["GET", "POST"])
    bp.add_url_rule("/paper/registration", "blank_form", blank_form)
    bp.add_url_rule("/tickets/new/advice", "advice", advice, methods=["POST"])


def new() -> ResponseReturnValue:
    """The form; with `look` or a suggestion taken over it comes back with suggestions, else it becomes a ticket."""
    actor = require_actor()
    if request.method == "GET":
        return _begin(actor)
    form = _form(db.session(), RegistrationForm())
    if request.form.get("keep_draft"):
        return _keep_draft(form, actor)
    if request.form.get("look") or any(request.form.get(name) for name in _ADOPTING):
        _adopt(db.session(), form)
        return _page(form, advice=_advice(form, actor))
    if not form.validate():
        return _page(form), 422
    try:
        registered = _register(form, actor, request.form.get("answer_now", ""))
    except DomainError as refusal:
        end_read()
        return _page(form, message=str(refusal)), 422
    number = registered.ticket.number
    receipts.keep(number, registered.query_codes)
    flash(f"已登记，编号 {number}。", "success")
    return redirect(url_for("tickets.show", number=number), code=303)


def advice() -> ResponseReturnValue:
    """The panels beside the form for what has been typed so far; asked by the page while somebody types."""
    actor = require_actor()
    form = _form(db.session(), RegistrationForm())
    return render_template("tickets/_advice.html", advice=_advice(form, actor), form=form)


def blank_form() -> ResponseReturnValue:
    """The form on paper, for when there is no electricity."""
    settings: Settings = current_app.extensions["settings"]
    return render_template("prints/blank.html", office=settings.office.name)


def _begin(actor: Actor) -> ResponseReturnValue:
    """An empty form, or one's own draft."""
    draft_id = request.args.get("draft", "")
    if not draft_id:
        return _page(_form(db.session(), RegistrationForm(), fresh=True))
    try:
        kept = drafts.opened(db.session(), actor.id or 0, draft_id)
    except NotFound as gone:
        flash(str(gone), "info")
        return redirect(url_for("tickets.new"), code=303)
    form = _form(db.session(), RegistrationForm(MultiDict({**kept.fields, "draft": kept.id})))
    return _page(form, advice=_advice(form, actor, recognise=False))


def _keep_draft(form: RegistrationForm, actor: Actor) -> ResponseReturnValue:
    fields = request.form.to_dict()
    if not drafts.worth_keeping(fields):
        return _page(form, message="还没有填写内容，没有什么可存。"), 422
    try:
        draft_id = keep(actor.id or 0, fields)
    except DomainError as refusal:
        return _page(form, message=str(refusal)), 422
    flash("草稿已保存，只有您自己看得到。", "success")
    return redirect(url_for("tickets.new", draft=draft_id), code=303)


def _form(read: Session, form: RegistrationForm, *, fresh: bool = False) -> RegistrationForm:
    form.offer(category_choices(read), section_choices(), fresh=fresh)
    return form


def _adopt(reading: Session, form: RegistrationForm) -> None:
    """Takes a suggestion over, as the script does in place."""
    if code := request.form.get("adopt_category"):
        form.take_over("category", code)
    if name := request.form.get("adopt_school"):
        form.take_over("school_text", name)
    version_id = whole_number(request.form.get("adopt_policy"))
    entry = policy_entries.usable_version(reading, version_id) if version_id else None
    if entry is not None:
        form.take_over_answer(entry.version_id, entry.wording.answer, CONSULTATION)


def _register(form: RegistrationForm, actor: Actor, pressed: str) -> Registered:
    answer = form.answered_with(pressed)
    if answer is not None and not answer:
        raise DomainError("当场答复办结要写一句答复的内容。")
    with transaction() as writing:
        section = own_section(writing, actor)
        # Initials are for the fingers of who types them, not for the record.
        meant = registers.suggester(writing).schools.meant(form.school_text.data or "")
        registered = intake.register(
            writing,
            form.new_ticket(
                arrived_at=section.slug if section else None, school_text=meant.name if meant else None
            ),
            actor=actor,
        )
        if answer is not None:
            writing.flush()
            ticket = registered.ticket
            carry_out(
                writing,
                ticket.number,
                Action.ANSWER_NOW,
                version=ticket.version,
                actor=actor,
                fields={"answer": answer},
            )
            version_id = whole_number(form.policy_used.data)
            if version_id and policy_entries.usable_version(writing, version_id):
                policy_entries.note_use(writing, ticket, version_id, actor=actor)
        if form.draft.data:
            drafts.discard(writing, actor.id or 0, form.draft.data)
        return registered


def _advice(form: RegistrationForm, actor: Actor, *, recognise: bool = True) -> Advice:
    """Recognising a caller by the number is logged, so a page that is only looked at does not do it."""
    asked = Asked(
        matter=form.matter.data or "",
        school_text=form.school_text.data or "",
        grade_text=form.grade_text.data or "",
        category=form.category.data or "",
    )
    found = advising.advise(
        db.session(), actor, asked, phone=(form.caller_phone.data or "") if recognise else ""
    )
    if found.earlier:
        with transaction() as writing:
            advising.note_earlier(writing, actor, found.earlier)
    return found


def _page(form: RegistrationForm, *, message: str = "", advice: Advice | None = None) -> str:
    reading = db.session()
    section = own_section(reading, require_actor())
    return render_template(
        "tickets/new.html",
        form=form,
        message=message,
        advice=advice,
        section_name=section.name if section else "",
        schools=school_options(reading),
    )
