"""Registering a call, a visit, a letter: one page, the matter first, number and code to read aloud afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.current import require_actor
from core.db import db, transaction
from core.errors import DomainError
from tickets import intake, registers, similar
from tickets.forms.registration import RegistrationForm
from tickets.intake import Registered
from tickets.letters.sending import carry_out
from tickets.queries.registers import category_choices, own_section, section_choices
from tickets.similar import SeenMatch
from tickets.suggestions.suggest import Suggestion
from tickets.views import receipts
from tickets.vocabulary import Action

_SIMILAR_SHOWN = 5


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/new", "new", new, methods=["GET", "POST"])


def new() -> ResponseReturnValue:
    """The form; with `look` it comes back with suggestions, else it becomes a ticket."""
    actor = require_actor()
    form = _form(db.session())
    if request.method == "GET":
        return _page(form)
    if request.form.get("look"):
        return _page(form, advice=_advice(db.session(), form, actor))
    if not form.validate():
        return _page(form), 422
    try:
        registered = _register(form, actor, request.form.get("answer_now", ""))
    except DomainError as refusal:
        return _page(form, message=str(refusal)), 422
    number = registered.ticket.number
    receipts.keep(number, registered.query_codes)
    flash(f"已登记，编号 {number}。", "success")
    return redirect(url_for("tickets.show", number=number), code=303)


def _form(read: Session) -> RegistrationForm:
    form = RegistrationForm()
    form.offer(category_choices(read), section_choices(), fresh=request.method == "GET")
    return form


def _register(form: RegistrationForm, actor: Actor, pressed: str) -> Registered:
    answer = form.answered_with(pressed)
    if answer is not None and not answer:
        raise DomainError("当场答复办结要写一句答复的内容。")
    with transaction() as writing:
        section = own_section(writing, actor)
        registered = intake.register(
            writing, form.new_ticket(arrived_at=section.slug if section else None), actor=actor
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
        return registered


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the system makes of the words so far; a person decides."""

    suggestion: Suggestion
    category: str
    similar: list[SeenMatch]


def _advice(read: Session, form: RegistrationForm, actor: Actor) -> Advice:
    matter = form.matter.data or ""
    section = own_section(read, actor)
    suggestion = registers.suggester(read).suggest(
        "",
        matter,
        school_text=form.school_text.data or "",
        grade_text=form.grade_text.data or "",
        arrived_at_section=section.slug if section else None,
    )
    labels = {choice.value: choice.label for choice in form.category.choices}
    text = f"{form.school_text.data or ''} {matter}"
    return Advice(
        suggestion=suggestion,
        category=labels.get(suggestion.category or "", ""),
        similar=similar.seen_matches(read, actor, text, limit=_SIMILAR_SHOWN),
    )


def _page(form: RegistrationForm, *, message: str = "", advice: Advice | None = None) -> str:
    section = own_section(db.session(), require_actor())
    return render_template(
        "tickets/new.html",
        form=form,
        message=message,
        advice=advice,
        section_name=section.name if section else "",
    )
