"""Fields that several forms of the desk share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import DateInput, DateTimeLocalInput

from core.clock import OFFICE_ZONE
from core.forms import OfficeForm
from core.labels import Labelled

AnyForm = TypeVar("AnyForm", bound=OfficeForm)


def at_most(longest: int) -> Length:
    """A limit with a sentence of our own."""
    return Length(max=longest, message=f"最多 {longest} 个字，请精简或写进“反映的事项”。")


def choices_of(
    members: type[Labelled] | Sequence[Labelled], *, empty: str | None = None
) -> list[SelectChoice]:
    """The choices of a table of words; `empty` is the label of choosing none of them."""
    first = [SelectChoice("", empty)] if empty is not None else []
    return [*first, *(SelectChoice(member.value, member.label) for member in members)]


def with_ids(form: AnyForm, key: str) -> AnyForm:
    """The form with ids of its own, for a page that shows several of its kind."""
    for field in form:
        field.id = f"{field.name}-{key}"
    return form


class MomentField(StringField):  # type: ignore[misc]  # the library ships no types
    """A moment as a person types it, in the office's zone, or with a zone of its own (RFC 3339)."""

    widget = DateTimeLocalInput()
    moment: datetime | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        text = (self.data or "").strip()
        self.moment = moment_from(text) if text else None

    def _value(self) -> str:
        return str(self.data or "")


def moment_from(text: str) -> datetime:
    """A moment from a form; ValueError with the sentence for the person."""
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValidationError("请写成 2026-11-23 09:05 这样的日期和时间。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)


def for_input(moment: datetime) -> str:
    """A moment as the browser's own field for date and time wants it."""
    return moment.astimezone(OFFICE_ZONE).strftime("%Y-%m-%dT%H:%M")


class DayField(StringField):  # type: ignore[misc]  # the library ships no types
    """A day; empty is none."""

    widget = DateInput()
    day: date | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        text = (self.data or "").strip()
        try:
            self.day = date.fromisoformat(text.replace("/", "-")) if text else None
        except ValueError:
            raise ValidationError("请写成 2026-12-07 这样的日期。") from None


def day_of(text: str) -> date | None:
    """The day a field of a form holds; None if it is none."""
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None


def labelled_select(label: str, members: type[Labelled], default: Labelled, **more: Any) -> SelectField:
    """A choice among the words of one table, with the one that is meant when nobody chooses."""
    return SelectField(label, choices=choices_of(members), default=default.value, **more)
