"""Four stories walked in a real browser, from the first word to the last, by the people of two small sections.

With HOTLINE_TEST_PICTURES=folder a picture of every page they stop at is kept there, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from accounts.actor import SYSTEM
from accounts.vocabulary import Role
from core.clock import FixedClock
from core.db import db, transaction
from demo.filling import SCHOOLS
from tests.accounts.people import Desk
from tests.desk.office import PHONE, Office, in_office
from tests.desk.test_in_the_browser import Walk
from tests.support.browser import chromium, new_page, serve
from tickets import handling
from tickets.identity import Person
from tickets.models import Complainant, TicketEvent
from tickets.replay import verify_replay
from tickets.schools import load_schools, read_schools
from tickets.vocabulary import Action, Channel, Secrecy, Status

pytestmark = pytest.mark.browser

SCAN: FilePayload = {"name": "审批表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 signed"}
REPORT = {
    "outcome": "true",
    "measures": "学校已停止收取，并全部退还。",
    "evidence": "退费签领表、公示照片",
    "answer": "您反映的情况属实。我局已责成学校停止收取并全部退还。",
}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def office(app: Flask) -> Office:
    """中教股: head jia and handler yi, no third person; 初幼教股: head bing, handler ding; leader zhou over both."""
    desk = Desk(app)
    both = ("zhongjiao", "chuyoujiao")
    desk.account("jia", Role.HEAD, Role.HANDLER, Role.CLERK, name="甲股长")
    desk.account("yi", Role.HANDLER, Role.CLERK, name="乙干事")
    desk.account("bing", Role.HEAD, Role.HANDLER, Role.CLERK, sections=("chuyoujiao",), name="丙股长")
    desk.account("ding", Role.HANDLER, Role.CLERK, sections=("chuyoujiao",), name="丁干事")
    desk.account("zhou", Role.LEADER, sections=both, name="周局")
    with app.app_context(), transaction() as session:
        load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
    return Office(app, desk)


class Story:
    """One browser after the other, each person in an own one, as in the office."""

    def __init__(self, chrome: Browser, office: Office, clock: FixedClock, address: str) -> None:
        self.chrome, self.office, self.clock, self.address = chrome, office, clock, address
        self.desks: dict[str, Walk] = {}

    def at(self, moment: str) -> None:
        """Another day: whoever was signed in has gone home."""
        self.clock.moment = in_office(moment)
        self.close()

    def close(self) -> None:
        for walk in self.desks.values():
            walk.page.context.close()
        self.desks.clear()

    def by(self, username: str) -> Walk:
        if username not in self.desks:
            walk = Walk(new_page(self.chrome), self.address)
            walk.page.set_default_timeout(10_000)
            walk.sign_in(username)
            self.desks[username] = walk
        return self.desks[username]

    def open(self, username: str, number: str) -> Page:
        page = self.by(username).page
        page.goto(f"{self.address}/tickets/{number}")
        return page

    def do(self, username: str, number: str, act: str, **fields: str) -> Page:
        """Opens the ticket, presses the button, fills in what it asks for, confirms."""
        page = self.open(username, number)
        press(page, act, **fields)
        return page

    def order(self, username: str, number: str, verb: str, **fields: str) -> Page:
        """The same on the newest order of a ticket."""
        page = self.by(username).page
        page.goto(f"{self.address}/tickets/{number}/orders")
        page.locator(f"a[href*='/tickets/{number}/orders/']:not([href$='/new'])").first.click()
        page.wait_for_load_state()
        press(page, verb, **fields)
        return page

    def status(self, number: str) -> Status:
        return self.office.stored(number).status

    def what_happened(self, number: str) -> list[Action]:
        with self.office.app.app_context():
            ticket = self.office.stored(number)
            return list(
                db.session.scalars(
                    sa.select(TicketEvent.action)
                    .where(TicketEvent.ticket_id == ticket.id)
                    .order_by(TicketEvent.position)
                )
            )


def press(page: Page, label: str, **fields: str) -> None:
    """Opens the button's form where it is folded away, fills it in, sends it; the page that follows has no complaint."""
    button = page.locator("#acts details.confirm", has=page.locator(f"summary:text-is('{label}')")).first
    more = page.locator("#acts details.more-acts:not([open]) > summary")
    if not button.is_visible() and more.count():
        more.first.click()
    if button.get_attribute("open") is None:
        button.locator("> summary").click()
    for name, value in fields.items():
        fill(button.locator(f"[name='{name}']"), value)
    button.locator("button[type=submit]").click()
    page.wait_for_load_state()


