"""Every answer that 163.com is known to give, said by a real server at the step where it says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from outbox.vocabulary import OutboxKind, OutboxState
from tests.outbox.desk import MIDDLE, Desk
from tests.outbox.mail_server import MailServer
from tests.support.moments import MONDAY_MORNING

QUARTER = timedelta(minutes=15)
TOMORROW = timedelta(hours=15, minutes=5)  # five past midnight, from nine in the morning


@dataclass(frozen=True)
class Told:
    """What has to follow: the mail's state, how long the sender is held, whether a person is called, and which words tell it."""

    state: OutboxState
    held: timedelta | None = None
    alarm: bool = False
    words: str = ""


WAITS, FAILS = OutboxState.RETRY, OutboxState.FAILED
LOGIN = Told(WAITS, timedelta(hours=2), alarm=True, words="授权码")
LINE = Told(WAITS, QUARTER, words="自动再发")
BANNED = Told(WAITS, timedelta(hours=6), alarm=True, words="黑名单")
FULL = Told(WAITS, TOMORROW, words="明天自动接着发")
SPAM = Told(FAILS, words="电话告知")
GONE = Told(FAILS, words="不存在或已停用")

CODES = [
    pytest.param("sender", "451 MI:SFQ 163 smtp1,xxx", Told(WAITS, QUARTER, words="太快"), id="451 MI:SFQ"),
    pytest.param("data", "451 DT:SPM 163 smtp2,xxx", Told(WAITS, words="最多三次"), id="451 DT:SPM"),
    pytest.param(
        "login", "451 Requested action aborted: too much fail authentication", LOGIN, id="451 login"
    ),
    pytest.param("login", "535 Error: authentication failed", LOGIN, id="535"),
    pytest.param("greeting", "421 HL:ICC 163 too many connections", LINE, id="421 HL:ICC"),
    pytest.param("sender", "421 HL:IFC 163 smtp3,xxx", LINE, id="421 HL:IFC"),
    pytest.param("recipient", "421 HL:REP 163 smtp4,xxx", LINE, id="421 HL:REP"),
    pytest.param("sender", "554 MI:STC 163 smtp5,xxx", FULL, id="554 MI:STC"),
    pytest.param("sender", "550 MI:STC 163 smtp5,xxx", FULL, id="550 MI:STC"),
    pytest.param("recipient", "550 RP:TRC 163 smtp6,xxx", FULL, id="550 RP:TRC"),
    pytest.param("greeting", "554 HL:IHU 163 smtp7,xxx", BANNED, id="554 HL:IHU"),
    pytest.param("greeting", "554 IP<127.0.0.1> in blacklist", BANNED, id="554 IP in blacklist"),
    pytest.param("data", "550 DT:SPM 163 smtp8,xxx", SPAM, id="550 DT:SPM"),
    pytest.param("data", "554 DT:SPM 163 smtp8,xxx", SPAM, id="554 DT:SPM"),
    pytest.param(
        "data",
        "554 DT:SUM Envelope and header From differ",
        Told(WAITS, timedelta(hours=6), alarm=True, words="一致"),
        id="554 DT:SUM",
    ),
    pytest.param("recipient", "550 Invalid User", GONE, id="550 Invalid User"),
    pytest.param("recipient", "550 User suspended", GONE, id="550 User suspended"),
]


@pytest.mark.parametrize(("step", "answer", "told"), CODES)
def test_what_the_provider_says_is_understood(
    desk: Desk, server: MailServer, step: str, answer: str, told: Told
) -> None:
    server.answer(**{step: answer})
    message_id = desk.put(OutboxKind.ANSWER)

    desk.send()

    row, sender = desk.row(message_id), desk.sender(MIDDLE)
    assert row.state == told.state
    assert told.words in row.last_error
    assert row.last_code.startswith(answer[:3])
    until = sender.blocked_until if sender else None
    assert until == (MONDAY_MORNING + told.held if told.held else None)
    assert (sender is not None and sender.alarm) is told.alarm
    assert server.mails == []

    server.answer()
    later = told.held or timedelta(minutes=2)
    desk.forward(seconds=later.total_seconds() - 1)
    assert desk.send().sent == 0, "not before its time"
    desk.forward(seconds=1)
    assert desk.send().sent == (told.state is WAITS), "and then without anybody's doing"
