"""What comes in from a page: the base of every form of the desk, and numbers in addresses and fields."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from flask import Flask, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter
from wtforms import FileField, MultipleFileField

from core import widgets

# The databases' own limit for what numbers a row: a larger one is nobody's, and asking for it would be an error.
LARGEST_NUMBER: Final = 2**31 - 1


class OfficeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form with its CSRF token and with WTForms' own Chinese sentences."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        # Works only with WTF_I18N_ENABLED off (core.templating sees to it): else Flask-WTF looks for Flask-Babel.
        locales: ClassVar[list[str]] = ["zh_CN", "zh"]

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Texts for text fields and files for file fields: a JSON body, or a file where a text is meant, is nothing."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if not form.is_submitted():
                return None
            sent: MultiDict[str, Any] = MultiDict(request.form)
            for field in form:
                if isinstance(field, (FileField, MultipleFileField)):
                    sent.setlist(field.name, request.files.getlist(field.name))
            return sent or None

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            if widgets.draws(field):
                return widgets.drawn(field, **render_kw)
            return super().render_field(field, render_kw)


class SmallNumber(IntegerConverter):
    """A row's number in an address; one that no row can have is not there, instead of an error of the database."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"max": LARGEST_NUMBER, **named})


def init_app(app: Flask) -> None:
    """Bounds the numbers in addresses; to be called before any page is added."""
    app.url_map.converters["int"] = SmallNumber


def whole_number(text: str | None) -> int | None:
    """The number a parameter means; None for anything that is none, or that no row can have."""
    if not text or len(text) > 10 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= LARGEST_NUMBER else None


def chosen_row(value: object) -> int:
    """What a list of rows was answered with; 0, which no row has, for anything that is no row's number."""
    return whole_number(str(value)) or 0
