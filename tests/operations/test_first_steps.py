"""开始使用: what a new installation still lacks, step by step, until nothing is missing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.clock import now
from core.db import db, transaction
from mail_ingest.models import MailboxState
from operations import first_steps
from operations.backup import keeping
from tests.accounts.people import Browser, Desk
from tests.support.app import end_app, make_app
from tickets.models import School

SECTIONS = ("zhongjiao", "chuyoujiao")
CSV = "name,stage\n云岭二中,初中\n湖上小学,小学\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "data", HOTLINE_BACKUP_DIR=str(tmp_path / "backup"))
    Desk(app).account("boss", Role.ADMIN)
    yield app
    with app.app_context():
        end_app(app)


@pytest.fixture
def admin(app: Flask) -> Browser:
    return Desk(app).signed_in("boss")


def done(app: Flask) -> dict[str, bool]:
    with app.test_request_context():
        found = {step.key: step.done for step in first_steps.steps(db.session())}
        db.session.remove()
    return found


def test_a_new_installation_lacks_all_but_the_calendar(app: Flask, admin: Browser) -> None:
    page = admin.text("/admin/start")

    assert done(app) == {
        "mailboxes": False,
        "people": False,
        "calendar": True,
        "schools": False,
        "backup": False,
    }
    assert "中教股还没有接听登记、经办人、股室负责人、分管领导" in page
    assert "还差 4 步" in admin.text("/account")
    assert "开始使用" in admin.text("/account")


def upload(admin: Browser, raw: bytes) -> tuple[int, str]:
    answer = admin.post("/admin/start/schools", {"file": (io.BytesIO(raw), "学校.csv")}, form="/admin/start")
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_schools_come_from_a_file_however_it_was_saved(app: Flask, admin: Browser, encoding: str) -> None:
    status, _ = upload(admin, CSV.encode(encoding))

    assert status == 303
    with app.app_context():
        assert set(db.session.scalars(sa.select(School.name))) == {"云岭二中", "湖上小学"}
    assert done(app)["schools"]


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00\x81", "校名,学段\n甲,小学\n".encode(), b"name,stage\n,\n"]
)
def test_a_file_that_is_none_is_said_so_and_nothing_is_entered(
    app: Flask, admin: Browser, raw: bytes
) -> None:
    status, page = upload(admin, raw)

    assert status == 422
    assert "学校名单" in page
    assert not done(app)["schools"]


def test_when_everything_is_done_it_disappears(app: Flask, admin: Browser) -> None:
    desk = Desk(app)
    desk.account("lin", Role.CLERK, Role.HANDLER, sections=SECTIONS)
    desk.account("su", Role.HEAD, sections=SECTIONS)
    desk.account("zheng", Role.LEADER, sections=SECTIONS)
    upload(admin, CSV.encode())
    with app.app_context():
        with transaction() as session:
            for row in session.scalars(sa.select(MailboxState)):
                row.last_ok_at = now()
        keeping.make_if_due()

    assert all(done(app).values()), done(app)
    assert "开始使用" not in admin.text("/account")
    assert "都做好了" in admin.text("/admin/start")


def test_others_are_not_told(app: Flask) -> None:
    Desk(app).account("lin", Role.HANDLER)

    page = Desk(app).signed_in("lin").text("/account")

    assert "开始使用" not in page
    assert "还没有配好" not in page


def test_what_is_missing_is_named_by_section_and_role() -> None:
    there = {"中教股": {Role.CLERK, Role.HANDLER, Role.HEAD}, "初幼教股": set(first_steps.NEEDED)}

    assert first_steps.missing_people(["中教股", "初幼教股"], there) == ["中教股还没有分管领导"]
