"""The forms of the mailbox page and of the trays."""

from __future__ import annotations

from wtforms import DateField, PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.forms import OfficeForm
from mail_ingest.tray import REASONS
from tickets.opening_rules import OpeningReason


class CodeForm(OfficeForm):
    """A new authorisation code. Shown as dots: somebody may stand behind."""

    code = PasswordField(
        "新的授权码",
        [InputRequired("请粘贴授权码。"), Length(max=200, message="授权码没有这么长，请重新复制。")],
    )


class StartForm(OfficeForm):
    """From when a mailbox's mail becomes tickets."""

    since = RadioField(
        "从哪一天起的来信登记成诉求件",
        choices=[SelectChoice(each, "") for each in ("today", "lately", "all", "day")],
        validators=[InputRequired("请选一项。")],
    )
    day = DateField("日期", [Optional()])


class AsideForm(OfficeForm):
    reason = SelectField("理由", choices=[SelectChoice(each.value, each.label) for each in REASONS])


class OpeningForm(OfficeForm):
    """Why somebody reads a mail as it came."""

    reason = SelectField(
        "查看的理由", choices=[SelectChoice(each.value, each.label) for each in OpeningReason]
    )
