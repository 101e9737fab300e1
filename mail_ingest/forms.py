"""The forms of the mailbox page and of the trays."""

from __future__ import annotations

from wtforms import DateField, PasswordField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.forms import OfficeForm
from mail_ingest import work_senders
from mail_ingest.tray import REASONS
from tickets.opening_rules import OpeningReason


class CodeForm(OfficeForm):
    """A new authorisation code. Shown as dots: somebody may stand behind."""

    code = PasswordField(
        "新的授权码",
        [InputRequired("请粘贴授权码。"), Length(max=200, message="授权码没有这么长，请重新复制。")],
    )


class WorkForm(OfficeForm):
    """Whether schools send their reports to a mailbox too, and from which addresses."""

    work = RadioField(
        "此邮箱平时也收学校报送材料吗？",
        choices=[
            SelectChoice("yes", "是，下面这些发件人的来信先放进“待甄别”（疑似工作邮件）"),
            SelectChoice("no", "否，所有来信都直接登记"),
        ],
        validators=[Optional()],
    )
    senders = TextAreaField(
        "学校报送邮件的发件地址",
        [Optional(), Length(max=20_000, message="地址太多了，可以改写成 @ 加域名。")],
        description="每行一个，如 xiaoxue@163.com；一个单位的全部地址写作 @edu.cn。以后可以随时增减。",
    )

    def chosen(self) -> tuple[str, ...] | None:
        """The senders, or None for 否; DomainError if one of them is no address."""
        return work_senders.parsed(self.senders.data or "") if self.work.data == "yes" else None


class StartForm(WorkForm):
    """From when a mailbox's mail becomes tickets, and whose mail is rather work."""

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
