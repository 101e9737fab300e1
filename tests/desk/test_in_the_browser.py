"""The desk as people see it, at a desk and on a phone: nothing wider than the window, nothing a screen reader trips over.

With HOTLINE_TEST_PICTURES=folder a picture of every page is kept there, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from core.blobs import blob_store
from core.clock import FixedClock
from tests.accounts.people import PASSWORD
from tests.desk.office import NAME, PHONE, Office, in_office
from tests.support.browser import DESK, chromium, keep_picture, new_page, press_access_key, serve, sideways
from tests.support.browser import PHONE as PHONE_SIZE
from tickets.messages import NewAttachment, NewMessage
from tickets.vocabulary import Action, CallerKind, Channel

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def busy(office: Office, clock: FixedClock) -> str:
    """An office in the middle of its work; the number of a ticket with everything on it."""
    clock.moment = in_office("2026-11-09T09:10")
    office.assigned(
        "初二课后服务每学期另收材料费两百元，说是自愿，不交就不让参加社团。没有收据。",
        school_text="云岭一中",
        grade_text="初二",
        category="B2",
    )
    office.ticket(
        "课后服务五点就结束，家长六点才下班，能不能延长到六点？", school_text="清源中学", category="D1"
    )
    clock.moment = in_office("2026-11-18T10:20")
    office.ticket("老师在课后服务时间上新课，不参加的学生跟不上。", school_text="云岭一中")
    office.ticket("校长多拿课后服务补贴。", caller_kind=CallerKind.TEACHER, school_text="清源中学")
    clock.moment = in_office("2026-11-23T09:05")
    text = f"学校强制订阅教辅，每人三百六十元，不订的孩子被点名。我是{NAME}。\n"
    with office.app.app_context():
        blob = blob_store().put(b"%PDF-1.4")
    number = office.assigned(
        text,
        channel=Channel.MAIL,
        school_text="清源中学",
        message=NewMessage(
            subject="关于强制订教辅",
            text=f"{text}> 上次的信\n> 电话 {PHONE}",
            sender=f"{NAME} <su@163.com>",
            quote_start=len(text),
            attachments=(
                NewAttachment(name="收据.jpg", content_type="image/jpeg", size=204_800, blob=blob.name),
            ),
        ),
    )
    office.act(number, Action.EXTEND, by="li", days="2", reason="要几个部门一起核查")
    office.ticket("有学生在教学楼顶说不想活了，老师不管。", school_text="云岭一中")
    for place in range(4):
        office.ticket(
            f"课后服务收费标准没有公示，问了老师也说不清楚，第{place + 1}次反映。", school_text="云岭一中"
        )
    clock.moment = in_office("2026-11-24T15:20")
    return number


class Walk:
    """One person at one screen; looks at every page it comes to."""

    def __init__(self, page: Page, address: str, *, javascript: bool = True) -> None:
        self.page, self.address, self.javascript = page, address, javascript

    def sign_in(self, username: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")

    def go(self, path: str, name: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.look(name)

    def look(self, name: str) -> None:
        size = self.page.viewport_size
        assert size
        if self.javascript and (folder := os.environ.get("HOTLINE_TEST_PICTURES")):
            keep_picture(self.page, Path(folder), f"desk-{name}-{size['width']}")
        assert sideways(self.page) == 0, name
        if not self.javascript:  # the examiner is a script itself
            return
        found = Axe().run(self.page).response["violations"]
        grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in grave] == [], name


@pytest.mark.parametrize("size", [DESK, PHONE_SIZE], ids=["desk", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_every_page_of_the_desk(
    chrome: Browser, app: Flask, busy: str, size: tuple[int, int], javascript: bool
) -> None:
    page = new_page(chrome, width=size[0], height=size[1], javascript=javascript)
    with serve(app) as address:
        walk = Walk(page, address, javascript=javascript)
        walk.sign_in("wang")
        walk.go("/tickets", "list")
        walk.go("/tickets?q=食堂", "nothing-found")
        walk.go("/overdue", "overdue")
        walk.go(f"/tickets/{busy}", "ticket")
        page.click("#deadlines summary >> nth=1")
        page.click("#acts summary >> nth=0")
        walk.look("ticket-open")
        page.select_option("#reveal-reason", "check")
        page.click("#people button")
        walk.look("revealed")
        walk.go("/tickets/new", "form")
        page.fill("[name=matter]", "云岭一中老师在课后服务时间上新课，还收材料费")
        page.check("[value=anonymous]")
        page.fill("[name=caller_phone]", PHONE)
        page.click(".form-bar .button-primary")
        walk.look("form-refused")
        page.check("[value=confidential]")
        page.click("[name=look]")
        walk.look("form-advice")
        page.click(".form-bar .button-primary")
        walk.look("registered")
    page.context.close()


def test_a_call_is_logged_with_the_keyboard_alone(chrome: Browser, app: Flask, office: Office) -> None:
    page = new_page(chrome)
    with serve(app) as address:
        walk = Walk(page, address)
        walk.sign_in("chen")
        page.goto(f"{address}/tickets")
        press_access_key(page, "n")
        expect(page.locator("[name=matter]")).to_be_focused()
        page.keyboard.type("课后服务另收材料费。")
        page.keyboard.press("Tab")
        page.keyboard.type("云岭一中")
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.type("B2")
        for _ in range(4):
            page.keyboard.press("Tab")
        page.keyboard.type(PHONE)
        page.keyboard.press("Enter")
        expect(page.locator("#receipt-number")).to_have_text("ZJ20261123-0001")
    page.context.close()
    ticket = office.stored("ZJ20261123-0001")
    assert ticket.school_text == "云岭一中"


def test_enter_registers_and_never_closes(chrome: Browser, app: Flask, office: Office) -> None:
    page = new_page(chrome, javascript=False)
    with serve(app) as address:
        walk = Walk(page, address)
        walk.sign_in("chen")
        page.goto(f"{address}/tickets/new")
        page.fill("[name=matter]", "课后服务几点结束？")
        page.select_option("[name=category]", "I1")
        page.focus("[name=caller_name]")
        page.keyboard.press("Enter")
        expect(page.locator("#receipt-number")).to_be_visible()
    page.context.close()
    assert office.stored("ZJ20261123-0001").status.value == "pending"
