"""The forms of the bulletin and supervision pages."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from accounts.actor import Actor
from core.clock import now, office_day
from core.forms import OfficeForm
from reports.supervision import kinds_open_to, may_issue
from reports.vocabulary import Delivered, OrderKind, ReceivedBy, Verdict
from tickets.forms.fields import DayField, MomentField, choices_of
from tickets.queries.registers import section_choices

_NEEDED = InputRequired("请填写这一项。")


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=f"最多 {longest} 个字。")


class DeliveryForm(OfficeForm):
    """A bulletin was handed over."""

    recipient = StringField("送达单位或人员", [_NEEDED, _at_most(60)], default="县纪委监委")
    how = SelectField(
        "方式", choices=choices_of([Delivered.PAPER, Delivered.IN_PERSON, Delivered.SYSTEM]), default="paper"
    )
    at = MomentField("送达时间", [_NEEDED])
    signed_by = StringField("签收人", [_at_most(30)])
    note = StringField("备注", [_at_most(200)])


class CorrectionForm(OfficeForm):
    """A corrected issue is to be made."""

    reason = TextAreaField(
        "更正的原因", [_NEEDED, _at_most(300)], description="会印在新的一期里；旧的一期保留不变。"
    )


class OrderForm(OfficeForm):
    """A supervision order is written down or issued."""

    kind = SelectField("种类", [_NEEDED])
    received_by = SelectField("怎样来的", choices=choices_of(ReceivedBy), default=ReceivedBy.PAPER.value)
    issuer = StringField("来自", [_at_most(60)], description="来文单位或打电话的人，如“县纪委监委党风室”")
    paper_number = StringField("来文文号", [_at_most(60)])
    issued_on = DayField("来文日期", [_NEEDED])
    due_on = DayField("要求答复日期", [Optional()])
    tickets = StringField("涉及的编号", [_at_most(600)], description="几件用空格隔开；说的是整体工作的不填")
    section = SelectField("承办股室", [Optional()], description="填了编号的，按编号所在股室")
    demand = TextAreaField("要求", [_NEEDED, _at_most(2000)])
    scan = FileField("扫描件", [Optional()], description="PDF 或图片，不超过 20 MB")

    @classmethod
    def for_person(cls, actor: Actor) -> OrderForm:
        """With what this person may choose."""
        form = cls(issued_on=office_day(now()).isoformat())
        kinds = kinds_open_to(actor)
        form.kind.choices = choices_of(kinds)
        form.section.choices = [SelectChoice("", "按编号"), *section_choices()]
        if not any(may_issue(actor, kind) for kind in kinds):
            form.received_by.choices = choices_of([ReceivedBy.PHONE, ReceivedBy.PAPER])
        elif all(may_issue(actor, kind) for kind in kinds):
            form.received_by.choices = choices_of([ReceivedBy.SYSTEM])
        return form

    def kind_chosen(self) -> OrderKind:
        return OrderKind(self.kind.data)


class AnswerForm(OfficeForm):
    """书面说明 of the section."""

    version = HiddenField()
    reason = TextAreaField("未按期办理的原因", [_NEEDED, _at_most(3000)])
    measures = TextAreaField("整改措施和责任人", [_NEEDED, _at_most(3000)])


class VerdictForm(OfficeForm):
    """What is said to an answer."""

    version = HiddenField()
    verdict = RadioField(
        "意见",
        [_NEEDED],
        choices=[
            SelectChoice(Verdict.ACCEPT.value, "采纳，办结"),
            SelectChoice(Verdict.RETURN.value, "退回补充"),
        ],
    )
    note = TextAreaField("说明", [_at_most(1000)], description="退回的，写明还缺什么")
