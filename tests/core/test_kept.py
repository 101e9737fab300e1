"""What is kept for a few seconds: not longer than that, and never over a commit of this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import state
from core.clock import now
from core.db import db, transaction
from core.kept import SECONDS, kept
from core.state import get_fact
from tests.support.app import clock_of, end_app, make_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = make_app(tmp_path)
    with made.app_context():
        yield made
        end_app(made)


def counted(key: str, asked: list[int]) -> int:
    def work() -> int:
        asked.append(1)
        return len(asked)

    return kept(key, work)


def test_a_figure_is_worked_out_once_and_for_each_key(app: Flask) -> None:
    asked: list[int] = []

    assert [counted("a", asked), counted("a", asked), counted("b", asked)] == [1, 1, 2]


def test_it_is_worked_out_anew_when_the_seconds_are_over(app: Flask) -> None:
    asked: list[int] = []
    counted("a", asked)

    clock_of(app).moment += timedelta(seconds=SECONDS - 1)
    assert counted("a", asked) == 1
    clock_of(app).moment += timedelta(seconds=1)
    assert counted("a", asked) == 2
    clock_of(app).moment -= timedelta(days=1)
    assert counted("a", asked) == 3


def test_a_change_made_here_is_seen_at_once(app: Flask) -> None:
    def fact() -> str | None:
        return kept("fact", lambda: get_fact(db.session(), "kept.test"))

    assert fact() is None
    with transaction() as session:
        state.set_fact(session, "kept.test", "new")

    assert fact() == "new"


def test_a_value_read_before_somebodys_commit_is_not_kept_as_one_from_after_it(app: Flask) -> None:
    asked: list[int] = []
    db.session().execute(sa.select(sa.literal(1)))  # this request's view of the database begins here
    with db.engine.begin() as other:
        other.execute(sa.select(sa.literal(now().isoformat())))

    assert [counted("a", asked), counted("a", asked)] == [1, 2]
    db.session.rollback()
    assert [counted("a", asked), counted("a", asked)] == [3, 3]
