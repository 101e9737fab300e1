"""`flask tickets …` as other programs call it: exact formats, exit codes, nothing of who complained."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from core.clock import FixedClock
from core.db import db
from outbox.models import OutboxMessage
from tests.desk.office import NAME, PHONE, Office
from tickets.models import Ticket
from tickets.vocabulary import Action

EXPORTED = {
    "number", "external_id", "section", "informed", "status", "title", "school", "category", "urgency", "channel",
    "received_at", "recorded_at", "accepted_at", "due_at", "answered_at", "closed_at", "overdue", "outcome",
}  # fmt: skip


def run(app: Flask, *arguments: str, lines: list[dict[str, Any]] | str = "") -> Result:
    text = (
        lines
        if isinstance(lines, str)
        else "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    )
    return app.test_cli_runner().invoke(args=["tickets", *arguments], input=text.encode())


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_export_has_every_ticket_and_no_identity(app: Flask, office: Office, clock: FixedClock) -> None:
    office.ticket(f"我是{NAME}，电话 {PHONE}，乱收费。", school_text="云岭一中", category="B2")
    office.ticket("幼儿园收费。", section="chuyoujiao")
    clock.moment += timedelta(days=10)

    result = run(app, "export", "--format", "jsonl")

    first, second = objects(result)
    assert result.exit_code == 0
    assert set(first) == EXPORTED
    assert first == {
        **first,
        "number": "ZJ20261123-0001",
        "section": "zhongjiao",
        "status": "pending",
        "category": "B2",
        "channel": "phone",
        "received_at": "2026-11-23T01:00:00Z",
        "due_at": "2026-12-07T16:00:00Z",
        "overdue": {"accept": 5},
        "accepted_at": None,
    }
    assert second["section"] == "chuyoujiao"
    assert NAME not in result.stdout
    assert PHONE not in result.stdout
    assert "tickets.exported" in office.desk.actions()


def test_a_sheet_holds_words_and_never_a_formula(app: Flask, office: Office, tmp_path: Path) -> None:
    office.ticket('=HYPERLINK("http://example.org","看这里")')
    out = tmp_path / "tickets.xlsx"

    result = run(app, "export", "--format", "xlsx", "--out", str(out))

    sheet = openpyxl.load_workbook(io.BytesIO(out.read_bytes())).active
    assert result.exit_code == 0
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:6] == ["编号", "外部编号", "股室", "知会股室", "状态", "标题"]
    assert sheet["F2"].data_type == "s"
    assert str(sheet["F2"].value).startswith("=HYPERLINK")
    assert sheet["E2"].value == "待受理"
    assert sheet.freeze_panes == "B2"


def test_a_sheet_needs_a_file(app: Flask, office: Office) -> None:
    result = run(app, "export", "--format", "xlsx")

    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_one_ticket_with_its_days_and_its_history(app: Flask, office: Office) -> None:
    number = office.assigned("收费没有公示。", to="li")

    (shown,) = objects(run(app, "show", number, "--json"))

    assert set(shown) == EXPORTED | {"text", "deadlines", "history"}
    accept, resolve = shown["deadlines"][:2]
    assert (accept["kind"], accept["state"], resolve["kind"], resolve["state"]) == (
        "accept",
        "met",
        "resolve",
        "running",
    )
    assert (resolve["level"], resolve["provisional"]) == ("calm", False)
    assert resolve["days"][0] == {"date": "2026-11-23", "counts": False, "why": "收到当日不算"}
    assert sum(day["counts"] for day in resolve["days"]) == 10
    assert [event["action"] for event in shown["history"]] == ["register", "accept", "start"]
    assert (shown["history"][1]["from"], shown["history"][1]["to"]) == ("pending", "accepted")
    assert shown["text"]["matter"] == "收费没有公示。"


def test_a_number_nobody_has_is_a_problem_said_in_one_sentence(app: Flask, office: Office) -> None:
    result = run(app, "show", "ZJ20200101-0001", "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有编号为 ZJ20200101-0001 的诉求件" in result.stderr


HISTORY: list[dict[str, Any]] = [
    {"id": "a-1", "title": "初中乱收费", "body": "初二每人收二百元。", "channel": "mail", "received_at": "2018-07-06T14:50:04"},
    {"id": "a-2", "title": "幼儿园", "body": "幼儿园大班收费。", "channel": "phone", "received_at": None, "section": "chuyoujiao"},
]  # fmt: skip


def test_history_comes_in_once_and_sends_nothing(app: Flask, office: Office) -> None:
    first, again = run(app, "load", lines=HISTORY), run(app, "load", lines=HISTORY)

    numbers = [line["number"] for line in objects(first)]
    assert objects(first) == [
        {"id": "a-1", "number": numbers[0], "created": True},
        {"id": "a-2", "number": numbers[1], "created": True},
    ]
    assert objects(again) == [{**line, "created": False} for line in objects(first)]
    assert numbers[1].startswith("CY")
    (old, new) = (office.stored(number) for number in numbers)
    assert (old.source, old.external_id) == ("load", "a-1")
    assert old.received_at.isoformat() == "2018-07-06T06:50:04+00:00"
    assert new.received_at == new.recorded_at
    with app.app_context():
        assert db.session().execute(sa.select(sa.func.count(OutboxMessage.id))).scalar_one() == 0


def test_one_wrong_line_stops_no_other(app: Flask, office: Office) -> None:
    wrong: list[dict[str, Any]] = [
        {"id": "b-1", "title": "", "body": " "},
        {"title": "没有编号", "body": "x"},
        {**HISTORY[0], "channel": "鸽子", "id": "b-2"},
    ]
    text = (
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*wrong, HISTORY[1]]) + "不是 JSON\n"
    )

    result = run(app, "load", lines=text)

    assert result.exit_code == 1
    assert [line["id"] for line in objects(result)] == ["a-2"]
    assert "第 5 行不是 JSON 对象" in result.stderr
    assert "b-1：标题和正文都是空的" in result.stderr
    with app.app_context():
        assert db.session().execute(sa.select(sa.func.count(Ticket.id))).scalar_one() == 1


def test_a_suggestion_for_every_line(app: Flask, office: Office) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 7, "title": "求助", "body": "初二学生在宿舍说不想活了。"},
        {"id": "x", "title": "", "body": ""},
    ]

    urgent, empty = objects(run(app, "suggest", lines=lines))

    assert set(urgent) == {"id", "section", "section_name", "category", "urgent", "alarm", "schools", "why"}
    assert (urgent["id"], urgent["section"], urgent["urgent"], urgent["alarm"]) == (
        7,
        "zhongjiao",
        True,
        "Y1",
    )
    assert empty["section"] in {"zhongjiao", "chuyoujiao"}


def test_like_tickets_without_itself(app: Flask, office: Office) -> None:
    told = "云岭一中初二课后服务另收材料费两百元，不交不让参加社团。"
    run(
        app,
        "load",
        lines=[
            {"id": "c-1", "title": "收费", "body": told},
            {"id": "c-2", "title": "收费", "body": f"{told}请退还。"},
        ],
    )
    for place in range(12):
        office.ticket(f"第{place}次反映校门口早上堵车，请安排人疏导。")

    (answer,) = objects(
        run(app, "similar", "--top", "3", lines=[{"id": "c-1", "title": "收费", "body": told}])
    )

    assert answer["id"] == "c-1"
    best = answer["matches"][0]
    assert (best["external_id"], set(best)) == ("c-2", {"number", "external_id", "score"})
    assert 0.8 < best["score"] <= 1
    assert "c-1" not in [match["external_id"] for match in answer["matches"]]
    assert len(answer["matches"]) <= 3


@pytest.mark.parametrize(
    "arguments", [["export"], ["export", "--format", "pdf"], ["show"], ["similar", "--top", "0"], ["dance"]]
)
def test_what_cannot_be_asked_ends_with_two(app: Flask, arguments: list[str]) -> None:
    assert run(app, *arguments).exit_code == 2


def test_closed_cases_carry_their_outcome(app: Flask, office: Office) -> None:
    number = office.ticket("课后服务几点结束？", category="I1")
    office.act(number, Action.ANSWER_NOW, by="li", answer="五点半。")

    (line,) = objects(run(app, "export", "--format", "jsonl"))

    assert (line["status"], line["outcome"]) == ("closed", "not_applicable")
    assert line["answered_at"] == line["closed_at"] == "2026-11-23T01:00:00Z"


@pytest.mark.parametrize(
    "bad",
    [
        {"id": "b", "body": "收费", "received_at": "0001-01-01T00:00:00+08:00"},
        {"id": "b", "body": "收费", "received_at": "9999-12-31T23:00:00Z"},
        {"id": "b\ud800", "body": "收费"},
        {"id": "b\u0000", "body": "收费"},
        {"id": "b", "body": "收费", "section": "nowhere"},
    ],
)
def test_a_line_that_cannot_be_kept_is_named_and_those_around_it_are_loaded(
    app: Flask, bad: dict[str, Any]
) -> None:
    lines = [{"id": "a", "body": "乱收费"}, bad, {"id": "c", "body": "补课"}]

    result = run(app, "load", lines="".join(json.dumps(line) + "\n" for line in lines))

    assert result.exit_code == 1
    assert [line["id"] for line in objects(result)] == ["a", "c"]
