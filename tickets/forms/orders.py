"""The forms around orders, drawn from the tables of their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wtforms import MultipleFileField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from core.forms import OfficeForm
from tickets.action_rules import Step
from tickets.forms.acts import field_for
from tickets.forms.fields import choices_of
from tickets.orders.rules import CONSENT_STEP, INQUIRY_STEP, RELEASE_STEP, WITHDRAWAL_STEP, OrderOffer
from tickets.orders.words import Disclosed, InquiryWay, OrderVerb

Typed = Mapping[str, str] | None

# What moves an order on; the other verbs are folded away behind it.
_MAIN = frozenset(
    {
        OrderVerb.ISSUE,
        OrderVerb.DELIVER,
        OrderVerb.SIGN,
        OrderVerb.REPORT,
        OrderVerb.VERIFY,
        OrderVerb.RETURN,
        OrderVerb.JUSTIFY,
        OrderVerb.REMIND,
    }
)
_GRAVE = frozenset({OrderVerb.CANCEL, OrderVerb.DISCARD})


@dataclass(frozen=True, kw_only=True)
class VerbForm:
    """One verb as the page draws it."""

    offer: OrderOffer
    form: OfficeForm
    main: bool
    grave: bool
    open: bool


def verb_forms(
    offers: Sequence[OrderOffer], *, typed: Typed, refused: OrderVerb | None, present: Mapping[str, str]
) -> list[VerbForm]:
    """The forms of what is offered; the refused one open, with what was typed; a draft's own with what it says now."""
    return [
        VerbForm(
            offer=offer,
            form=step_form(
                offer.rule.verb.value,
                offer.rule.step,
                typed=typed if offer.rule.verb is refused else None,
                present=present if offer.rule.verb is OrderVerb.CHANGE else {},
                files=offer.rule.files,
            ),
            main=offer.rule.verb in _MAIN,
            grave=offer.rule.verb in _GRAVE,
            open=offer.rule.verb is refused,
        )
        for offer in offers
    ]


def draft_form(step: Step, *, typed: Typed, present: Mapping[str, str]) -> OfficeForm:
    return step_form("draft", step, typed=typed, present=present)


def release_form(*, typed: Typed, present: str) -> OfficeForm:
    return step_form("release", RELEASE_STEP, typed=typed, present={"text": present})


def consent_form(*, typed: Typed, school: str) -> OfficeForm:
    words = {
        kind.value: StringField(
            kind.label,
            id=f"consent-{kind.value}",
            description="几个的用顿号隔开" if kind is Disclosed.PUPIL else "",
        )
        for kind in Disclosed
    }
    return step_form("consent", CONSENT_STEP, typed=typed, present={"school": school}, further=words)


def withdrawal_form(consent_id: str) -> OfficeForm:
    return step_form(f"withdraw-{consent_id}", WITHDRAWAL_STEP, typed=None, present={})


def inquiry_form(*, typed: Typed) -> OfficeForm:
    ways = {
        "ways": SelectMultipleField(
            "核查方式",
            id="inquire-ways",
            choices=choices_of(InquiryWay),
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            validate_choice=False,
        )
    }
    return step_form("inquire", INQUIRY_STEP, typed=typed, present={}, files="照片、记录等材料", further=ways)


def step_form(
    owner: str,
    step: Step,
    *,
    typed: Typed,
    present: Mapping[str, str],
    files: str = "",
    further: Mapping[str, object] | None = None,
) -> OfficeForm:
    """The form of one step, its fields numbered after their owner; what was typed stands in it again."""

    class _OrderForm(OfficeForm):
        class Meta(OfficeForm.Meta):
            csrf = False  # the page brings the token once a form

    for name, extra in (further or {}).items():
        setattr(_OrderForm, name, extra)
    for asked in step.fields:
        setattr(_OrderForm, asked.name, field_for(owner, asked))
    if files:
        _OrderForm.files = MultipleFileField(files, id=f"{owner}-files")
    return _OrderForm(formdata=typed, data=dict(present))
