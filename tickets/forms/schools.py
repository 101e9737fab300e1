"""The forms of the school register."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.forms import OfficeForm
from tickets.forms.fields import DayField, choices_of, labelled_select
from tickets.models import School
from tickets.school_table import PRIVATE, PUBLIC, RURAL, URBAN
from tickets.vocabulary import ContactRole, Stage

LONGEST_LIST = 400_000
_NEEDED = InputRequired("请填写这一项。")


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=f"最多 {longest} 个字。")


class ListForm(OfficeForm):
    """A list of schools is uploaded."""

    file = FileField("学校名单文件", description="xlsx 或 CSV，第一行是列名，不超过 2 MB")


class ConfirmListForm(OfficeForm):
    """What was read of it comes back with the confirmation."""

    rows = TextAreaField("读出的名单", [_NEEDED, _at_most(LONGEST_LIST)])
    looked_at = BooleanField("有问题的行我已看过：标“不导入”的跳过，其余照存")


class SchoolForm(OfficeForm):
    """One school."""

    name = StringField("学校名称", [_NEEDED, _at_most(60)], description="改名后，旧名自动留作别名")
    aliases = TextAreaField("别名", [_at_most(400)], description="一行一个，例如：七小")
    stage = SelectField("学段", choices=choices_of(Stage, empty="几个学段，看年级"))
    town = StringField("乡镇", [_at_most(20)])
    area = SelectField("城乡", choices=[RURAL, URBAN])
    ownership = SelectField("办学性质", choices=[PUBLIC, PRIVATE])
    parent = StringField("所属中心学校", [_at_most(60)], description="写登记的全称，没有的不填")
    contact = StringField("联络方式", [_at_most(80)])
    care_hours = StringField("课后服务时段", [_at_most(120)])
    care_fee = StringField("课后服务收费", [_at_most(120)], description="写明依据")
    closed = BooleanField("已停办")

    @classmethod
    def of(cls, school: School, aliases: list[str], parent: str) -> SchoolForm:
        """The form as the register has it."""
        return cls(
            formdata=None,
            name=school.name,
            aliases="\n".join(aliases),
            stage=school.stage.value if school.stage else "",
            town=school.town,
            area=URBAN if school.urban else RURAL,
            ownership=PRIVATE if school.private else PUBLIC,
            parent=parent,
            contact=school.contact,
            care_hours=school.care_hours,
            care_fee=school.care_fee,
            closed=school.closed,
        )

    def values(self) -> dict[str, str]:
        """What was typed, by column."""
        typed: dict[str, Any] = {field.name: field.data or "" for field in self if field.name != "csrf_token"}
        return {name: "1" if value is True else str(value) for name, value in typed.items()}


class MergeForm(OfficeForm):
    """A school has become part of another."""

    into = StringField("并入哪所学校", [_NEEDED, _at_most(60)], description="写登记的全称")


class ContactForm(OfficeForm):
    """Whom to call from a day on."""

    role = labelled_select("职务", ContactRole, ContactRole.HEADMASTER)
    person = StringField("姓名", [_NEEDED, _at_most(20)])
    phone = StringField("电话", [_at_most(30)])
    since = DayField("任职起", [_NEEDED])
