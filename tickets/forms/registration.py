"""The form that is filled in while somebody is speaking: the matter first, everything else may wait."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import TelInput

from core.clock import now
from core.forms import OfficeForm
from core.text import clean_line, clean_text
from tickets.forms.fields import DayField, MomentField, at_most, choices_of, for_input, labelled_select
from tickets.identity import Person
from tickets.intake import NewTicket
from tickets.vocabulary import Anonymity, CallerKind, Channel, Secrecy, TargetKind

MATTER_LENGTH = 20_000
# A clock on the wall is a few minutes off; further ahead is a slip of the finger.
_AHEAD_SECONDS = 600
_YES = frozenset({"1", "true", "on", "yes", "y"})
_NO = frozenset({"", "0", "false", "off", "no", "n"})


class RegistrationForm(OfficeForm):
    """What is asked of a call, a visit, a letter. Only the matter is required."""

    matter = TextAreaField(
        "反映的事项",
        [DataRequired("请先记下反映的事项，一句话也行，其他都可以以后补。"), at_most(MATTER_LENGTH)],
    )
    request = TextAreaField("希望怎么解决", [at_most(2000)])
    school_text = StringField("涉及学校", [at_most(100)])
    grade_text = StringField("年级、班级", [at_most(100)])
    anonymity = RadioField(
        "反映人的信息", choices=choices_of(Anonymity), default=Anonymity.CONFIDENTIAL.value
    )
    caller_name = StringField("怎么称呼", [at_most(50)])
    caller_phone = StringField("回电号码", [at_most(50)], widget=TelInput())
    contact_note = StringField("方便联系的时间、禁忌", [at_most(300)])
    drop_identity = BooleanField("不保存下面的称呼和电话，按“不留任何信息”登记")
    wants_callback = BooleanField("希望给他回话")
    urgent = BooleanField("紧急：有人身安全危险，或今天必须处理")
    category = SelectField("类别", choices=[SelectChoice("", "先不选，由系统建议")], default="")
    caller_kind = labelled_select("反映人身份", CallerKind, CallerKind.UNKNOWN)
    target_kind = labelled_select("反映对象", TargetKind, TargetKind.UNKNOWN)
    channel = labelled_select("来源", Channel, Channel.PHONE)
    occurred_at = MomentField("来电时间（补录请改）")
    section = SelectField("承办股室", choices=[SelectChoice("", "按学校学段自动判断")], default="")
    secrecy = labelled_select("保密程度", Secrecy, Secrecy.ORDINARY)
    source_ref = StringField("来文号、工单号", [at_most(100)])
    source_due = DayField("对方要求的办结日期")
    answer = TextAreaField("当场答复的内容", [at_most(4000)])
    policy_used = HiddenField()  # the version of the policy entry whose answer was taken over
    draft = HiddenField()

    def offer(
        self, categories: Sequence[SelectChoice], sections: Sequence[SelectChoice], *, fresh: bool
    ) -> None:
        """Fills in what the registers hold; a fresh form begins with the present moment."""
        self.category.choices = [SelectChoice("", "先不选，由系统建议"), *categories]
        self.section.choices = [SelectChoice("", "按学校学段自动判断"), *sections]
        if fresh:
            self.occurred_at.data = for_input(now())

    def take_over(self, field: str, value: str) -> None:
        """Puts a suggestion into its field, as the button beside it does."""
        self[field].data = value

    def take_over_answer(self, version_id: int, answer: str, consultation: str) -> None:
        """Puts the answer of a policy entry into the form; what nobody has sorted yet becomes a question."""
        self.answer.data = answer
        self.policy_used.data = str(version_id)
        self.category.data = self.category.data or consultation

    def validate_occurred_at(self, field: MomentField) -> None:
        if field.moment and (field.moment - now()).total_seconds() > _AHEAD_SECONDS:
            field.errors.append("时间在现在之后，请核对。")

    def validate_anonymity(self, field: RadioField) -> None:
        """Nothing is kept of somebody who wants nothing kept, and nothing typed is thrown away unasked."""
        if field.data == Anonymity.ANONYMOUS.value and self._identity_typed() and not self.drop_identity.data:
            field.errors.append(
                "选了“不留任何信息”，但填了称呼、电话或联系方式。请勾选下面的“不保存”，或改选“留电话、请保密”。"
            )

    @property
    def asks_to_drop(self) -> bool:
        """Whether the question what to do with typed names is to be shown."""
        return bool(self.anonymity.errors) or bool(self.drop_identity.data)

    def _identity_typed(self) -> bool:
        typed = (self.caller_name.data, self.caller_phone.data, self.contact_note.data)
        return any((text or "").strip() for text in typed)

    @property
    def has_further(self) -> bool:
        """Whether one of the rarely used fields was filled in or refused."""
        rare = (self.source_ref, self.source_due, self.section)
        return (
            any(field.errors or field.data for field in rare) or self.secrecy.data != Secrecy.ORDINARY.value
        )

    def person(self) -> Person:
        """The complainant as he wants to be kept."""
        anonymity = Anonymity(self.anonymity.data)
        wants_callback = bool(self.wants_callback.data)
        if anonymity is Anonymity.ANONYMOUS:
            return Person(anonymity=anonymity)
        return Person(
            name=clean_line(self.caller_name.data or ""),
            phone=clean_line(self.caller_phone.data or ""),
            contact_note=clean_line(self.contact_note.data or ""),
            anonymity=anonymity,
            wants_callback=wants_callback,
        )

    def new_ticket(self, *, arrived_at: str | None, school_text: str | None = None) -> NewTicket:
        """What was typed, as the one door takes it; `school_text` is the name that initials stood for."""
        person = self.person()
        return NewTicket(
            channel=Channel(self.channel.data),
            received_at=self.occurred_at.moment or now(),
            matter=self.matter.data or "",
            request=self.request.data or "",
            school_text=school_text or self.school_text.data or "",
            grade_text=self.grade_text.data or "",
            people=(person,),
            caller_kind=CallerKind(self.caller_kind.data),
            target_kind=TargetKind(self.target_kind.data),
            category=self.category.data or None,
            urgent=bool(self.urgent.data),
            wants_callback=person.wants_callback,
            secrecy=Secrecy(self.secrecy.data),
            section=self.section.data or None,
            arrived_at=arrived_at,
            source_ref=self.source_ref.data or "",
            source_due=self.source_due.day,
        )

    def answered_with(self, pressed: str) -> str | None:
        """The answer given on the phone, if the call ended with it; `pressed` is what the second button sent.

        A program may send the answer itself in its place.
        """
        word = pressed.strip()
        if word.lower() in _NO:
            return None
        if word.lower() in _YES:
            return clean_text(self.answer.data or "").strip()
        return clean_text(word)
