"""The forms of situation reports."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.forms import OfficeForm
from reports.situation.contents import Written
from reports.situation.vocabulary import PaperKind, SignedHow
from reports.vocabulary import Verdict
from tickets.forms.fields import DayField, choices_of

_NEEDED = InputRequired("请填写这一项。")


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=f"最多 {longest} 个字。")


class DraftForm(OfficeForm):
    """What people write and choose; the figures are the bulletin's."""

    version = HiddenField()
    kind = SelectField("文种", choices=choices_of(PaperKind))
    addressee = StringField("主送", [_NEEDED, _at_most(60)])
    copies = StringField("抄送", [_at_most(120)], description="没有就不填，几个单位用逗号隔开")
    title = StringField("标题", [_NEEDED, _at_most(80)])
    opening = TextAreaField("开头", [_NEEDED, _at_most(1000)])
    shortcomings = TextAreaField(
        "工作中的不足", [_at_most(4000)], description="写进第五部分；不写反映人，数字要与专报一致"
    )
    next_steps = TextAreaField("下一步工作", [_at_most(4000)], description="写进第六部分，一段一行")

    def written(self) -> Written:
        return Written(
            kind=PaperKind(self.kind.data),
            addressee=self.addressee.data,
            copies=self.copies.data or "",
            title=self.title.data,
            opening=self.opening.data,
            shortcomings=self.shortcomings.data or "",
            next_steps=self.next_steps.data or "",
        )


class CheckForm(OfficeForm):
    """What the one who checks, or is to sign, says."""

    version = HiddenField()
    verdict = RadioField(
        "意见",
        [_NEEDED],
        choices=[
            SelectChoice(Verdict.ACCEPT.value, "同意，送签发"),
            SelectChoice(Verdict.RETURN.value, "退回修改"),
        ],
    )
    note = TextAreaField("说明", [_at_most(1000)], description="退回的，写明改什么")


class SignForm(OfficeForm):
    """签发, in the system or written down from paper."""

    version = HiddenField()
    how = RadioField("签发方式", [_NEEDED])
    signed_on = DayField("成文日期", [_NEEDED])
    number = StringField("文号", [_at_most(30)], description="局里已编的照填；不填由系统按顺序编")
    signer = StringField("签发人（纸质）", [_at_most(20)], description="在纸上签发的领导姓名")
    scan = FileField("签发件扫描件", [Optional()], description="纸质签发必须有；PDF 或图片，不超过 20 MB")

    def offer(self, *, may_sign: bool, may_record: bool) -> SignForm:
        """Only the ways this person may choose."""
        ways = [SignedHow.SYSTEM] if may_sign else []
        ways += [SignedHow.PAPER] if may_record else []
        self.how.choices = choices_of(ways)
        return self


class ScanForm(OfficeForm):
    """The signed and sealed paper has come back."""

    scan = FileField("签字盖章件", [Optional()], description="PDF 或图片，不超过 20 MB")
