"""Being away: who stands in meanwhile, and to which address the daily reminder goes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from accounts import delegations
from accounts.actor import Actor
from accounts.current import require_actor
from accounts.vocabulary import Role
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError
from core.forms import OfficeForm, chosen_row, whole_number
from outbox.letter import is_deliverable
from tickets.models import NoticeAddress

_NEEDED = "请填写这一项。"


class AwayForm(OfficeForm):
    deputy = SelectField("谁代理我", coerce=chosen_row, validate_choice=False)
    from_day = DateField("从哪天起", [InputRequired(_NEEDED)])
    until_day = DateField("到哪天止（含当天）", [InputRequired(_NEEDED)])


class AddressForm(OfficeForm):
    mail = StringField(
        "提醒邮箱",
        description="到期、超期提醒每个工作日早上合成一封，只写件数，不写编号、学校和内容。不填就只在工作台上看。",
    )


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/account/away", "away", show)
    bp.add_url_rule("/account/away", "delegate", delegate, methods=["POST"])
    bp.add_url_rule("/account/away/end", "end_delegation", end_delegation, methods=["POST"])
    bp.add_url_rule("/account/reminders", "reminder_address", address, methods=["POST"])


def show() -> ResponseReturnValue:
    return _page(_form(require_actor()))


def delegate() -> ResponseReturnValue:
    """Enters who stands in; from that day on the deputy's buttons are there."""
    actor = require_actor()
    form = _form(actor)
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as writing:
            delegations.delegate(
                writing,
                actor,
                deputy_id=form.deputy.data,
                from_day=form.from_day.data,
                until_day=form.until_day.data,
            )
    except DomainError as refusal:
        end_read()
        return _page(form, message=str(refusal)), 422
    flash("代理已登记，到时自动生效、到期自动结束。", "success")
    return redirect(url_for("tickets.away"), code=303)


def end_delegation() -> ResponseReturnValue:
    actor = require_actor()
    with transaction() as writing:
        delegations.end(writing, actor, whole_number(request.form.get("delegation")) or 0)
    flash("代理已结束。", "success")
    return redirect(url_for("tickets.away"), code=303)


def address() -> ResponseReturnValue:
    """Where the daily reminder goes; an empty field ends it."""
    actor, form = require_actor(), AddressForm()
    mail = (form.mail.data or "").strip()
    if mail and not is_deliverable(mail):
        form.mail.errors = ["这不像一个邮箱地址，请检查。"]
        return _page(_form(actor, fresh=True), form), 422
    assert actor.id is not None  # noqa: S101 - a person is signed in
    with transaction() as writing:
        row = writing.get(NoticeAddress, actor.id, with_for_update=True)
        if row is not None and not mail:
            writing.delete(row)
        elif row is not None:
            row.mail = mail
        elif mail:
            writing.add(NoticeAddress(account_id=actor.id, mail=mail))
    flash("提醒邮箱已保存。" if mail else "以后只在工作台上提醒。", "success")
    return redirect(url_for("tickets.away"), code=303)


def _form(actor: Actor, *, fresh: bool = False) -> AwayForm:
    form = AwayForm(formdata=None) if fresh else AwayForm()
    people = delegations.eligible(db.session(), actor)
    # Nobody stands in for somebody by oversight.
    form.deputy.choices = [
        SelectChoice(0, "请选择"),
        *(SelectChoice(each.id, each.display_name) for each in people),
    ]
    if form.from_day.data is None and not form.is_submitted():
        form.from_day.data = office_day(now())
    return form


def _page(form: AwayForm, address_form: AddressForm | None = None, *, message: str = "") -> str:
    actor, session = require_actor(), db.session()
    assert actor.id is not None  # noqa: S101 - a person is signed in
    known = session.get(NoticeAddress, actor.id)
    return render_template(
        "tickets/away.html",
        form=form,
        address_form=address_form or AddressForm(formdata=None, data={"mail": known.mail if known else ""}),
        lines=delegations.of_person(session, actor.id),
        my_id=actor.id,
        may_hand_over=actor.has(Role.HEAD, Role.LEADER),
        message=message,
    )
