"""The public receipt page: a POST, so that no code stands in an address; not there at all unless it is switched on."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired

from config.settings import Settings
from core.db import transaction
from core.errors import DomainError
from core.forms import OfficeForm
from tickets.lookup import NoMatch, Receipt, look_up


class LookupForm(OfficeForm):
    number = StringField("编号", [DataRequired("请填写编号。")], description="例如 ZJ20261123-0007")
    code = StringField("查询码", [DataRequired("请填写查询码。")], description="十位数字，登记时告诉您的")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/receipt", "lookup", show, methods=["GET", "POST"])


def show() -> ResponseReturnValue:
    """The form, and beneath it what may be known."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.office.security.receipt_lookup:
        abort(404)
    form = LookupForm()
    found: Receipt | None = None
    refusal = ""
    if form.validate_on_submit():
        try:
            # What does not fit is refused after the try was committed: it counts.
            with transaction() as session:
                try:
                    found = look_up(
                        session,
                        form.number.data or "",
                        form.code.data or "",
                        address=request.remote_addr or "",
                    )
                except NoMatch as wrong:
                    refusal = str(wrong)
        except DomainError as too_often:
            refusal = str(too_often)
    page = render_template("tickets/lookup.html", form=form, found=found, refusal=refusal)
    return (page, 422) if refusal or form.errors else page
