"""/healthz tells strangers whether it works and nothing else; /metrics tells figures to this machine and the admin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.clock import SystemClock
from core.db import db, transaction
from core.leases import Lease, database_now
from operations import alive
from operations.schedule import LEASE_SECONDS
from tests.accounts.people import Desk
from tests.operations.support import PHONE, add_tickets, let_go
from tests.support.app import make_app

ELSEWHERE = "192.0.2.7"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    let_go(app)


def last_sign(app: Flask, ago: timedelta) -> None:
    """Somebody ran the jobs so long ago, and this process has been there for longer."""
    app.extensions["process_started_at"] = SystemClock().now() - timedelta(days=1)
    with app.app_context(), transaction() as session:
        until = database_now(session) - ago + timedelta(seconds=LEASE_SECONDS)
        session.execute(sa.delete(Lease))
        session.execute(sa.insert(Lease).values(name=alive.JOB, holder="x", until=until, epoch=1))


def test_a_stranger_learns_that_it_works_and_nothing_else(app: Flask) -> None:
    last_sign(app, timedelta(seconds=10))
    answer = app.test_client().get("/healthz", environ_base={"REMOTE_ADDR": ELSEWHERE})
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"ok": True, "database": True, "scheduler": True},
    )


def test_when_nobody_runs_the_jobs_it_is_not_well(app: Flask) -> None:
    last_sign(app, timedelta(minutes=4))
    assert app.test_client().get("/healthz").status_code == 200
    last_sign(app, timedelta(minutes=6))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["scheduler"]) == (503, False)


def test_a_young_process_is_given_time(app: Flask) -> None:
    assert app.test_client().get("/healthz").status_code == 200


def test_without_a_database_it_answers_that_there_is_none(app: Flask, tmp_path: Path) -> None:
    let_go(app)
    for file in tmp_path.glob("hotline.sqlite3*"):
        file.unlink()
    (tmp_path / "hotline.sqlite3").mkdir()
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, False)


def metrics(app: Flask, *, asked_by: str = "127.0.0.1", **headers: str) -> str:
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": asked_by}, headers=headers)
    return answer.get_data(as_text=True) if answer.status_code == 200 else ""


def test_metrics_are_for_this_machine_only(app: Flask) -> None:
    assert "hotline_tickets" in metrics(app)
    assert metrics(app, asked_by=ELSEWHERE) == ""
    # A web server on this machine that passes on what somebody elsewhere asks.
    assert metrics(app, **{"X-Forwarded-For": ELSEWHERE}) == ""
    assert metrics(app, Host="hotline.example.gov.cn") == ""


def test_metrics_are_for_the_admin_too(app: Flask) -> None:
    desk = Desk(app)
    desk.account("zhangadmin", Role.ADMIN)
    desk.account("linfang", Role.HEAD)
    assert "hotline_tickets" in desk.signed_in("zhangadmin").text("/metrics")
    assert desk.signed_in("linfang").get("/metrics").status_code == 403


def test_metrics_count_and_tell_nothing_of_a_case(app: Flask) -> None:
    numbers = add_tickets(app, 3)
    client = app.test_client()
    client.get("/login")
    client.open("/login", method="FROBNICATE")
    said = metrics(app)
    for line in (
        'hotline_tickets{status="pending"} 3.0',
        'hotline_request_seconds_count{endpoint="accounts.login",method="GET",status="2xx"} 1.0',
        'method="other"',
        "hotline_outbox_stuck 0.0",
        "hotline_audit_entries_total",
        'hotline_mail_waiting{mailbox="1",section="zhongjiao"} 0.0',
    ):
        assert line in said
    for secret in (PHONE, "林小满", "课后服务", "@163.com", *numbers):
        assert secret not in said


def test_every_process_of_an_installation_has_figures_of_its_own(tmp_path: Path) -> None:
    one, other = make_app(tmp_path / "one"), make_app(tmp_path / "other")
    one.test_client().get("/login")
    assert "accounts.login" not in metrics(other)
    let_go(one)
    let_go(other)


def test_a_broken_database_does_not_break_the_connection_pool(app: Flask) -> None:
    for _ in range(40):  # more often than the pool has connections
        assert app.test_client().get("/healthz").status_code == 200
    with app.app_context():
        assert db.engine.pool.status()
