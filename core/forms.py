"""The base of every form of the desk: what a form refuses, it says in Chinese."""

from __future__ import annotations

from typing import ClassVar

from flask_wtf import FlaskForm


class OfficeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form with its CSRF token and with WTForms' own Chinese sentences."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        # Works only with WTF_I18N_ENABLED off (core.templating sees to it): else Flask-WTF looks for Flask-Babel.
        locales: ClassVar[list[str]] = ["zh_CN", "zh"]
