"""What is asked for with each act, in the words of the form. Pure."""

from __future__ import annotations

from tickets.action_rules import Field, Kind
from tickets.vocabulary import (
    CallerKind,
    ContactData,
    Decision,
    Duty,
    FactWanted,
    Outcome,
    RefusalReason,
    Satisfaction,
    Secrecy,
    SuspensionReason,
    TargetKind,
    ToldBy,
    Urgency,
)


def _text(name: str, label: str, *, required: bool = True, hint: str = "") -> Field:
    return Field(name=name, label=label, required=required, hint=hint)


def _line(name: str, label: str, *, required: bool = False) -> Field:
    return Field(name=name, label=label, kind=Kind.LINE, required=required)


REASON = _text("reason", "理由")
HANDLER = Field(name="handler", label="经办人", kind=Kind.PERSON)
OPINION = _line("reason", "意见说明")
DECISION = Field(name="decision", label="意见", kind=Kind.CHOICE, choices=Decision, hint="不选为同意")
CATEGORY = Field(name="category", label="类别", kind=Kind.CATEGORY)
_HOW_TOLD = Field(name="how", label="告知方式", kind=Kind.CHOICE, choices=ToldBy, required=True)
_TOLD_AT = Field(name="at", label="告知时间", kind=Kind.MOMENT, hint="不填为现在")

ANSWER_NOW = (_text("answer", "当场答复的内容"), CATEGORY)
REFUSE = (
    Field(name="why", label="不予受理的理由", kind=Kind.CHOICE, choices=RefusalReason, required=True),
    _text("reason", "具体说明和去处"),
)
HAND_OVER = (Field(name="section", label="移交给", kind=Kind.SECTION, required=True), REASON)
TRANSFER_OUT = (
    _line("to", "转给哪个单位", required=True),
    REASON,
    Field(name="contact_data", label="联系方式", kind=Kind.CHOICE, choices=ContactData, required=True),
    Field(name="feedback_by", label="要求反馈日期", kind=Kind.DAY, hint="不要求反馈的不填，即为转出"),
    Field(name="discipline", label="涉及人员纪律问题，按移送告知", kind=Kind.SWITCH),
)
FEEDBACK = (_text("reason", "反馈的内容"),)
MERGE = (Field(name="into", label="并入（编号）", kind=Kind.TICKET, required=True), REASON)
SPLIT = (
    _text("matter", "拆出的事项"),
    CATEGORY,
    Field(name="section", label="承办股室", kind=Kind.SECTION),
    REASON,
)
SUSPEND = (
    Field(name="why", label="暂停计时的理由", kind=Kind.CHOICE, choices=SuspensionReason, required=True),
    Field(name="until", label="暂停到", kind=Kind.DAY, required=True),
    _text("reason", "具体说明"),
)
REPORT_DONE = (
    Field(name="outcome", label="结论", kind=Kind.CHOICE, choices=Outcome, required=True),
    _text("measures", "整改措施和处理结果"),
    _text("evidence", "佐证材料"),
    _text("answer", "拟答复反映人的内容", required=False, hint="反映人联系得上的必填；提纲见下"),
    Field(
        name="files",
        label="随答复发出的附件",
        kind=Kind.FILES,
        hint="审核通过后随邮件发出；文件名和文件属性里不要有姓名、电话。再次报请时不选，沿用上次选的",
    ),
    Field(name="no_files", label="不再带上次选的附件", kind=Kind.SWITCH),
)
CALLED_BACK = (
    Field(
        name="satisfaction",
        label="回访结果",
        kind=Kind.CHOICE,
        choices=Satisfaction,
        required=True,
        hint="这次没联系上的，选“无法联系”",
    ),
    _text("reason", "反映人的原话", required=False),
)
WITHDRAW_ASKED = (_text("reason", "反映人怎样表示撤回"),)
WITHDRAW_CHECKED = (_text("reason", "电话核实的情况"), DECISION)
ASSIGN = (Field(name="handler", label="经办人", kind=Kind.PERSON, required=True), OPINION)
CORRECT = (
    _line("title", "标题"),
    _line("school_text", "涉及学校"),
    _line("grade_text", "年级"),
    _text("request", "诉求", required=False),
    CATEGORY,
    Field(name="caller_kind", label="反映人身份", kind=Kind.CHOICE, choices=CallerKind),
    Field(name="target_kind", label="反映对象", kind=Kind.CHOICE, choices=TargetKind),
    Field(name="urgency", label="缓急", kind=Kind.CHOICE, choices=Urgency),
    Field(name="secrecy", label="保密程度", kind=Kind.CHOICE, choices=Secrecy),
    REASON,
)
EXTEND = (
    Field(name="days", label="延长几天", kind=Kind.DAYS, required=True),
    Field(name="legal", label="延长法定期限", kind=Kind.SWITCH),
    REASON,
)
SEND_ON = (
    Field(name="duty", label="请代办的事", kind=Kind.CHOICE, choices=Duty, required=True),
    Field(name="section", label="送哪个股室", kind=Kind.SECTION, hint="不选为送分管领导"),
    REASON,
)
ASK_FACTS = tuple(
    Field(name=f"wanted_{each.value}", label=each.label, kind=Kind.SWITCH) for each in FactWanted
)
RATED = (
    Field(name="satisfaction", label="评价", kind=Kind.CHOICE, choices=Satisfaction, required=True),
    _text("reason", "反映人的原话", required=False),
)
NOTIFY = (_HOW_TOLD, _TOLD_AT, _text("reason", "告知的要点"))
ANSWERED = (_HOW_TOLD, _TOLD_AT, _line("reason", "当时的情况"))