def fill(field: Locator, value: str) -> None:
    """Types or chooses; what is folded away is opened first, as a person does."""
    if not field.is_visible():
        field.locator("xpath=ancestor::details[not(@open)]").last.locator("> summary").click()
    match field.evaluate("each => each.tagName + ':' + each.type"):
        case kind if kind.startswith("SELECT"):
            field.select_option(value)
        case "INPUT:checkbox":
            field.check()
        case "INPUT:file":
            field.set_input_files(SCAN)
        case _:
            field.fill(value)


@pytest.fixture
def story(chrome: Browser, app: Flask, office: Office, clock: FixedClock) -> Iterator[Story]:
    with serve(app) as address:
        told = Story(chrome, office, clock, address)
        yield told
        told.close()
    with app.app_context():
        assert verify_replay(db.session()).ok


def register(story: Story, username: str, **fields: str) -> str:
    """A call, typed while it is spoken; its number."""
    page = story.by(username).page
    page.goto(f"{story.address}/tickets/new")
    for name, value in fields.items():
        if name == "anonymity":
            page.check(f"[name=anonymity][value={value}]")
        else:
            fill(page.locator(f"main form [name='{name}']").first, value)
    page.click(".form-bar .button-primary")
    number = page.locator("#receipt-number").text_content()
    assert number
    return number.strip()


def test_a_call_from_the_first_word_to_the_write_off(story: Story) -> None:
    """Transfer, order, delivery, extension, return, done, review, answer, call-back, 销号."""
    number = register(
        story,
        "ding",
        matter="云岭一中课后服务每学期另收材料费二百元，没有收据。",
        school_text="云岭一中",
        caller_name="苏女士",
        caller_phone=PHONE,
        contact_note="晚上七点以后打，不要说教育局",
        wants_callback="yes",
        section="chuyoujiao",
        category="B2",
    )
    story.do("bing", number, "移交另一股室", section="zhongjiao", reason="初中的事项")
    story.do("yi", number, "受理")
    assert story.office.stored(number).handler_id == story.office.actor("yi").id

    yi = story.by("yi")
    yi.go(f"/tickets/{number}/orders", "story-orders")
    yi.page.click("#released details.confirm > summary")
    yi.page.fill("#released [name=text]", "据反映，该校课后服务另行收取材料费，未开收据。")
    yi.page.click("#released button[type=submit]")
    yi.page.goto(f"{story.address}/tickets/{number}/orders/new")
    yi.page.fill("#draft [name=school]", "云岭一中")
    yi.page.fill("#draft [name=text]", "据反映，贵校课后服务另行收取材料费，未开收据。")
    yi.page.click("#draft button[type=submit]")
    yi.look("story-draft")
    press(yi.page, "签发")
    expect(yi.page.locator("h1")).to_contain_text("安教交〔2026〕1号")
    assert story.status(number) is Status.IN_PROGRESS
    story.order("yi", number, "登记送达", way="in_person", to="林校长", files="scan")
    story.order("yi", number, "登记签收", signer="林校长", title="校长")

    story.at("2026-11-25T09:00")
    story.do("yi", number, "延期：申请", days="3", reason="退费名单要逐一核对")
    story.do("jia", number, "延期：审批", decision="agree", reason="同意")
    story.order("jia", number, "同意学校延期", days="2", asked_by="林校长", reason="名单核对中")

    story.at("2026-11-30T10:00")
    story.order("yi", number, "登记反馈", finding="true", facts="收取属实。", measures="十二月前退还。")
    story.order("yi", number, "退回学校重报", reason="缺退费凭证", due="2026-12-04")
    story.order(
        "yi", number, "登记反馈", finding="true", facts="已全部退还。", measures="已退。", files="scan"
    )
    story.order("yi", number, "核实通过", reason="到校查看签领表")

    story.at("2026-12-03T15:00")
    story.do("yi", number, "报请办结", **REPORT)
    story.open("jia", number)
    story.by("jia").look("story-review")
    story.do("jia", number, "审核通过", reason="同意答复")
    page = story.open("yi", number)
    first = page.locator("#acts details.confirm > summary").first
    expect(first).to_have_text("答复送达")  # nobody is asked about an answer that has not been given
    press(page, "答复送达", how="phone", reason="电话里念了答复")

    story.do("yi", number, "送请代办", duty="call_back", section="chuyoujiao", reason="本股室无人可回访")
    page = story.open("ding", number)
    expect(page.locator("#calling")).to_contain_text("现在方便说话吗")
    expect(page.locator("#calling")).to_contain_text("有联系禁忌")
    page.select_option("#reveal-reason", "call_back")
    page.click("#people button")
    expect(page.locator("#calling .contact-note")).to_have_text("晚上七点以后打，不要说教育局")
    expect(page.locator("#people")).to_contain_text(PHONE)
    story.by("ding").look("story-calling")
    press(page, "登记回访", satisfaction="satisfied", reason="满意")
    assert story.status(number) is Status.CLOSED

    jia = story.by("jia")
    jia.go("/write-off", "story-write-off")
    jia.page.click("#ready-1 button[type=submit]")
    jia.look("story-write-off-proposed")
    zhou = story.by("zhou")
    zhou.go("/write-off", "story-write-off-leader")
    zhou.page.fill("[name=reference]", "县纪委确认函〔2026〕3号")
    zhou.page.click("button:has-text('同意，全部销号')")
    expect(zhou.page.locator("main")).to_contain_text("已销号")
    assert story.office.stored(number).written_off_at is not None
    done = story.what_happened(number)
    assert [done[0], done[1], done[-2], done[-1]] == [
        Action.REGISTER,
        Action.HAND_OVER,
        Action.CALLED_BACK,
        Action.WRITE_OFF,
    ]


