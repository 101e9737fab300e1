"""The forms of the acts, drawn from their table: a button, and what has to be said with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import DateInput, DateTimeLocalInput, NumberInput

from core.forms import OfficeForm
from tickets.action_table import Field as Asked
from tickets.action_table import Kind
from tickets.actions import Offer
from tickets.forms.fields import choices_of
from tickets.models import Ticket
from tickets.vocabulary import Action

# What moves a ticket on comes first; what corrects or ends it otherwise is folded away behind it.
_MAIN = (
    Action.ACCEPT,
    Action.START,
    Action.REPORT_DONE,
    Action.APPROVE,
    Action.ANSWERED,  # nobody is asked about an answer that has not been given
    Action.CALLED_BACK,
    Action.RESUME,
    Action.FEEDBACK,
    Action.ANSWER_NOW,
    Action.REOPEN,
    Action.LEFT_AS_IS,
)
_GRAVE = frozenset({Action.VOID, Action.REFUSE, Action.WITHDRAW})
_PREFILLED = frozenset({Action.CORRECT})
_CHOSEN_WORDS = ("title", "school_text", "grade_text", "request")
_CHOSEN_VALUES = ("caller_kind", "target_kind", "urgency", "secrecy")
ADVICE = {
    Action.REFUSE: "不属于本局职责的，用“转办”并告知，不要用“不予受理”。",
    Action.VOID: "作废要两个人，编号保留；登记重复的请用“合并办理”。",
    Action.WITHDRAW: "反映人是自己表示的吗？“算了不反映了”可能是被学校做了工作，要另一人电话核实。",
    Action.CALLED_BACK: "先问“现在方便说话吗”，不自报单位和事由；孩子或他人接的，不留言。",
    Action.ANSWER_NOW: "只用于咨询、建议、表扬和非本局事项；其他要走受理。",
}


@dataclass(frozen=True, kw_only=True)
class ActChoices:
    """What the registers offer to choose from."""

    categories: Sequence[SelectChoice]
    people: Sequence[SelectChoice]
    sections: Sequence[SelectChoice]
    taken_by: str = ""  # who accepts a case takes it, unless he says otherwise


@dataclass(frozen=True, kw_only=True)
class SentTo:
    """Who does it instead, in a sentence; `to` and `section` (a slug; empty: the leader) where it has to be sent first."""

    sentence: str
    to: str = ""
    section: str = ""


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """One act as the page draws it."""

    offer: Offer
    form: OfficeForm
    main: bool
    grave: bool
    open: bool
    advice: str
    sent_to: SentTo | None = None


def act_forms(
    offers: Sequence[Offer],
    ticket: Ticket,
    choices: ActChoices,
    *,
    typed: MultiDict[str, str],
    refused: Action | None,
    instead: Mapping[Action, SentTo] | None = None,
) -> list[ActForm]:
    """The forms of what is offered, in the order of the page; the refused one open, with what was typed."""
    untold = any(offer.action is Action.ANSWERED and offer.allowed for offer in offers)
    order = {action: place for place, action in enumerate(_MAIN)}
    ordered = sorted(offers, key=lambda offer: order.get(offer.action, len(order)))
    return [
        ActForm(
            offer=offer,
            form=_form(offer, ticket, choices, typed if offer.action is refused else None),
            main=offer.action in order,
            grave=offer.action in _GRAVE,
            open=offer.action is refused,
            advice=_advice(offer, untold=untold),
            sent_to=(instead or {}).get(offer.action),
        )
        for offer in ordered
    ]


def _advice(offer: Offer, *, untold: bool) -> str:
    if offer.action is Action.CALLED_BACK and untold:
        return f"答复还没有送达：这次电话里先念答复，再问评价；登记后即算已答复。{ADVICE[offer.action]}"
    return ADVICE.get(offer.action, "")


def _form(offer: Offer, ticket: Ticket, choices: ActChoices, typed: MultiDict[str, str] | None) -> OfficeForm:
    action = offer.action
    data = _present(ticket) if action in _PREFILLED else {}
    if action is Action.ACCEPT and not ticket.handler_id:
        data["handler"] = choices.taken_by
    form = _class_of(action, tuple(offer.step.fields))(formdata=typed, data=data)
    for asked in offer.step.fields:
        if asked.kind in _OFFERED:
            form[asked.name].choices = _offered(asked, choices)
    return form


@lru_cache(maxsize=200)
def _class_of(action: Action, fields: tuple[Asked, ...]) -> type[OfficeForm]:
    """The form of an act; making the class takes longer than filling it, so it is made once."""

    class _ActForm(OfficeForm):
        class Meta(OfficeForm.Meta):
            csrf = False  # the page brings the token once a form; several fields of one id are no valid page

    for asked in fields:
        setattr(_ActForm, asked.name, field_for(action.value, asked, kept=action in _PREFILLED))
    return _ActForm


def _present(ticket: Ticket) -> dict[str, Any]:
    words = {name: getattr(ticket, name) for name in _CHOSEN_WORDS}
    return {**words, **{name: getattr(ticket, name).value for name in _CHOSEN_VALUES}}


_OFFERED = frozenset({Kind.PERSON, Kind.SECTION, Kind.CATEGORY})


def _offered(asked: Asked, choices: ActChoices | None) -> list[SelectChoice]:
    """What the registers offer for a field; nothing without them."""
    first = SelectChoice("", "请选择" if asked.required else "不选")
    if choices is None:
        return [first]
    found = {Kind.PERSON: choices.people, Kind.SECTION: choices.sections, Kind.CATEGORY: choices.categories}
    return [first, *found[asked.kind]]


def field_for(owner: str, asked: Asked, choices: ActChoices | None = None, *, kept: bool = False) -> Field:
    """The field of a form for one thing that is asked for; `kept`: what is not chosen stays as it is."""
    common: dict[str, Any] = {
        "label": asked.label,
        "id": f"{owner}-{asked.name}",
        "description": asked.hint,
        "validators": [InputRequired()] if asked.required else [],
    }
    widgets: Mapping[Kind, Any] = {
        Kind.DAY: DateInput(),
        Kind.MOMENT: DateTimeLocalInput(),
        Kind.DAYS: NumberInput(min=1),
    }
    if asked.kind is Kind.FILES:
        return MultipleFileField(**common)
    if asked.kind is Kind.SWITCH:
        return BooleanField(**common)
    if asked.kind is Kind.CHOICE and asked.choices is not None:
        # Nothing is chosen beforehand: a conclusion must not be the first of the list by oversight.
        empty = "请选择" if asked.required else "不改" if kept else "不选"
        return SelectField(choices=choices_of(asked.choices, empty=empty), validate_choice=False, **common)
    if asked.kind in _OFFERED:
        return SelectField(choices=_offered(asked, choices), validate_choice=False, **common)
    if asked.kind is Kind.TEXT:
        return TextAreaField(**common)
    return StringField(widget=widgets.get(asked.kind, StringField.widget), **common)
