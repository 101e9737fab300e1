"""`outbox list` and `outbox send`, as another program calls them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask

from outbox.vocabulary import OutboxKind
from tests.outbox.desk import MIDDLE, PARENT, Desk
from tests.outbox.mail_server import MailServer


def called(app: Flask, *arguments: str) -> tuple[int, Any]:
    answer = app.test_cli_runner().invoke(args=["outbox", *arguments, "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def test_a_list_names_no_recipient(desk: Desk) -> None:
    desk.put(OutboxKind.ANSWER)
    code, listed = called(desk.app, "list")

    (message,) = listed["messages"]
    assert code == 0
    assert (message["state"], message["kind"], message["recipient"]) == (
        "queued",
        "answer",
        "l***@example.com",
    )
    assert PARENT not in json.dumps(listed)
    assert re.fullmatch(r"2026-11-23T01:00:00Z", message["created_at"])
    assert message["expected_on"] == "2026-11-23"


def test_sending_tells_what_left(desk: Desk) -> None:
    desk.put()

    assert called(desk.app, "send") == (
        0,
        {
            "sent": 1,
            "retry": 0,
            "failed": 0,
            "unknown": 0,
            "waiting": 0,
            "senders": [{"address": MIDDLE, "ok": True, "code": "ok", "message": "", "sent": 1}],
        },
    )
    assert called(desk.app, "send")[1]["sent"] == 0


def test_a_problem_is_told_by_the_exit_code(desk: Desk, server: MailServer) -> None:
    server.answer(login="535 Error: authentication failed")
    desk.put()

    code, told = called(desk.app, "send")

    assert code == 1
    assert told["senders"][0]["code"] == "535"
    assert told["waiting"] == 1


def test_the_lease_is_given_back(desk: Desk) -> None:
    assert [called(desk.app, "send")[0] for _ in range(2)] == [0, 0]


def test_nothing_to_do_ends_at_once_however_long_it_may_wait(office: Callable[..., Desk]) -> None:
    assert called(office().app, "send", "--wait", "600")[0] == 0
