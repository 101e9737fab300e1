"""A list to choose from is drawn as WTForms draws it."""

from __future__ import annotations

import pytest
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import Select

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


@pytest.mark.parametrize("name", ["plain", "grouped", "whole", "empty"])
@pytest.mark.parametrize("value", [None, "", "A1", "a&b", "2", "<script>"])
def test_it_looks_the_same(name: str, value: str | None) -> None:
    field = _Choosing(data={name: value})[name]
    assert widgets.draws(field)

    attributes = {"class": "form-select", "aria-describedby": "hint"}

    assert widgets.drawn(field, **attributes) == Select()(field, **attributes)


def test_what_is_drawn_once_keeps_safe_and_unsafe_words_apart() -> None:
    field = _Choosing()["plain"]
    field.choices = [SelectChoice("<b>", "<b>")]

    assert "<b>" not in widgets.drawn(field)


def test_a_line_with_attributes_of_its_own_is_left_to_the_library() -> None:
    field = _Choosing()["plain"]
    field.choices = [SelectChoice("a", "甲", render_kw={"disabled": True})]

    assert not widgets.draws(field)
