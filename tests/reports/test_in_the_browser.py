"""What the commission asks for, in a real browser: how many are overdue and why, the worst case demanded and answered.

With HOTLINE_TEST_PICTURES=folder a picture of every page is kept there, to be looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from accounts.vocabulary import Role
from core.db import db, transaction
from reports import freezing, periods
from reports.contents import BulletinKind
from tests.access.world import OFFICE
from tests.accounts.people import PASSWORD
from tests.accounts.people import Desk as People
from tests.desk.office import Office, in_office
from tests.support.app import clock_of, make_app
from tests.support.browser import DESK, PHONE, chromium, keep_picture, new_page, serve, sideways
from tickets.models import School, Ticket, TicketSchool

pytestmark = pytest.mark.browser
NOVEMBER = periods.parse(BulletinKind.MONTHLY, "2026-11")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Handler li and head wang, head xu of the other section, leader zhou, supervisor ji; two cases are late in December."""
    app: Flask = make_app(tmp_path, office=OFFICE.replace('["admin", "supervisor"]', "[]"))
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("xu", Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    found = Office(app, people)
    clock_of(app).moment = in_office("2026-11-10T09:00")
    found.assigned("课后服务另收材料费一百元。", to="li", category="B2")
    clock_of(app).moment = in_office("2026-11-18T09:00")
    found.assigned("课后服务时间上新课。", to="li", category="C1")
    clock_of(app).moment = in_office("2026-12-04T10:00")
    yield found
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def worst_of(office: Office) -> str:
    with office.app.app_context():
        return str(db.session().execute(sa.select(sa.func.min(Ticket.number))).scalar_one())


def sign_in(page: Page, address: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def look(page: Page, name: str) -> None:
    size = page.viewport_size
    assert size
    if folder := os.environ.get("HOTLINE_TEST_PICTURES"):
        keep_picture(page, Path(folder), f"reports-{name}-{size['width']}")
    assert sideways(page) == 0, name
    found = Axe().run(page).response["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in grave] == [], name


def test_how_many_are_overdue_and_why_is_answered_and_frozen_in_under_a_minute(
    chrome: Browser, office: Office
) -> None:
    worst = worst_of(office)
    page = new_page(chrome)
    with serve(office.app) as address:
        sign_in(page, address, "wang")
        started = time.monotonic()
        page.click("nav >> text=超期")
        expect(page.locator("#aloud")).to_contain_text("超期")
        expect(page.locator("#aloud")).to_contain_text("未填原因")
        page.click(f"#reasons summary:has-text('{worst}')")
        form = page.locator(f"#reasons details:has-text('{worst}')")
        form.locator("select[name=reason]").select_option("refund")
        form.locator("[name=text]").fill("退费名单核对中，已书面催办")
        form.locator("[name=expected_on]").fill("2026-12-08")
        form.locator("button[type=submit]").click()
        page.goto(f"{address}/overdue")
        expect(page.locator("main")).to_contain_text("退费名单核对中")
        page.click("summary:has-text('留存为应询快照')")
        page.fill("[name=asked_by]", "县纪委监委党风室")
        page.click("text=留存快照")
        expect(page.locator("main")).to_contain_text("YX2026-001")
        expect(page.locator("main")).to_contain_text("退费名单核对中")
        assert time.monotonic() - started < 60
    page.context.close()


def test_a_supervisor_finds_the_worst_case_demands_and_sees_the_answer(
    chrome: Browser, office: Office
) -> None:
    worst = worst_of(office)
    page = new_page(chrome)
    with serve(office.app) as address:
        sign_in(page, address, "ji")
        page.click("nav >> text=督办")
        first = page.locator("#late tbody tr").first
        expect(first).to_contain_text(worst)
        first.locator("a").click()
        expect(page.locator("h1")).to_contain_text(worst)
        look(page, "case")
        page.click("text=就这一件督办")
        page.select_option("[name=kind]", "yellow")
        page.fill("[name=demand]", "请说明为何超期，并于 12 月 9 日前答复。")
        page.fill("[name=due_on]", "2026-12-09")
        page.click("main button[type=submit]")
        expect(page.locator("main")).to_contain_text("待书面说明")
        order = page.url

        sign_in(page, address, "li")
        page.goto(f"{address}/supervision")
        page.click("#orders tbody a")
        expect(page.locator("#answer")).to_contain_text("办理时限原定")
        page.fill("[name=reason]", "退费名单核对较慢。")
        page.fill("[name=measures]", "12 月 8 日前退清，责任人李明。")
        page.click("text=提交书面说明")
        expect(page.locator("main")).to_contain_text("已说明，待审核")

        sign_in(page, address, "ji")
        page.goto(order)
        expect(page.locator("main")).to_contain_text("退费名单核对较慢")
        look(page, "order")
        page.check("[value=accept]")
        page.click("text=记下意见")
        expect(page.locator("main")).to_contain_text("已采纳，办结")
    page.context.close()


def test_a_report_goes_from_its_bulletin_over_three_desks_to_paper(chrome: Browser, office: Office) -> None:
    clock_of(office.app).moment = in_office("2026-12-01T00:40")
    with office.app.app_context():
        bulletin = freezing.freeze(NOVEMBER).id
    clock_of(office.app).moment = in_office("2026-12-04T10:00")
    page = new_page(chrome)
    with serve(office.app) as address:
        sign_in(page, address, "wang")
        page.goto(f"{address}/reports/{bulletin}")
        look(page, "bulletin")
        page.click("text=据此拟情况报告")
        page.fill("[name=shortcomings]", "催办不够及时。")
        page.fill("[name=next_steps]", "逐件督促，按期办结。")
        look(page, "draft")
        page.click("text=保存并送核稿")
        report = page.url
        expect(page.locator("main")).to_contain_text("由许丽、周局办理")
        sign_in(page, address, "xu")
        page.goto(report)
        page.check("[value=accept]")
        page.click("text=记下意见")
        sign_in(page, address, "zhou")
        page.goto(report)
        look(page, "signing")
        page.click("#signing button[type=submit]")
        expect(page.locator("#issue")).to_contain_text("安教〔2026〕1号")
        page.click("text=看纸面、打印")
        expect(page.locator("main")).to_contain_text("安溪县教育局文件")
        assert sideways(page) == 0
    page.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_window_or_trips_a_screen_reader(
    chrome: Browser, office: Office, size: tuple[int, int]
) -> None:
    with office.app.app_context():
        with transaction() as session:
            school = School(name="安溪县城东中学", urban=True)
            session.add(school)
            session.flush()
            key = school.id
            for ticket in session.scalars(sa.select(Ticket.id)).all():
                session.add(TicketSchool(ticket_id=ticket, school_id=key, confirmed_by="li"))
        clock_of(office.app).moment = in_office("2026-12-01T00:40")
        freezing.freeze(NOVEMBER)
    clock_of(office.app).moment = in_office("2026-12-04T10:00")
    page = new_page(chrome, width=size[0], height=size[1])
    with serve(office.app) as address:
        sign_in(page, address, "wang")
        for path, name in (
            ("/reports", "reports"),
            ("/supervision/statistics", "statistics"),
            (f"/supervision/schools/{key}", "school"),
            ("/reports/layouts", "layouts"),
            ("/reports/layouts/new", "layout"),
        ):
            page.goto(f"{address}{path}")
            look(page, name)
    page.context.close()
