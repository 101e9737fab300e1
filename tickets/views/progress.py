"""「我的事办得怎样了？」: number and query code in, a sentence to read aloud out."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired

from accounts.current import require_actor
from core.db import transaction
from core.errors import DomainError
from core.forms import OfficeForm
from tickets.progress import Progress, WrongCode, ask


class ProgressForm(OfficeForm):
    number = StringField("编号", [DataRequired("请填写编号。")])
    code = StringField("查询码", [DataRequired("请填写查询码。")])


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/progress", "progress", show, methods=["GET", "POST"])


def show() -> ResponseReturnValue:
    """The form, and beneath it what may be said; a POST, so that no code stands in an address."""
    actor, form = require_actor(), ProgressForm()
    found: Progress | None = None
    refusal = ""
    if form.validate_on_submit():
        try:
            # A wrong code is refused after the try was committed: it counts.
            with transaction() as session:
                try:
                    found = ask(session, form.number.data or "", form.code.data or "", actor=actor)
                except WrongCode as wrong:
                    refusal = str(wrong)
        except DomainError as silent:
            refusal = str(silent)
    page = render_template("tickets/progress.html", form=form, found=found, refusal=refusal)
    return (page, 422) if refusal or form.errors else page
