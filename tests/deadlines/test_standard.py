"""Which rule the office's settings make for which deadline."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Unit
from tickets.deadlines.standard import resolve_rule, standard_rule


@dataclass(frozen=True)
class OfficeDays:
    accept: int = 3
    resolve: int = 10
    resolve_consultation: int = 4
    resolve_urgent: int = 2
    sign_off: int = 1
    feedback: int = 7
    call_back: int = 3
    notice_natural: int = 15
    legal_natural: int = 60


@pytest.mark.parametrize(
    ("consultation", "urgent", "length", "name"),
    [(False, False, 10, "投诉"), (True, False, 4, "咨询"), (False, True, 2, "紧急"), (True, True, 2, "紧急")],
)
def test_how_long_the_answer_may_take(consultation: bool, urgent: bool, length: int, name: str) -> None:
    rule = resolve_rule(consultation=consultation, urgent=urgent, settings=OfficeDays())

    assert rule == DeadlineRule(DeadlineKind.RESOLVE, length, Unit.WORKING, name)


def test_an_urgent_question_gets_the_shorter_of_the_two() -> None:
    slow_alarm = OfficeDays(resolve_urgent=6)

    assert resolve_rule(consultation=True, urgent=True, settings=slow_alarm).length == 4


@pytest.mark.parametrize(
    ("kind", "length", "unit"),
    [
        (DeadlineKind.ACCEPT, 3, Unit.WORKING),
        (DeadlineKind.SIGN_OFF, 1, Unit.WORKING),
        (DeadlineKind.FEEDBACK, 7, Unit.WORKING),
        (DeadlineKind.CALL_BACK, 3, Unit.WORKING),
        (DeadlineKind.LOOK, 1, Unit.WORKING),
        (DeadlineKind.NOTICE, 15, Unit.NATURAL),
        (DeadlineKind.LEGAL, 60, Unit.NATURAL),
    ],
)
def test_every_other_deadline_has_one_rule(kind: DeadlineKind, length: int, unit: Unit) -> None:
    assert standard_rule(kind, OfficeDays()) == DeadlineRule(kind, length, unit)
