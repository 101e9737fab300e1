"""The filter of the list; everything chosen stands in the address."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import HiddenInput

from core.forms import OfficeForm
from tickets.forms.fields import choices_of
from tickets.vocabulary import Status


class FilterForm(OfficeForm):
    """A GET form: it changes nothing and needs no token."""

    class Meta(OfficeForm.Meta):
        csrf = False

    view = StringField(widget=HiddenInput())
    q = StringField("查找（编号、学校、任意词）")
    status = SelectField("状态", choices=choices_of(Status, empty="不限"), validate_choice=False)
    section = SelectField("股室", choices=[SelectChoice("", "不限")], validate_choice=False)
    category = SelectField("类别", choices=[SelectChoice("", "不限")], validate_choice=False)
    school = StringField("学校")
