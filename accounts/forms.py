"""The forms of signing in, of the own account and of the accounts page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from accounts.models import Section
from accounts.passwords import LONGEST, SHORTEST
from accounts.rules import AT_WORK_IN_SECTIONS
from accounts.vocabulary import AccountAction, Role
from core.forms import OfficeForm

_NEEDED = "请填写这一项。"
_SECTION_NEEDED = "接听登记、经办人、股室负责人要选所在股室。"


def _text(longest: int) -> list[Any]:
    return [InputRequired(_NEEDED), Length(max=longest, message=f"不能超过 {longest} 个字。")]


class LoginForm(OfficeForm):
    username = StringField("用户名", _text(100))
    password = PasswordField("密码", _text(LONGEST))


class CodeForm(OfficeForm):
    code = StringField("动态口令", _text(20))


class NewPasswordForm(OfficeForm):
    """A new password, twice; the rules themselves are the verb's."""

    new_password = PasswordField(
        "新密码",
        _text(LONGEST),
        description=f"至少 {SHORTEST} 个字符，可以是一句自己记得住的话；不要用姓名、生日、单位名。",
    )
    repeat_password = PasswordField("再输一次新密码", _text(LONGEST))

    def validate_repeat_password(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError("两次输入的新密码不一样，请重新输入。")


class ChangePasswordForm(NewPasswordForm):
    old_password = PasswordField("现在的密码", _text(LONGEST))


class Checks(SelectMultipleField):  # type: ignore[misc]  # the library ships no types
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AccountForm(OfficeForm):
    """An account's names, roles and sections; `offer` says which roles and sections this person may give."""

    display_name = StringField("姓名", _text(40))
    job_title = StringField("职务", [Optional(), Length(max=40, message="不能超过 40 个字。")], default="")
    roles = Checks("角色", coerce=Role)
    sections = Checks("股室", coerce=int, description="分管领导：选分管的股室。")
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def offer(self, roles: frozenset[Role], sections: Sequence[Section]) -> None:
        self.roles.choices = [SelectChoice(role, role.label) for role in Role if role in roles]
        self.sections.choices = [SelectChoice(section.id, section.name) for section in sections]

    def validate_roles(self, field: Checks) -> None:
        if not field.data:
            raise ValidationError("请至少选一个角色。")

    def validate_sections(self, field: Checks) -> None:
        if not field.data and set(self.roles.data or ()) & AT_WORK_IN_SECTIONS:
            raise ValidationError(_SECTION_NEEDED)


class NewAccountForm(AccountForm):
    username = StringField("用户名", _text(40), description="登录时输入，建议用姓名全拼；以后不能改。")


class AccountActionForm(OfficeForm):
    action = SelectField(
        coerce=AccountAction, choices=[SelectChoice(action, action.label) for action in AccountAction]
    )


class EndSessionForm(OfficeForm):
    session = HiddenField()
