"""/checks: a tenth of the month's answers given at once, drawn by lot, for heads and leaders to look at."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from accounts.current import require_actor
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.forms import OfficeForm, chosen_row
from tickets import spot_checks
from tickets.forms.fields import choices_of, with_ids
from tickets.vocabulary import CheckResult


class CheckForm(OfficeForm):
    """What was found of one ticket."""

    check = HiddenField()
    month = HiddenField()
    result = SelectField("核对结果", choices=choices_of(CheckResult))
    note = StringField("问题", [Length(max=200, message="最多 200 个字。")], description="不合格的必填")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/checks", "checks", show)
    bp.add_url_rule("/checks", "checks_draw", draw, methods=["POST"])
    bp.add_url_rule("/checks/result", "checks_settle", settle, methods=["POST"])


def show() -> ResponseReturnValue:
    return _page(_month(request.args.get("month")))


def _month(text: str | None) -> str:
    """The month asked for; anything that is none is this one."""
    wanted = (text or "").strip()
    try:
        spot_checks.month_bounds(wanted)
    except DomainError:
        return f"{office_day(now()):%Y-%m}"
    return wanted


def _page(month: str, *, typed: CheckForm | None = None, message: str = "") -> str:
    session, actor = db.session(), require_actor()
    drawn = spot_checks.drawn_in(session, month, actor)
    forms = {line.check.id: CheckForm(formdata=None, month=month) for line in drawn if line.may_check}
    if typed is not None and (wrong := chosen_row(typed.check.data)) in forms:
        forms[wrong] = typed
    return render_template(
        "tickets/checks.html",
        month=month,
        months=spot_checks.months_of(session, month, actor),
        drawn=drawn,
        forms={key: with_ids(form, str(key)) for key, form in forms.items()},
        empty=CheckForm(formdata=None),
        typed=typed,
        message=message,
    )


def draw() -> ResponseReturnValue:
    month = _month(request.form.get("month"))
    try:
        with transaction() as writing:
            count = spot_checks.draw(writing, month, actor=require_actor())
    except DomainError as refusal:
        end_read()
        return _page(month, message=str(refusal)), 422
    flash(f"抽出 {count} 件，请逐件核对。", "success")
    return redirect(url_for("tickets.checks", month=month), code=303)


def settle() -> ResponseReturnValue:
    form = CheckForm()
    month = _month(form.month.data)
    if not form.validate():
        return _page(month, typed=form), 422
    try:
        with transaction() as writing:
            spot_checks.settle(
                writing,
                chosen_row(form.check.data),
                CheckResult(form.result.data),
                form.note.data or "",
                actor=require_actor(),
            )
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(month, typed=form, message=str(refusal)), 422
    flash("核对结果已记下。不合格的，请打开该件“重启”重新办理。", "success")
    return redirect(url_for("tickets.checks", month=month), code=303)
