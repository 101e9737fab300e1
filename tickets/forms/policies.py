"""The form of a policy entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from core.forms import OfficeForm, whole_number
from tickets.forms.fields import DayField, at_most, choices_of
from tickets.policy_entries import Entry, Wording
from tickets.vocabulary import Stage


class PolicyForm(OfficeForm):
    """Question, answer and source are required: what has no source may not be said in the bureau's name."""

    question = StringField(
        "问题",
        [DataRequired("请写下家长会怎么问。"), at_most(200)],
        description="照家长会问的那样写：“课后服务必须参加吗？”",
    )
    answer = TextAreaField(
        "标准答复",
        [DataRequired("请写下可以照着念的答复。"), at_most(4000)],
        description="照着念就行的话：不承诺结果，不说“绝对”。",
    )
    source = StringField(
        "依据",
        [DataRequired("请写依据：文件名称、文号、条款。"), at_most(300)],
        description="文件名称、文号、条款。",
    )
    keywords = StringField(
        "关键词", [at_most(500)], description="家长会说到的词，用顿号隔开；说到任何一个就推荐这一条。"
    )
    category = SelectField("类别", default="")
    stage = SelectField("适用学段", choices=choices_of(Stage, empty="所有学段"), default="")
    section = SelectField("负责股室", default="")
    valid_from = DayField("从哪天起有效")
    valid_until = DayField(
        "到哪天止（含当天）", description="到期前 30 天提醒核对，过期自动不再推荐；不写就一直有效。"
    )
    checked = BooleanField("今天已对照依据核对过")
    version = HiddenField()

    def offer(self, categories: Sequence[SelectChoice], sections: Sequence[SelectChoice]) -> None:
        self.category.choices = [SelectChoice("", "不限"), *categories]
        self.section.choices = [SelectChoice("", "不限"), *sections]

    def show(self, entry: Entry, section: str) -> None:
        """Fills in what the entry says now."""
        said = entry.wording
        self.question.data, self.answer.data, self.source.data = said.question, said.answer, said.source
        self.keywords.data, self.category.data = said.keywords, said.category or ""
        self.stage.data = said.stage.value if said.stage else ""
        self.section.data = section
        self.valid_from.data = said.valid_from.isoformat() if said.valid_from else ""
        self.valid_until.data = said.valid_until.isoformat() if said.valid_until else ""
        self.version.data = str(entry.version)

    def wording(self, section_id: int | None) -> Wording:
        return Wording(
            question=self.question.data or "",
            answer=self.answer.data or "",
            source=self.source.data or "",
            keywords=self.keywords.data or "",
            category=self.category.data or None,
            stage=Stage(self.stage.data) if self.stage.data else None,
            section_id=section_id,
            valid_from=self.valid_from.day,
            valid_until=self.valid_until.day,
        )

    @property
    def seen_version(self) -> int:
        return whole_number(self.version.data) or 0


class WithdrawForm(OfficeForm):
    """A button, and the version it was pressed on."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        value: Any = self.version.data
        return whole_number(value) or 0
