"""Which rule holds for which deadline: the office's numbers of days, put to each kind."""

from __future__ import annotations

from typing import Protocol

from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Unit


class Lengths(Protocol):
    """The numbers of days in the office's settings, under [deadlines]."""

    @property
    def accept(self) -> int: ...
    @property
    def resolve(self) -> int: ...
    @property
    def resolve_consultation(self) -> int: ...
    @property
    def resolve_urgent(self) -> int: ...
    @property
    def sign_off(self) -> int: ...
    @property
    def feedback(self) -> int: ...
    @property
    def call_back(self) -> int: ...
    @property
    def notice_natural(self) -> int: ...
    @property
    def legal_natural(self) -> int: ...


def resolve_rule(*, consultation: bool, urgent: bool, settings: Lengths) -> DeadlineRule:
    """How long the answer may take; what is both urgent and a question gets the shorter of the two."""
    choices = [
        (settings.resolve_urgent, "紧急") if urgent else None,
        (settings.resolve_consultation, "咨询") if consultation else None,
    ]
    length, name = min([choice for choice in choices if choice], default=(settings.resolve, "投诉"))
    return DeadlineRule(DeadlineKind.RESOLVE, length, name=name)


def standard_rule(kind: DeadlineKind, settings: Lengths) -> DeadlineRule:
    """The rule of every kind but the answer, which depends on the case (`resolve_rule`)."""
    match kind:
        case DeadlineKind.NOTICE:
            return DeadlineRule(kind, settings.notice_natural, Unit.NATURAL)
        case DeadlineKind.LEGAL:
            return DeadlineRule(kind, settings.legal_natural, Unit.NATURAL)
    working = {
        DeadlineKind.ACCEPT: settings.accept,
        DeadlineKind.SIGN_OFF: settings.sign_off,
        DeadlineKind.FEEDBACK: settings.feedback,
        DeadlineKind.CALL_BACK: settings.call_back,
        DeadlineKind.LOOK: 1,
    }
    return DeadlineRule(kind, working[kind])
