"""What a page draws many times: badges, and lists to choose from. Each of them is put together once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from markupsafe import Markup, escape
from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import (
    DateInput,
    DateTimeLocalInput,
    HiddenInput,
    SearchInput,
    Select,
    TextArea,
    TextInput,
)
from wtforms.widgets.core import clean_key

Drawn = TypeVar("Drawn")


def remembered(macro: Callable[..., Drawn]) -> Callable[..., Drawn]:
    """A macro of few words that draws each of them once; not for words that people wrote."""
    # By type too: a safe text and an unsafe one of the same letters are equal, and drawn differently.
    return lru_cache(maxsize=500, typed=True)(macro)


def draws(field: Field) -> bool:
    """Whether this field is drawn here: a line, an area, or a list with one choice, with no attributes but the usual."""
    if field.render_kw or getattr(field, "_datalist", None) is not None:
        return False
    if type(field.widget) is not Select:
        return type(field.widget) in _PLAIN
    choices = field.choices or ()
    return not field.widget.multiple and all(
        isinstance(each, SelectChoice) and not each.render_kw for each in choices
    )


def drawn(field: Field, **attributes: Any) -> Markup:
    """The field as WTForms draws it; `attributes` are those of the element itself."""
    widget = field.widget
    values = {clean_key(name): value for name, value in attributes.items()}
    values.setdefault("id", field.id)
    for name, value in vars(field.flags).items():
        if name in widget.validation_attrs:
            values.setdefault(name, value)
    if isinstance(widget, Select):
        return Markup(f"<select {_attributes(field, values)}>{_lines(field)}</select>")  # noqa: S704 - both escaped
    if isinstance(widget, TextArea):
        text = escape(field._value())
        return Markup(f"<textarea {_attributes(field, values)}>\r\n{text}</textarea>")  # noqa: S704 - both escaped
    values.setdefault("type", widget.input_type)
    if "value" not in values:
        values["value"] = field._value()
    return Markup(f"<input {_attributes(field, values)}>")  # noqa: S704 - escaped


_PLAIN = frozenset({TextInput, HiddenInput, SearchInput, DateInput, DateTimeLocalInput, TextArea})
_END_OF_GROUP = "</optgroup>"


def _attributes(field: Field, values: dict[str, Any]) -> str:
    values["name"] = field.name
    return " ".join(
        name if value is True else f'{name}="{escape(value)}"'
        for name, value in sorted(values.items())
        if value is not False
    )


def _lines(field: SelectField) -> str:
    parts = []
    group: str | None = None
    for choice in field.choices or ():
        if choice.optgroup != group:
            parts += [_END_OF_GROUP] if group is not None else []
            group = choice.optgroup
            parts += [_group(group)] if group is not None else []
        parts.append(_line(str(choice.value), str(choice.label), field.coerce(choice.value) == field.data))
    parts += [_END_OF_GROUP] if group is not None else []
    return "".join(parts)


@lru_cache(maxsize=5000)
def _line(value: str, label: str, chosen: bool) -> str:
    return f'<option{" selected" if chosen else ""} value="{escape(value)}">{escape(label)}</option>'


@lru_cache(maxsize=500)
def _group(label: str) -> str:
    return f'<optgroup label="{escape(label)}">'
