"""Somebody leaves or moves: all open work goes to a colleague at once, each ticket with its own line of history."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.models import Account
from config.settings import Settings
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError
from core.forms import OfficeForm, chosen_row
from tickets import duties, handover
from tickets.letters.sending import carry_out
from tickets.models import Ticket
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Action


class HandOverForm(OfficeForm):
    giver = SelectField("交出的人", coerce=chosen_row, validate_choice=False)
    taker = SelectField("接手的人", coerce=chosen_row, validate_choice=False)
    reason = StringField(
        "原因", [InputRequired("请填写原因。"), Length(max=200, message="不能超过 200 个字。")]
    )


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/hand-over", "hand_over_all", show)
    bp.add_url_rule("/hand-over", "hand_over_do", hand_over, methods=["POST"])
    bp.add_url_rule("/hand-over/<int:hand_over_id>", "hand_over_sheet", sheet)


def show() -> ResponseReturnValue:
    """Who has how many open cases, those of disabled accounts first."""
    return _page(HandOverForm(formdata=None))


def hand_over() -> ResponseReturnValue:
    """Names another handler for each of them, in a transaction of its own; what could not be handed over is told."""
    actor, form = require_actor(), HandOverForm()
    if not form.validate():
        return _page(form), 422
    session = db.session()
    giver_id, taker_id = (
        form.giver.data or 0,
        form.taker.data or 0,
    )  # 0 is nobody; None would be every unassigned case
    taker = session.get(Account, taker_id)
    numbers = session.scalars(
        sa.select(Ticket.number)
        .where(Ticket.handler_id == giver_id, Ticket.status.in_(OPEN_STATUSES), visible_to(actor))
        .order_by(Ticket.id)
    ).all()
    if taker is None or taker.id == giver_id or not numbers:
        return _page(form, message="请选交出的人（名下要有在办件）和另一位接手的人。"), 422
    username, name = taker.username, taker.display_name
    giver = session.get_one(Account, giver_id).display_name
    lines = handover.lines_of(session, numbers)
    refused: dict[str, str] = {}
    for number in numbers:
        if sentence := _assign(number, actor, username, form):
            refused[number] = sentence
    for sentence in refused.values():
        flash(sentence, "warning")
    handed = [line for line in lines if line.number not in refused]
    if not handed:
        return redirect(url_for("tickets.hand_over_all"), code=303)
    with transaction() as writing:
        row = handover.keep(
            writing,
            giver=(giver_id, giver),
            taker=(taker_id, name),
            by=actor,
            reason=form.reason.data,
            lines=handed,
        )
        row_id = row.id
    flash(f"{len(handed)} 件已移交给{name}，各件经过里都有记录。请打印交接单，双方签字。", "success")
    return redirect(url_for("tickets.hand_over_sheet", hand_over_id=row_id), code=303)


def sheet(hand_over_id: int) -> ResponseReturnValue:
    """《工作交接单》: what was handed over that day, to be signed by both."""
    actor = require_actor()
    with transaction() as writing:
        row = handover.printed(writing, hand_over_id, actor)
        lines = handover.lines_in(row)
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "prints/hand_over.html",
        row=row,
        lines=lines,
        office=settings.office.name,
        printed=f"{office_day(now()).isoformat()} {actor.display_name}打印",
    )


def _assign(number: str, actor: Actor, taker: str, form: HandOverForm) -> str:
    """The sentence of the rule that says no; empty if it was done."""
    try:
        with transaction() as writing:
            version = writing.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()
            carry_out(
                writing,
                number,
                Action.ASSIGN,
                version=version,
                actor=actor,
                fields={"handler": taker, "reason": form.reason.data},
            )
    except DomainError as refusal:
        return f"{number} 没有移交：{refusal}"
    return ""


def _page(form: HandOverForm, *, message: str = "") -> str:
    end_read()
    session, actor = db.session(), require_actor()
    givers = session.execute(
        sa.select(
            Account.id, Account.display_name, Account.disabled_at, sa.func.count(Ticket.id).label("count")
        )
        .join(Ticket, Ticket.handler_id == Account.id)
        .where(Ticket.status.in_(OPEN_STATUSES), visible_to(actor))
        .group_by(Account.id, Account.display_name, Account.disabled_at)
        .order_by(Account.disabled_at.is_(None), Account.display_name)
    ).all()
    takers = [
        person
        for person in duties.staff(session)
        if person.id is not None and person.section_ids & actor.section_ids
    ]
    empty = SelectChoice(0, "请选择")
    form.giver.choices = [
        empty,
        *(SelectChoice(row.id, f"{row.display_name}（{row.count} 件）") for row in givers),
    ]
    form.taker.choices = [empty, *(SelectChoice(person.id, person.display_name) for person in takers)]
    return render_template(
        "tickets/hand_over.html",
        form=form,
        givers=givers,
        message=message,
        before=handover.before(session, actor),
    )
