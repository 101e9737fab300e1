"""A form field is drawn as what it is."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from core.forms import OfficeForm
from core.templating import field_kind
from tests.looks.sample import sample_app


class SchoolField(SelectField):  # type: ignore[misc]  # WTForms ships no types
    """A class of its own must not change the looks."""


class EveryForm(OfficeForm):
    secret = HiddenField()
    name = StringField("姓名", validators=[InputRequired()], description="可以不说")
    password = PasswordField("密码")
    day = DateField("日期")
    text = TextAreaField("内容")
    school = SchoolField("学校", choices=["城东中学"])
    tags = SelectMultipleField("标签", choices=["急"], widget=ListWidget(), option_widget=CheckboxInput())
    many = SelectMultipleField("多选", choices=["甲"])
    one = RadioField("署名", choices=["实名"])
    agreed = BooleanField("同意")


@pytest.fixture
def app() -> Flask:
    return sample_app()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("secret", "hidden"),
        ("name", "input"),
        ("password", "input"),
        ("day", "input"),
        ("text", "textarea"),
        ("school", "select"),
        ("tags", "checks"),
        ("many", "select"),
        ("one", "radios"),
        ("agreed", "check"),
    ],
)
def test_what_a_field_is_decides_how_it_is_drawn(app: Flask, name: str, kind: str) -> None:
    with app.test_request_context():
        field: Field = EveryForm()[name]

        assert field_kind(field) == kind


def draw(app: Flask, words: str) -> str:
    with app.test_request_context(method="POST", data={"day": "soon"}):
        form = EveryForm()
        form.validate()
        source = '{% from "components/forms.html" import field, fields_of, error_summary, bare_form %}'
        return app.jinja_env.from_string(source + words).render(form=form)


def test_hint_and_error_are_tied_to_the_field(app: Flask) -> None:
    drawn = draw(app, "{{ field(form.name) }}")

    assert 'aria-describedby="name-hint name-error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert re.search('id="name-hint">可以不说<', drawn)
    assert re.search('id="name-error">.*该字段是必填字段', drawn)


def test_a_required_field_says_so_unless_all_are(app: Flask) -> None:
    assert "必填" in draw(app, "{{ field(form.name) }}")
    assert ">必填<" not in draw(app, "{{ field(form.name, required_mark=false) }}")
    assert "选填" in draw(app, "{{ field(form.text, optional_mark=true) }}")


def test_the_summary_leads_to_the_first_choice_of_a_group(app: Flask) -> None:
    drawn = draw(app, "{{ error_summary(form) }}")

    assert 'href="#one-0"' in drawn
    assert "需要改" in drawn


def test_a_rule_s_sentence_stands_in_the_summary(app: Flask) -> None:
    assert "不能由您审核" in draw(app, "{{ error_summary(form, '这件不能由您审核。') }}")


def test_hidden_fields_are_not_drawn_twice(app: Flask) -> None:
    assert draw(app, "{{ fields_of(form) }}").count('name="secret"') == 0


def test_a_form_without_fields_carries_its_token() -> None:
    app = sample_app(WTF_CSRF_ENABLED=True)

    drawn = draw(app, "{% call bare_form('/x') %}<button>好</button>{% endcall %}")

    assert re.search('name="csrf_token" value="[^"]{20,}"', drawn)
