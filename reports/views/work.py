"""/reports/work: what the office did besides single cases, counted in bulletins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from accounts.current import require_actor
from accounts.vocabulary import Role
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError
from core.forms import OfficeForm
from reports import periods
from reports.work import verbs
from reports.work.vocabulary import WorkKind
from tickets.forms.fields import DayField, choices_of

_NEEDED = InputRequired("请填写这一项。")


class WorkForm(OfficeForm):
    """One entry."""

    kind = SelectField("做了什么", choices=choices_of(WorkKind))
    day = DayField("日期", [_NEEDED])
    amount = IntegerField(
        "数量", [_NEEDED], description="单位按左边的一项：次、个次、起、人、元等；登错的填负数冲减"
    )
    text = StringField(
        "说明", [_NEEDED, Length(max=200, message="最多 200 个字。")], description="一句话，不写姓名"
    )


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/reports/work", "work", show, methods=["GET"])
    bp.add_url_rule("/reports/work", "note_work", add, methods=["POST"])


def show() -> ResponseReturnValue:
    return _page(WorkForm(formdata=None, day=office_day(now()).isoformat()))


def _page(form: WorkForm, message: str = "") -> str:
    session, actor, today = db.session(), require_actor(), office_day(now())
    year = periods.start_of(today.replace(month=1, day=1))
    return render_template(
        "reports/work.html",
        form=form,
        message=message,
        rows=verbs.newest(session),
        sums=verbs.worked(session, start=year, year_from=year, before=now()),
        may_note=actor.has(Role.HEAD, Role.LEADER),
    )


def add() -> ResponseReturnValue:
    form = WorkForm()
    if not form.validate_on_submit() or form.day.day is None:
        return _page(form), 422
    try:
        with transaction() as writing:
            verbs.note(
                writing,
                kind=WorkKind(form.kind.data),
                day=form.day.day,
                amount=form.amount.data,
                text=form.text.data,
                actor=require_actor(),
            )
    except DomainError as refusal:
        end_read()
        return _page(form, str(refusal)), 422
    flash("已记下，会计入本期专报。", "success")
    return redirect(url_for(".work"), code=303)
