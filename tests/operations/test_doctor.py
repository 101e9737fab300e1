"""`doctor`, the page 系统状态 and the banners: each trouble in one sentence, to those who can do something about it."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core import failpoints, state
from core.audit import AuditHead
from core.clock import SystemClock
from core.db import db, transaction
from operations import alive, installation
from operations.backup import keeping
from tests.accounts.people import Desk
from tests.operations.support import add_tickets, installation_on, run_json
from tests.operations.test_health import last_sign
from tests.support.app import clock_of

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with installation_on("sqlite", tmp_path / "data", HOTLINE_BACKUP_DIR=str(tmp_path / "usb")) as app:
        clock_of(app).moment = SystemClock().now()
        yield app


def check(app: Flask, name: str, *, exit_code: int | None = None) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found["ok"] else 1)
    assert found["ok"] is all(each["level"] != "error" for each in found["checks"])
    if exit_code is not None:
        assert result.exit_code == exit_code
    (one,) = [each for each in found["checks"] if each["name"] == name]
    assert isinstance(one, dict)
    return one


def above_the_page(app: Flask, *roles: Role) -> str:
    app.extensions.pop("operations_findings", None)
    desk = Desk(app)
    name = f"person{'x'.join(role.value for role in roles)}"
    desk.account(name, *roles)
    text = desk.signed_in(name).text("/account")
    return text[text.index("<body") : text.index('class="page"')]


def test_a_new_installation_has_no_errors_and_names_every_failpoint(app: Flask) -> None:
    found = run_json(app, "doctor")
    assert found["ok"] is True
    assert found["failpoints"] == failpoints.declared()
    assert {"database", "schema", "keys", "disk", "clock", "calendar", "backup", "audit"} <= {
        each["name"] for each in found["checks"]
    }


def test_a_full_disk_is_told_to_everybody_at_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 100 * 1024 * 1024))
    assert check(app, "disk", exit_code=1)["level"] == "error"
    assert "来信收不进来" in above_the_page(app, Role.CLERK)
    assert "来信收不进来" in above_the_page(app, Role.ADMIN)
    assert "来信收不进来" not in above_the_page(app, Role.SUPERVISOR)


def test_when_the_jobs_stand_still_the_desk_is_told_what_that_means(app: Flask) -> None:
    last_sign(app, timedelta(hours=3))
    found = check(app, "scheduler", exit_code=1)
    assert "后台任务已停 3 小时：邮件没有在收" in found["message"]
    assert "邮件没有在收" in above_the_page(app, Role.HANDLER)
    last_sign(app, timedelta(seconds=20))
    assert check(app, "scheduler")["level"] == "ok"


@pytest.mark.parametrize(
    ("day", "level"), [("2026-10-31", "ok"), ("2026-11-01", "warning"), ("2028-01-03", "error")]
)
def test_from_the_first_of_november_the_next_years_calendar_is_asked_for(
    app: Flask, day: str, level: str
) -> None:
    clock_of(app).moment = datetime.fromisoformat(day + "T10:00:00+08:00")
    assert check(app, "calendar")["level"] == level


def test_a_backup_that_grows_old_turns_yellow_then_red(app: Flask, tmp_path: Path) -> None:
    assert check(app, "backup")["level"] == "warning"
    with app.app_context():
        keeping.make_if_due()
    assert check(app, "backup")["level"] == "ok"
    clock_of(app).moment += timedelta(hours=4)
    assert check(app, "backup")["level"] == "warning"
    clock_of(app).moment += timedelta(hours=22)
    assert "已过 26 小时" in check(app, "backup", exit_code=1)["message"]
    assert "备份盘是否还连着" in above_the_page(app, Role.ADMIN)
    assert "备份盘" not in above_the_page(app, Role.HANDLER)


def test_a_backup_folder_that_cannot_be_written_is_said_so(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "usb").touch()
    with app.app_context():
        keeping.make_if_due()
    assert "没有成功" in check(app, "backup", exit_code=1)["message"]


def test_backup_and_data_on_one_disk_are_warned_of(app: Flask) -> None:
    with app.app_context():
        keeping.make_if_due()
    assert "同一块盘" in check(app, "backup place")["message"]


def test_a_changed_end_of_the_audit_log_is_seen_at_once(app: Flask) -> None:
    add_tickets(app, 1)
    assert check(app, "audit")["level"] == "ok"
    with app.app_context(), transaction() as session:
        session.execute(sa.update(AuditHead).values(mac="0" * 64))
    assert "请不要自行处理" in check(app, "audit", exit_code=1)["message"]
    assert "审计记录有问题" in above_the_page(app, Role.LEADER)
    assert "审计记录有问题" not in above_the_page(app, Role.CLERK)


def test_a_clock_that_went_back_is_seen(app: Flask) -> None:
    clock_of(app).moment -= timedelta(days=365)
    assert "请校准本机时间" in check(app, "clock", exit_code=1)["message"]


def test_a_key_file_that_others_may_read_is_named(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "data" / "keys.json").chmod(0o644)
    assert "chmod 600" in check(app, "keys", exit_code=1)["message"]


def test_a_database_that_others_may_read_is_named_and_closed_to_them_at_the_next_start(
    app: Flask, tmp_path: Path
) -> None:
    folder, file = tmp_path / "data", tmp_path / "data" / "hotline.sqlite3"
    folder.chmod(0o755)
    file.chmod(0o644)
    message = check(app, "keys")["message"]
    assert "chmod 700" in message
    assert "chmod 600" in message
    with app.app_context():
        installation.check_ready()
        db.engine.dispose()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert check(app, "keys")["level"] == "ok"


def test_a_check_that_breaks_is_a_finding_and_no_crash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive, "silent_for", lambda _: 1 / 0)
    assert "没有查成" in check(app, "scheduler", exit_code=1)["message"]


def test_the_page_shows_the_same_to_the_admin_and_to_nobody_else(app: Flask) -> None:
    desk = Desk(app)
    desk.account("zhangadmin", Role.ADMIN)
    desk.account("linfang", Role.HEAD, Role.LEADER, Role.HANDLER)
    with app.app_context():
        keeping.make_if_due()
    text = desk.signed_in("zhangadmin").text("/admin/system")
    for words in (
        "系统状态",
        "值班手机",
        "zjg23236764@163.com",
        "尚未接入",
        "SQLite 3.",
        "0.1.0",
        "成功：记录",
    ):
        assert words in text
    assert desk.signed_in("linfang").get("/admin/system").status_code == 403


def test_a_nightly_proof_that_failed_stays_red_until_the_next(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        kept = {"at": datetime.now(UTC).isoformat(), "ok": False, "message": "第 7 条记录被改动过"}
        state.set_fact(session, "audit.last_verified", json.dumps(kept))
    assert "第 7 条记录被改动过" in check(app, "audit", exit_code=1)["message"]
    run_json(app, "audit", "verify")
    assert check(app, "audit")["level"] == "ok"
    with app.app_context():
        db.session.remove()
