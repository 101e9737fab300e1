"""The same on PostgreSQL: eight at once make one issue, figures and pages are asked in a language both understand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.db import db
from reports import freezing, periods
from reports.contents import BulletinKind
from reports.models import Report
from reports.records import bulletin_of
from tests.accounts.people import Desk as People
from tests.desk.office import Office, in_office, words_of
from tests.reports.test_layouts import saved
from tests.reports.test_pages import ORDER
from tests.reports.test_situation import TEXTS
from tests.support.app import clock_of, make_app
from tests.support.postgres import drop_database, new_database
from tickets.vocabulary import Action

pytestmark = [pytest.mark.engine, pytest.mark.slow]
NOVEMBER = periods.parse(BulletinKind.MONTHLY, "2026-11")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    url = new_database()
    app = make_app(tmp_path, DATABASE_URL=url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    drop_database(url)


def test_eight_at_once_make_one_issue_and_the_pages_answer(app: Flask) -> None:
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("xu", Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("zhou", Role.LEADER, name="周局")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    office = Office(app, people)
    handled = office.assigned(to="li")
    office.ticket()
    office.act(handled, Action.EXTEND, by="li", days="2", reason="多部门核查")
    office.act(handled, Action.EXTEND, by="wang")
    clock_of(app).moment = in_office("2026-12-01T00:40")
    start, found, trouble = threading.Barrier(8), [], []

    def build() -> None:
        with app.app_context():
            try:
                start.wait()
                found.append(freezing.freeze(NOVEMBER))
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test below
                trouble.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not trouble
    assert sum(each.created for each in found) == 1
    with app.app_context():
        bulletin = bulletin_of(db.session().get_one(Report, found[0].id))
        assert (bulletin.balance.received, bulletin.extended) == (2, 1)
    clock_of(app).moment = in_office("2026-12-14T10:00")
    ji = people.signed_in("ji")
    for path in (
        f"/reports/{found[0].id}",
        "/reports",
        "/supervision",
        "/supervision/statistics?state=overdue",
    ):
        assert ji.get(path).status_code == 200
    assert handled in words_of(ji.text("/supervision/statistics?state=overdue"))
    assert "原定期限" in words_of(ji.text(f"/supervision/cases/{handled}"))
    _a_report_is_signed(people, found[0].id)
    _a_layout_exports(people, handled)
    page = ji.get("/supervision/schools/1")
    assert page.status_code in {200, 404}
    order = people.signed_in("wang").post("/supervision/orders/new", {**ORDER, "tickets": handled}).location
    assert "原定期限" in words_of(people.signed_in("wang").text(f"{order}/paper"))


def _a_report_is_signed(people: People, bulletin: int) -> None:
    wang, xu, zhou = (people.signed_in(name) for name in ("wang", "xu", "zhou"))
    report = wang.post(f"/reports/{bulletin}/situation", form=f"/reports/{bulletin}").location
    assert wang.post(f"{report}/submit", {**TEXTS, "version": "1"}, form=report).status_code == 303
    assert xu.post(f"{report}/verdict", {"version": "3", "verdict": "accept"}, form=report).status_code == 303
    signed = {"version": "4", "how": "system", "signed_on": "2026-12-14"}
    assert zhou.post(f"{report}/signature", signed, form=report).status_code == 303
    assert "安教〔2026〕1号" in words_of(zhou.text("/reports"))


def _a_layout_exports(people: People, number: str) -> None:
    li = people.signed_in("li")
    export = saved(li)
    assert number in li.client.get(f"{export}?format=csv&which=open").data.decode("utf-8-sig")