def test_thirty_parents_on_one_evening(story: Story) -> None:
    """Merged at once, one answer approved, and every one of the thirty answered alone."""
    story.clock.moment = in_office("2026-11-23T20:30")
    numbers = []
    for place in range(30):
        by_mail = place % 3 == 0
        person = Person(
            name=f"家长{place}",
            phone="" if by_mail else f"139059512{place:02d}",
            email=f"parent{place}@example.com" if by_mail else "",
            wants_callback=not by_mail,
        )
        numbers.append(
            story.office.ticket(
                f"云岭一中晚自习强制收费，每人一百元，第{place + 1}位家长。",
                people=(person,),
                channel=Channel.MAIL if by_mail else Channel.PHONE,
                school_text="云岭一中",
            )
        )
        story.clock.moment += timedelta(minutes=1)
    main = numbers[0]

    story.at("2026-11-24T08:05")
    yi = story.by("yi")
    yi.go("/today", "story-cluster")
    expect(yi.page.locator("main")).to_contain_text("24 小时内收到 30 件")
    yi.page.click("text=打开名单，勾选后可以合并办理")
    for box in yi.page.locator("[name=number]").all():
        box.check()
    yi.page.click("button:has-text('成批办理勾选的')")
    yi.look("story-bulk")
    yi.page.click("button[value=merge]")
    yi.page.wait_for_load_state()
    assert [story.status(number) for number in numbers] == [Status.PENDING, *[Status.MERGED] * 29]

    story.do("yi", main, "受理")
    story.do("yi", main, "开始办理")
    story.do("yi", main, "报请办结", **REPORT)
    story.do("jia", main, "审核通过")
    yi.go("/today", "story-untold")
    expect(yi.page.locator("main")).to_contain_text("还有 29 件并入件的反映人没有告知")
    for place, number in enumerate(numbers):
        with story.office.app.app_context(), transaction() as session:
            if place % 3 == 0:  # what the outbox says when the mail has left
                handling.answer_reached(session, number, story.clock.moment)
    for place, number in enumerate(numbers):
        if place % 3:
            story.do("yi", number, "答复送达", how="phone", reason="念了答复")
    yi.go(f"/tickets/{main}", "story-main")
    assert yi.page.locator("#merged").get_by_text("已答复").count() == 29
    with story.office.app.app_context():
        answered = [story.office.stored(number).answered_at for number in numbers]
        people = db.session.scalars(sa.select(sa.func.count()).select_from(Complainant)).one()
    assert None not in answered
    assert people == 30, "nobody's own entry was lost in the merge"


