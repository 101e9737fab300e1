"""`reports build` and `reports run-due`, as scripts call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from core.db import db, transaction
from reports.commands import DIFFERENCES
from tests.reports.support import Months, set_reports
from tickets.models import Ticket
from tickets.vocabulary import Status

MONTH = ("--kind", "monthly", "--period", "2026-11")


def run(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["reports", *arguments])


def test_a_finished_period_is_written_as_three_files_and_again_as_the_same(
    office: Months, tmp_path: Path
) -> None:
    office.comes("11-02 09:00")
    office.at("12-01 08:00")
    first = run(office.app, "build", *MONTH, "--out", str(tmp_path / "a"))
    office.comes("12-02 09:00", received="11-20 09:00")
    again = run(office.app, "build", *MONTH, "--out", str(tmp_path / "b"))

    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    files = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert sorted(Path(name).suffix for name in files) == [".docx", ".html", ".xlsx"]
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}


def test_a_running_period_needs_draft_and_keeps_nothing(office: Months, tmp_path: Path) -> None:
    office.comes("11-02 09:00")
    office.at("11-20 08:00")
    refused = run(office.app, "build", *MONTH, "--out", str(tmp_path / "a"))
    draft = run(
        office.app, "build", *MONTH, "--out", str(tmp_path / "b"), "--draft", "--cutoff", "2026-11-19T12:00"
    )

    assert refused.exit_code == 1
    assert "还没有结束" in refused.output
    assert not (tmp_path / "a").exists()
    assert draft.exit_code == 0, draft.output
    assert all("草稿" in path.name for path in (tmp_path / "b").iterdir())
    office.at("12-01 08:00")
    assert json.loads(run(office.app, "run-due", "--json").stdout)["made"][-1]["period"] == "2026-11"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kind", "monthly", "--period", "2026-Q4"), "应写成 2026-11"),
        (("--kind", "hourly", "--period", "2026-11"), "hourly"),
        ((*MONTH, "--cutoff", "2026-11-19T12:00"), "--draft"),
        ((*MONTH, "--draft", "--cutoff", "gestern"), "不是时间"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    office: Months, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    found = run(office.app, "build", *arguments, "--out", str(tmp_path / "a"))
    assert found.exit_code == 2
    assert sentence in found.output


def test_due_periods_are_made_once_and_said_as_one_json_object(office: Months) -> None:
    set_reports(office.app, kinds=("monthly",))
    office.at("12-01 08:00")
    first = run(office.app, "run-due", "--json")
    assert json.loads(first.stdout)["made"] == [
        {
            "number": f"ZB-2026-{month}",
            "kind": "monthly",
            "period": f"2026-{month}",
            "title": f"安溪县教育局群众诉求受理办理情况数据专报（2026年{month}月）",
        }
        for month in (10, 11)
    ]
    again = run(office.app, "run-due", "--json")
    assert json.loads(again.stdout) == {"ok": True, "made": [], "failed": []}


def test_figures_that_do_not_agree_leave_a_list_and_exit_1(office: Months, tmp_path: Path) -> None:
    number = office.comes("11-02 09:00")
    with transaction() as session:
        session.execute(sa.update(Ticket).where(Ticket.number == number).values(status=Status.CLOSED))
    office.at("12-01 08:00")
    found = run(office.app, "build", *MONTH, "--out", str(tmp_path))
    assert found.exit_code == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".txt"] == [DIFFERENCES]
    assert number in (tmp_path / DIFFERENCES).read_text(encoding="utf-8")
    set_reports(office.app, kinds=("monthly",))
    due = run(office.app, "run-due", "--json")
    assert due.exit_code == 1
    assert json.loads(due.stdout)["failed"][0]["period"] == "2026-11"
