"""The forms about secrecy, drawn from the tables of their rules."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from core.forms import OfficeForm
from tickets.forms.fields import labelled_select
from tickets.forms.orders import Typed, step_form
from tickets.secrecy.rules import (
    CONCLUSION_STEP,
    HANDED_OVER_STEP,
    INQUIRY_STEP,
    PRESSURE_STEP,
    REFUSAL_STEP,
    SEALED_STEP,
)
from tickets.secrecy.words import SearchReason

_STEPS = {
    "pressure": PRESSURE_STEP,
    "inquiry": INQUIRY_STEP,
    "conclusion": CONCLUSION_STEP,
    "sealed": SEALED_STEP,
    "refuse": REFUSAL_STEP,
    "hand_over": HANDED_OVER_STEP,
}


def form_for(owner: str, *, row_id: str = "", typed: Typed = None) -> OfficeForm:
    """The form of one of the acts; several of one kind on a page are told apart by their row."""
    return step_form(f"{owner}-{row_id}" if row_id else owner, _STEPS[owner], typed=typed, present={})


class PhoneSearchForm(OfficeForm):
    phone = StringField("电话号码", [InputRequired("请填写电话号码。")])
    reason = labelled_select("为什么查", SearchReason, SearchReason.CALLS_AGAIN)