def test_a_section_of_two_walks_both_ways_without_a_shared_password(story: Story) -> None:
    """乙 handles, 甲 reviews, the other section calls back; 甲 handles, the leader signs on paper, 乙 calls back."""
    first = register(
        story,
        "yi",
        matter="课后服务五点就结束，家长来不及接。",
        school_text="清源中学",
        caller_phone=PHONE,
        wants_callback="yes",
        section="zhongjiao",
    )
    for act in ("受理", "开始办理"):
        story.do("yi", first, act)
    story.do("yi", first, "报请办结", **REPORT)
    page = story.open("yi", first)
    assert page.locator("summary:text-is('审核通过')").count() == 0
    story.do("jia", first, "审核通过")
    story.do("yi", first, "答复送达", how="phone")
    page = story.open("yi", first)
    page.click("#acts .barred > summary")
    story.by("yi").look("story-kept-apart")
    expect(page.locator("#acts .barred")).to_contain_text("您经办过这一件")
    page.click("#acts .barred button:has-text('送初幼教股')")
    page.wait_for_load_state()
    story.do("ding", first, "登记回访", satisfaction="satisfied")
    assert story.status(first) is Status.CLOSED

    second = register(
        story,
        "jia",
        matter="晚自习收费没有公示。",
        school_text="云岭一中",
        caller_phone="13805950000",
        wants_callback="yes",
        section="zhongjiao",
    )
    story.do("jia", second, "受理", handler="jia")
    story.do("jia", second, "开始办理")
    story.do("jia", second, "报请办结", **REPORT)
    page = story.open("jia", second)
    page.click("#acts .barred > summary")
    expect(page.locator("#acts .barred")).to_contain_text("不能由您审核")

    yi = story.by("yi")
    yi.go(f"/tickets/{second}/paper?act=approve", "story-paper")
    page = yi.page
    assert page.locator("[name=approver] option[value=jia]").count() == 0, "nobody signs the own work"
    page.select_option("[name=approver]", "zhou")
    page.fill("[name=signed_on]", "2026-11-23")
    page.fill("[name=reason]", "同意办结，请当面答复。")
    page.set_input_files("[name=scans]", SCAN)
    page.click("main button[type=submit]:has-text('补录')")
    assert story.status(second) is Status.PENDING_CALLBACK
    zhou = story.by("zhou")
    zhou.go("/today", "story-leader")
    expect(zhou.page.locator(".banners")).to_contain_text("由他人代录的您的书面意见")
    zhou.go("/papers", "story-papers")
    zhou.page.click("button:has-text('无误')")
    expect(zhou.page.locator("main")).to_contain_text("没有要核对的书面意见")
    story.do("jia", second, "答复送达", how="phone")
    story.do("yi", second, "登记回访", satisfaction="mostly")
    assert story.status(second) is Status.CLOSED


