"""How far long work has come: on the page of another process, on the terminal of one's own, and nothing of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from core.db import db, end_read
from core.progress import Steps, going_on, on_terminal, progress
from tests.accounts.people import Desk
from tests.support.app import clock_of, end_app, make_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = make_app(tmp_path / "data")
    yield made
    with made.app_context():
        end_app(made)


def shown(feature: str = "") -> list[tuple[str, int, int]]:
    end_read()
    return [(row.label, row.done, row.total) for row in going_on(db.session(), feature)]


def test_work_is_shown_while_it_lasts_and_not_afterwards(app: Flask) -> None:
    clock = clock_of(app)
    with app.app_context():
        with progress("mail.import", "导入邮件", 400) as steps:
            steps.step(10)
            assert shown() == []  # over within a second: no sign needed
            clock.moment += timedelta(seconds=2)
            steps.step(110)
            assert shown("mail") == [("导入邮件", 120, 400)]
            assert shown("reports") == []
        assert shown() == []


def test_a_row_that_nobody_renews_is_shown_no_more(app: Flask) -> None:
    """Its process was killed: the row stays, the page does not show it."""
    clock = clock_of(app)
    with app.app_context():
        killed = Steps("mail.poll/1", "收取", 10)
        clock.moment += timedelta(seconds=2)
        killed.step(1)
        assert shown() == [("收取", 1, 10)]
        clock.moment += timedelta(minutes=3)
        assert shown() == []


def test_the_bar_stands_on_the_pages_of_its_feature(app: Flask) -> None:
    Desk(app).account("wang")
    clock = clock_of(app)
    browser = Desk(app).signed_in("wang")
    with app.app_context(), progress("mail.import", "导入邮件", 400) as steps:
        clock.moment += timedelta(seconds=2)
        steps.step(120)
        page = browser.text("/mail")

    assert 'max="400"' in page
    assert "已办 120，共 400" in page
    assert "正在进行" not in browser.text("/mail")


def test_a_log_gets_a_line_every_tenth(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with app.app_context(), on_terminal(), progress("reports.due", "生成数据专报", 50) as steps:
        for _ in range(50):
            steps.step()

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "生成数据专报 50/50"
