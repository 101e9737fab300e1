"""The pages about secrecy: who is offered what, what they say no to without losing a word, what they never show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.vocabulary import Role
from core.db import db
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.desk.office import Office, words_of
from tests.life.support import life_app
from tests.orders.support import NAME, PHONE, SAID, add_schools
from tests.secrecy.test_guarding import ASKED, SEALED, TAKEN
from tests.support.browser import chromium, new_page, serve, sideways
from tickets.identity import Person


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    app = life_app(tmp_path)
    with app.app_context():
        add_schools()
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("chen", Role.CLERK, name="陈小燕")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    people.account("xu", Role.HANDLER, Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    yield Office(app, people)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def number(office: Office) -> str:
    """A ticket in the hands of li."""
    return office.assigned(SAID, people=(Person(name=NAME, phone=PHONE, wants_callback=True),))


def page_of(number: str) -> str:
    return f"/tickets/{number}/secrecy"


def send(browser: Browser, number: str, where: str, fields: dict[str, str]) -> tuple[int, str]:
    answer = browser.post(f"{page_of(number)}/{where}", fields, form=page_of(number))
    return answer.status_code, answer.get_data(as_text=True)


def found_in(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, pattern
    return found[1]


def test_pressure_is_written_down_by_whoever_was_asked_and_waits_for_head_and_leader(
    office: Office, number: str
) -> None:
    chen, wang = office.signed_in("chen"), office.signed_in("wang")
    status, page = send(chen, number, "pressures", {**ASKED, "people": ""})
    assert status == 422
    assert "是谁" in page
    assert "一律不能说" in page  # what was typed stands in the form
    assert send(chen, number, "pressures", ASKED)[0] == 303
    page = words_of(chen.text(page_of(number)))
    assert "打听反映人 · 电话" in page
    assert NAME not in page
    assert "启动泄密核查" not in page
    assert "密封移交" not in page

    assert "有 1 条保密提醒没有看" in words_of(wang.text("/account"))
    assert "登记了一次“打听反映人”（电话）" in words_of(wang.text("/secrecy"))
    assert wang.post("/secrecy/read", {}, form="/secrecy").status_code == 303
    assert "保密提醒没有看" not in words_of(wang.text("/account"))
    assert "有 1 条保密提醒没有看" in words_of(office.signed_in("zhou").text("/account"))


def test_an_inquiry_is_one_step_and_its_record_is_for_head_and_leader(office: Office, number: str) -> None:
    li, wang = office.signed_in("li"), office.signed_in("wang")
    base = f"/tickets/{number}"
    assert li.post(f"{base}/reveal", {"reason": "check"}, form=base).status_code == 303
    assert PHONE in li.text(base)
    assert send(wang, number, "inquiries", {"reason": "老师当着全班问谁家长去告的"})[0] == 303
    assert li.get(base).status_code == 404
    assert office.signed_in("chen").get(base).status_code == 404
    address = found_in(wang.text(page_of(number)), r'href="(/tickets/[^"]*/secrecy/inquiries/[0-9a-f]+)"')
    record = words_of(wang.text(address))
    assert "李明 查看联系方式 核实情况" in record
    assert NAME not in record
    assert office.signed_in("zhou").get(address).status_code == 200
    assert "正在进行的泄密核查" in words_of(wang.text("/secrecy"))
    status, page = send(wang, number, f"inquiries/{address.rsplit('/')[-1]}/conclusion", {"result": ""})
    assert (status, "核查结果" in page) == (422, True)
    fields = {"result": "not_found", "conclusion": "没有发现泄露"}
    assert send(wang, number, f"inquiries/{address.rsplit('/')[-1]}/conclusion", fields)[0] == 303
    assert "未发现泄露" in words_of(wang.text(page_of(number)))


def test_a_sealed_sheet_needs_two_and_is_printed_once(office: Office, number: str) -> None:
    li, wang, zhou = (office.signed_in(name) for name in ("li", "wang", "zhou"))
    assert send(li, number, "sealed", SEALED)[0] == 303
    row = found_in(wang.text(page_of(number)), r"/secrecy/sealed/([0-9a-f]+)/actions")
    assert send(wang, number, f"sealed/{row}/print", {})[0] == 422
    for browser, words in ((wang, "以股室负责人身份批准"), (zhou, "以分管领导身份批准")):
        page = browser.text(page_of(number))
        assert words in page
        version = found_in(page, r'name="version" value="(\d+)"')
        fields = {"verb": "approve", "version": version}
        assert send(browser, number, f"sealed/{row}/actions", fields)[0] == 303
        assert send(browser, number, f"sealed/{row}/actions", fields)[0] in {409, 422}
    status, sheet = send(wang, number, f"sealed/{row}/print", {})
    assert status == 200
    for words in (NAME, PHONE, "县公安局刑侦大队", "安公调〔2026〕8号", "密移〔2026〕1号"):
        assert words in sheet, words
    assert send(wang, number, f"sealed/{row}/print", {})[0] == 422
    version = found_in(wang.text(page_of(number)), r'name="version" value="(\d+)"')
    fields = {"verb": "hand_over", "version": version, **TAKEN}
    assert send(wang, number, f"sealed/{row}/actions", fields)[0] == 303
    assert "已移交" in words_of(wang.text(page_of(number)))
    assert NAME not in wang.text(page_of(number))
    assert send(wang, number, f"sealed/{row}/actions", {"verb": "burn"})[0] == 422


def test_a_number_is_searched_by_post_alone_and_stands_in_no_address(office: Office, number: str) -> None:
    li = office.signed_in("li")
    assert li.get("/secrecy/phone").status_code == 405
    assert "按电话号码查" in li.text("/secrecy")
    found = li.post("/secrecy/phone", {"phone": PHONE, "reason": "calls_again"}, form="/secrecy")
    assert number in found.get_data(as_text=True)
    missed = li.post("/secrecy/phone", {"phone": "13800000000", "reason": "calls_again"}, form="/secrecy")
    assert "没有您能打开的件" in missed.get_data(as_text=True)
    wrong = li.post("/secrecy/phone", {"phone": "138", "reason": "calls_again"}, form="/secrecy")
    assert wrong.status_code == 422
    assert "没有您能打开的件" in office.signed_in("xu").post(
        "/secrecy/phone", {"phone": PHONE, "reason": "double"}, form="/secrecy"
    ).get_data(as_text=True)
    assert "按电话号码查" not in office.signed_in("zhou").text("/secrecy")
    assert "按电话号码查到" in words_of(office.signed_in("wang").text(page_of(number)))


def test_a_supervisor_sees_who_had_to_do_with_a_case_and_nobody_behind_it(
    office: Office, number: str
) -> None:
    li = office.signed_in("li")
    base = f"/tickets/{number}"
    li.post(f"{base}/reveal", {"reason": "check"}, form=base)
    page = words_of(office.signed_in("ji").text(f"/supervision/cases/{number}"))
    assert "李明：查看联系方式（核实情况）" in page
    assert NAME not in page


@pytest.mark.browser
def test_the_pages_fit_the_desk_and_a_phone_and_are_within_reach_of_everybody(
    office: Office, number: str
) -> None:
    send(office.signed_in("li"), number, "sealed", SEALED)
    send(office.signed_in("chen"), number, "pressures", ASKED)
    wang = office.signed_in("wang")
    send(wang, number, "inquiries", {"reason": "老师当着全班问谁家长去告的"})
    record = found_in(wang.text(page_of(number)), r'href="(/tickets/[^"]*/secrecy/inquiries/[0-9a-f]+)"')
    cookie = wang.client.get_cookie("session")
    assert cookie is not None
    with chromium() as browser, serve(office.app) as address:
        for width in (1280, 390):
            page = new_page(browser, width=width)
            page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
            for path in (page_of(number), "/secrecy", record):
                page.goto(address + path)
                assert sideways(page) == 0, (path, width)
                serious = [
                    each["id"]
                    for each in Axe().run(page).response["violations"]
                    if each["impact"] in {"serious", "critical"}
                ]
                assert serious == [], (path, width)
            page.context.close()
