"""Five days of work in a browser, by keystrokes and waits: a call, handling, review, supervision, administration.

`pytest -rP tests/journeys/test_journeys.py` prints the counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from accounts.actor import SYSTEM
from accounts.vocabulary import Role
from core.db import db, transaction
from demo.filling import SCHOOLS
from tests.accounts.people import Desk
from tests.desk.office import PHONE, Office
from tests.journeys.hands import Hands
from tests.support.app import OFFICE, clock_of, make_app
from tests.support.browser import chromium, new_page, serve
from tickets.schools import load_schools, read_schools
from tickets.vocabulary import Status

pytestmark = pytest.mark.browser
CALL_AT_MOST, QUESTION_AT_MOST = 60, 20
HANDLING_AT_MOST, REVIEW_AT_MOST, SUPERVISION_AT_MOST, ADMINISTRATION_AT_MOST = 30, 8, 12, 40


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "data").mkdir()
    text = OFFICE.read_text(encoding="utf-8")
    text = text.replace('totp_roles = ["admin", "supervisor"]', "totp_roles = []")
    app = make_app(tmp_path / "data", office=text)
    desk = Desk(app)
    desk.account("chen", Role.CLERK, name="陈小燕")
    desk.account("li", Role.HANDLER, name="李明")
    desk.account("wang", Role.HEAD, name="王建国")
    desk.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    desk.account("guan", Role.ADMIN, sections=(), name="管理员")
    with app.app_context():
        with transaction() as session:
            load_schools(session, read_schools(Path(SCHOOLS).read_text(encoding="utf-8")), actor=SYSTEM)
        db.session.remove()
    yield Office(app, desk)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(office: Office) -> Flask:
    return office.app


@pytest.fixture
def hands(chrome: Browser, app: Flask) -> Iterator[Hands]:
    page = new_page(chrome)
    with serve(app) as address:
        yield Hands(page, address)
        page.context.close()


def test_a_call_is_logged_with_school_category_and_number(office: Office, hands: Hands) -> None:
    hands.sign_in("chen", "/tickets")
    hands.alt("n")
    expect(hands.page.locator("[name=matter]")).to_be_focused()
    hands.write("孩子班上课后服务又收了两百块材料费，没有收据，说不交就不能参加社团。")
    hands.press("Tab")
    hands.type("ylyz")
    hands.press("Tab", 2)
    hands.type("B2")
    hands.press("Tab", 4)
    hands.type(PHONE)
    hands.press("Enter")

    hands.sees("#receipt-number", "ZJ20261123-0001")
    hands.sees("#receipt", "中教，11 月 23 日，第 1 号")
    hands.report("a call")
    assert hands.strokes <= CALL_AT_MOST
    ticket = office.stored("ZJ20261123-0001")
    assert ticket.school_text == "安溪县云岭第一中学"
    assert hands.waits == 2
    hands.alt("n")  # the next one
    expect(hands.page.locator("[name=matter]")).to_be_focused()


def test_a_question_is_answered_from_the_policy_entries_and_closed(office: Office, hands: Hands) -> None:
    hands.sign_in("chen", "/tickets")
    hands.alt("n")
    expect(hands.page.locator("[name=matter]")).to_be_focused()
    hands.write("家长问课后服务是不是必须参加，能不能不参加。")
    hands.sees("#policies", "课后服务必须参加吗")  # comes by itself, while one speaks
    hands.alt("k")
    expect(hands.page.locator("[name=answer]")).to_be_focused()
    hands.alt("g")
    hands.sees("#receipt-number", "ZJ20261123-0001")

    hands.report("a question")
    assert hands.strokes <= QUESTION_AT_MOST
    ticket = office.stored("ZJ20261123-0001")
    assert ticket.status is Status.CLOSED
    assert "自愿" in ticket.answer
    hands.sees("#result", "政策口径：课后服务必须参加吗？ 第 1 版")


def test_handling_from_acceptance_to_the_report(office: Office, hands: Hands) -> None:
    number = office.ticket("云岭一中课后服务另收材料费两百元。", category="B2", school_text="云岭一中")
    hands.sign_in("li", "/today")
    hands.click(f"a:has-text('{number}')")
    hands.click("#acts summary:has-text('受理')")
    hands.click("button:has-text('确认：受理')")
    hands.click("#acts summary:has-text('开始办理')")
    hands.click("button:has-text('确认：开始办理')")
    hands.click("#acts summary:has-text('报请办结')")
    hands.choose("#report_done-outcome", "true")
    hands.fill("#report_done-measures", "学校已停止收取，全部退还。")
    hands.fill("#report_done-evidence", "退费签领表一份。")
    hands.fill("#report_done-answer", "您反映的情况属实，学校已停止收取，所收费用已全部退还。")
    hands.click("button:has-text('确认：报请办结')")
    hands.sees(".ticket-head", "待审核")

    hands.report("handling")
    assert hands.strokes <= HANDLING_AT_MOST


def test_review_from_the_workbench(office: Office, hands: Hands) -> None:
    from tickets.vocabulary import Action

    number = office.assigned("云岭一中课后服务另收材料费两百元。")
    done = {"outcome": "true", "measures": "已退还。", "evidence": "签领表。", "answer": "已全部退还。"}
    office.act(number, Action.REPORT_DONE, by="li", **done)
    hands.sign_in("wang", "/today")
    hands.sees("table", "审核")
    hands.click(f"a:has-text('{number}')")
    hands.click("#acts summary:has-text('审核通过')")
    hands.click("button:has-text('确认：审核通过')")
    hands.sees(".ticket-head", "待回访")

    hands.report("review")
    assert hands.strokes <= REVIEW_AT_MOST


def test_supervision_from_the_figure_to_the_single_case(app: Flask, office: Office, hands: Hands) -> None:
    number = office.assigned("云岭一中课后服务另收材料费两百元。", school_text="云岭一中")
    clock_of(app).moment += timedelta(days=21)
    hands.sign_in("ji", "/overdue")
    hands.sees("main", number)
    hands.click("nav.menu a:has-text('督办')")
    hands.click(f"main a:has-text('{number}')")
    hands.sees("main", "办理")
    assert "材料费两百元" not in hands.page.content()  # nothing that nobody has released
    hands.click("nav.menu a:has-text('专报')")
    hands.sees("h1", "专报")

    hands.report("supervision")
    assert hands.strokes <= SUPERVISION_AT_MOST


def test_administration_a_new_colleague(hands: Hands) -> None:
    hands.sign_in("guan", "/admin/accounts")
    hands.click("main a:has-text('新建')")
    hands.fill("[name=username]", "huang")
    hands.fill("[name=display_name]", "黄新")
    hands.click("label:has-text('经办人')")
    hands.click("label:has-text('中教股')")
    hands.click("main form button[type=submit]")
    hands.sees("main", "huang")

    hands.report("administration")
    assert hands.strokes <= ADMINISTRATION_AT_MOST
    hands.click("nav.menu a:has-text('系统状态')")
    hands.sees("h1", "系统状态")