def test_a_teacher_against_a_headmaster(story: Story) -> None:
    """Few may know; the school gets nothing in hand that points at anybody; the bureau looks for itself."""
    number = register(
        story,
        "jia",
        matter="清源中学校长多拿课后服务补贴，我们老师不敢说。",
        school_text="清源中学",
        caller_kind="teacher",
        target_kind="headmaster",
        caller_phone=PHONE,
        wants_callback="yes",
        section="zhongjiao",
    )
    assert story.office.stored(number).secrecy is Secrecy.RESTRICTED
    assert story.open("yi", number).locator("h1").text_content() != ""
    expect(story.by("yi").page.locator("main")).not_to_contain_text("补贴")
    page = story.do("jia", number, "受理", handler="jia")
    expect(page.locator("main")).to_contain_text("限制知悉")

    jia = story.by("jia")
    jia.go(f"/tickets/{number}/orders", "story-exposing")
    jia.page.goto(f"{story.address}/tickets/{number}/orders/new")
    jia.page.fill("#draft [name=school]", "清源中学")
    jia.page.fill("#draft [name=text]", "据反映，贵校课后服务补贴发放不规范。")
    jia.page.click("#draft button[type=submit]")
    jia.look("story-guarded")
    expect(jia.page.locator("#acts .barred")).to_contain_text("可能使反映人被认出")
    assert jia.page.locator("#acts summary:text-is('签发')").count() == 0
    press(jia.page, "说明为什么仍要开单", reason="只有向学校要发放表才能查清")
    zhou = story.by("zhou")
    zhou.page.goto(jia.page.url)
    expect(zhou.page.locator("main")).to_contain_text("还没有写")

    jia.page.goto(f"{story.address}/tickets/{number}/orders")
    jia.page.click("#inquiries details.confirm > summary")
    jia.page.locator("#inquiries [name=ways]").first.check()
    jia.page.fill("#inquiries [name=people]", "甲股长、财务科长")
    jia.page.fill("#inquiries [name=findings]", "抽查三所学校发放表，该校有两笔不合规。")
    jia.page.click("#inquiries button[type=submit]")
    jia.look("story-inquired")
    story.do("jia", number, "报请办结", **{**REPORT, "evidence": "三校发放表"})
    story.do("zhou", number, "审核通过")
    story.do("jia", number, "答复送达", how="phone", reason="本人手机，非工作时间")
    page = story.open("jia", number)
    page.click("#acts .barred > summary")
    page.click("#acts .barred button:has-text('送分管领导')")
    page.wait_for_load_state()
    story.do("zhou", number, "登记回访", satisfaction="satisfied")
    assert story.status(number) is Status.CLOSED
    assert not re.search("补贴|清源", story.by("yi").page.locator("body").inner_text())


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)], ids=["phone", "no scripts"])
def test_what_is_decided_on_paper_in_bulk_or_by_the_month_fits_a_phone_and_needs_no_script(
    chrome: Browser, app: Flask, office: Office, width: int, javascript: bool
) -> None:
    number, closed = office.assigned(to="yi"), office.assigned(to="yi")
    for each in (number, closed):
        office.act(each, Action.REPORT_DONE, by="yi", **REPORT)
    office.act(closed, Action.APPROVE, by="zhou")
    office.act(closed, Action.ANSWERED, by="yi", how="phone")
    office.act(closed, Action.CALLED_BACK, by="jia", satisfaction="satisfied")
    page = new_page(chrome, width=width, javascript=javascript)
    with serve(app) as address:
        walk = Walk(page, address, javascript=javascript)
        walk.sign_in("jia")
        walk.go("/tickets", "new-list")
        page.check(f"[name=number][value='{number}']")
        page.click("button:has-text('成批办理勾选的')")
        walk.look("new-bulk")
        walk.go(f"/tickets/{number}/paper", "new-paper-which")
        walk.go(f"/tickets/{number}/paper?act=approve", "new-paper")
        page.select_option("[name=approver]", "zhou")
        page.fill("[name=signed_on]", "2026-11-23")
        page.fill("[name=reason]", "同意。")
        page.set_input_files("[name=scans]", SCAN)
        page.click("main button[type=submit]:has-text('补录')")
        walk.look("new-recorded")
        walk.go("/write-off", "new-write-off")
        page.click("#ready-1 button[type=submit]")
        walk.look("new-proposed")
        walk.go("/hand-over", "new-hand-over")
        page.select_option("[name=giver]", label="乙干事（1 件）")
        page.select_option("[name=taker]", label="甲股长")
        page.fill("[name=reason]", "借调期满")
        page.click("button:has-text('全部移交')")
        expect(page.locator("h1")).to_have_text("工作交接单")
    page.context.close()
    assert office.stored(number).handler_id == office.actor("jia").id
    assert office.stored(number).status is Status.PENDING_CALLBACK
