"""What a page draws many times: badges, and lists to choose from. Each of them is put together once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from markupsafe import Markup, escape
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import Select, html_params

Drawn = TypeVar("Drawn")


def remembered(macro: Callable[..., Drawn]) -> Callable[..., Drawn]:
    """A macro of few words that draws each of them once; not for words that people wrote."""
    # By type too: a safe text and an unsafe one of the same letters are equal, and drawn differently.
    return lru_cache(maxsize=500, typed=True)(macro)


def draws(field: object) -> bool:
    """Whether this is a list that is drawn here: one choice, and no attributes of field or line but the usual."""
    return (
        isinstance(field, SelectField)
        and type(field.widget) is Select
        and not field.widget.multiple
        and not field.render_kw
        and all(isinstance(each, SelectChoice) and not each.render_kw for each in field.choices or ())
    )


def drawn(field: SelectField, **attributes: Any) -> Markup:
    """The list with its groups and lines as WTForms draws them; `attributes` are those of the element itself."""
    attributes.setdefault("id", field.id)
    if field.flags.required:
        attributes.setdefault("required", True)
    parts = [f"<select {html_params(name=field.name, **attributes)}>"]
    group: str | None = None
    for choice in field.choices or ():
        if choice.optgroup != group:
            parts += [_END_OF_GROUP] if group is not None else []
            group = choice.optgroup
            parts += [_group(group)] if group is not None else []
        parts.append(_line(str(choice.value), str(choice.label), field.coerce(choice.value) == field.data))
    parts += [_END_OF_GROUP] if group is not None else []
    parts.append("</select>")
    return Markup("".join(parts))  # noqa: S704 - put together of escaped parts


_END_OF_GROUP = "</optgroup>"


@lru_cache(maxsize=5000)
def _line(value: str, label: str, chosen: bool) -> str:
    return f'<option{" selected" if chosen else ""} value="{escape(value)}">{escape(label)}</option>'


@lru_cache(maxsize=500)
def _group(label: str) -> str:
    return f'<optgroup label="{escape(label)}">'
