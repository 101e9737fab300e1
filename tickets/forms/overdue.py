"""The forms of the overdue page: why a case is late, and who asked."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.forms import OfficeForm
from tickets.forms.fields import DayField, choices_of, labelled_select
from tickets.vocabulary import AskedHow, OverdueReason

_NEEDED = InputRequired("请填写这一项。")


class ReasonForm(OfficeForm):
    """Why a case is late, and when it is expected to be done."""

    number = HiddenField()
    beside = HiddenField()  # "ticket" if it was filled in on the page of the case
    reason = SelectField("超期原因", choices=choices_of(OverdueReason))
    text = StringField(
        "具体说明",
        [Length(max=200, message="最多 200 个字。")],
        description="会念给上级听、写进专报，不要写反映人",
    )
    expected_on = DayField("预计办结日期", [_NEEDED])


class SnapshotForm(OfficeForm):
    """Who asked, and how."""

    asked_by = StringField(
        "来问的单位和人",
        [_NEEDED, Length(max=60, message="最多 60 个字。")],
        description="例如：县纪委监委监检室 王主任",
    )
    how = labelled_select("怎么问的", AskedHow, AskedHow.PHONE)
    note = StringField("备注", [Length(max=200, message="最多 200 个字。")])
