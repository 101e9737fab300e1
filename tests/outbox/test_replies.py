"""What the mail servers' refusals mean: every code that 163.com is known for, and those of any other server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outbox.replies import Stage, Verdict, meaning_of

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("stage", "code", "text", "verdict", "whole_sender"),
    [
        (Stage.SENDER, 451, "MI:SFQ 163 smtp1,xxx", Verdict.WAIT, True),
        (Stage.DATA, 451, "DT:SPM 163 smtp2,xxx", Verdict.WAIT, False),
        (Stage.LOGIN, 451, "Requested action aborted: too much fail authentication", Verdict.ALARM, True),
        (Stage.LOGIN, 535, "Error: authentication failed", Verdict.ALARM, True),
        (Stage.LOGIN, 550, "User has no permission", Verdict.ALARM, True),
        (Stage.CONNECT, 421, "HL:ICC 163 too many connections", Verdict.WAIT, True),
        (Stage.SENDER, 421, "HL:IFC 163", Verdict.WAIT, True),
        (Stage.RECIPIENT, 421, "HL:REP 163", Verdict.WAIT, True),
        (Stage.SENDER, 554, "MI:STC 163", Verdict.TOMORROW, True),
        (Stage.SENDER, 550, "MI:STC 163", Verdict.TOMORROW, True),
        (Stage.RECIPIENT, 550, "RP:TRC 163", Verdict.TOMORROW, True),
        (Stage.CONNECT, 554, "HL:IHU 163", Verdict.ALARM, True),
        (Stage.CONNECT, 554, "IP in blacklist", Verdict.ALARM, True),
        (Stage.DATA, 550, "DT:SPM 163", Verdict.REJECTED_TEXT, False),
        (Stage.DATA, 554, "DT:SPM 163", Verdict.REJECTED_TEXT, False),
        (Stage.DATA, 554, "DT:SUM Envelope and header From differ", Verdict.ALARM, True),
        (Stage.SENDER, 553, "Mail from must equal authorized user", Verdict.ALARM, True),
        (Stage.RECIPIENT, 550, "Invalid User", Verdict.BAD_ADDRESS, False),
        (Stage.RECIPIENT, 550, "User suspended", Verdict.BAD_ADDRESS, False),
        (Stage.DATA, 550, "User not found: somebody", Verdict.BAD_ADDRESS, False),
        pytest.param(Stage.RECIPIENT, 550, "5.1.1 gone", Verdict.BAD_ADDRESS, False, id="any server's 550"),
        pytest.param(Stage.RECIPIENT, 450, "4.2.0 later", Verdict.WAIT, False, id="greylisting"),
        pytest.param(Stage.DATA, 452, "4.3.1 disk full", Verdict.WAIT, False, id="a full disk there"),
        pytest.param(Stage.DATA, 552, "5.3.4 too big", Verdict.REJECTED_TEXT, False, id="too large"),
        pytest.param(Stage.DATA, 554, "5.6.0 no", Verdict.REJECTED_TEXT, False, id="no reason given"),
        pytest.param(Stage.DATA, 421, "closing", Verdict.WAIT, True, id="the server goes down"),
        pytest.param(Stage.LOGIN, 454, "4.7.0 later", Verdict.WAIT, True, id="the login service is down"),
        pytest.param(Stage.CONNECT, 554, "no service", Verdict.ALARM, True, id="turned away at the door"),
        pytest.param(Stage.SENDER, 550, "5.7.1 no", Verdict.ALARM, True, id="the sender is turned away"),
        pytest.param(Stage.SENDER, 452, "4.5.3 slow", Verdict.WAIT, True, id="too fast, elsewhere"),
        pytest.param(Stage.CONNECT, 451, "HL:XYZ", Verdict.WAIT, True, id="a mark nobody has listed"),
    ],
)
def test_what_a_refusal_means(
    stage: Stage, code: int, text: str, verdict: Verdict, whole_sender: bool
) -> None:
    meaning = meaning_of(stage, code, text)

    assert (meaning.verdict, meaning.whole_sender) == (verdict, whole_sender)
    assert meaning.words.endswith("。")


def test_how_long_is_waited() -> None:
    assert meaning_of(Stage.SENDER, 451, "MI:SFQ").wait == 15 * MINUTES
    assert meaning_of(Stage.CONNECT, 421, "HL:ICC").wait == 15 * MINUTES
    suspected = meaning_of(Stage.DATA, 451, "DT:SPM")
    assert (suspected.wait, suspected.tries) == (2 * MINUTES, 3)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [400, 421, 450, 499, 500, 535, 554, 599])
def test_every_answer_has_a_meaning_and_an_alarm_is_tried_again_some_day(stage: Stage, code: int) -> None:
    meaning = meaning_of(stage, code, "")

    if meaning.verdict is Verdict.ALARM:
        assert meaning.wait is not None
        assert meaning.wait >= timedelta(hours=2)
