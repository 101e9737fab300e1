"""Fields are drawn as WTForms draws them."""

from __future__ import annotations

import pytest
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from core import widgets

GROUPED = [
    SelectChoice("", "请选择"),
    SelectChoice("A", "A 收费（不细分）", optgroup="A 收费"),
    SelectChoice("A1", "A1 <多收>", optgroup="A 收费"),
    SelectChoice("B1", "B1 “课时”", optgroup='B "课" & 程'),
    SelectChoice("Z", "其他"),
]


class _Choosing(Form):  # type: ignore[misc]  # the library ships no types
    plain = SelectField("状态", choices=[SelectChoice("", "不限"), SelectChoice("a&b", "甲")])
    grouped = SelectField("类别", choices=GROUPED, validators=[InputRequired()])
    whole = SelectField("次数", coerce=int, choices=[SelectChoice(1, "一"), SelectChoice(2, "二")])
    empty = SelectField("没有", choices=[])
    line = StringField("一行", validators=[InputRequired(), Length(max=40)])
    area = TextAreaField("几行", validators=[Length(max=4000)])
    hidden = HiddenField("藏着")
    day = StringField("日期", widget=DateInput())


@pytest.mark.parametrize("name", ["plain", "grouped", "whole", "empty", "line", "area", "hidden", "day"])
@pytest.mark.parametrize("value", [None, "", "A1", "a&b", "2", "<script>", '"><b', "一行\n两行"])
def test_it_looks_the_same(name: str, value: str | None) -> None:
    field = _Choosing(data={name: value})[name]
    assert widgets.draws(field)

    attributes = {
        "class_": "form-select",
        "aria-describedby": "hint",
        "rows": 3,
        "hidden": False,
        "autofocus": True,
    }

    assert widgets.drawn(field, **attributes) == DefaultMeta().render_field(field, attributes)


def test_what_is_drawn_once_keeps_safe_and_unsafe_words_apart() -> None:
    field = _Choosing()["plain"]
    field.choices = [SelectChoice("<b>", "<b>")]

    assert "<b>" not in widgets.drawn(field)


def test_a_line_with_attributes_of_its_own_is_left_to_the_library() -> None:
    field = _Choosing()["plain"]
    field.choices = [SelectChoice("a", "甲", render_kw={"disabled": True})]

    assert not widgets.draws(field)
