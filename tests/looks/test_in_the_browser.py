"""The pages as a person sees them, at a desk and on a phone, with scripts and without.

With HOTLINE_TEST_PICTURES=folder a picture of every page is kept there, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.looks.sample import PAGES, sample_app
from tests.support.browser import (
    DESK,
    PHONE,
    chromium,
    keep_picture,
    new_page,
    press_access_key,
    serve,
    sideways,
)

pytestmark = pytest.mark.browser
ADDRESSES = (*PAGES, "fail/403", "fail/409", "fail/500")
SIZES = (DESK, PHONE)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    with serve(sample_app()) as address:
        yield address


@pytest.fixture
def screen(chrome: Browser, desk: str) -> Iterator[Page]:
    page = new_page(chrome)
    yield page
    page.context.close()


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_no_page_is_wider_than_the_window(
    chrome: Browser, desk: str, size: tuple[int, int], javascript: bool
) -> None:
    page = new_page(chrome, width=size[0], height=size[1], javascript=javascript)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in ADDRESSES:
        page.goto(f"{desk}/{name}")
        assert sideways(page) == 0, f"{name} at {size}"
        if folder := os.environ.get("HOTLINE_TEST_PICTURES"):
            keep_picture(page, Path(folder), f"{name.replace('/', '-')}-{size[0]}")
    page.context.close()
    # The browser notes the status of the error pages themselves; anything else is a fault of ours.
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


@pytest.mark.parametrize("name", ADDRESSES)
def test_axe_finds_nothing_serious(screen: Page, desk: str, name: str) -> None:
    screen.goto(f"{desk}/{name}")
    found = Axe().run(screen).response["violations"]

    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []


def test_the_policy_lets_the_tick_of_a_box_be_drawn(screen: Page, desk: str) -> None:
    blocked: list[str] = []
    screen.on(
        "console",
        lambda message: blocked.append(message.text) if "Content Security" in message.text else None,
    )
    screen.goto(f"{desk}/form")
    screen.check("#back_entered")

    assert "data:image/svg" in screen.eval_on_selector(
        "#back_entered", "box => getComputedStyle(box).backgroundImage"
    )
    assert blocked == []


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(screen: Page, desk: str) -> None:
    screen.goto(f"{desk}/form")
    expect(screen.locator(".error-summary")).to_be_focused()
    screen.click("text=联系电话：电话号码少了几位")

    expect(screen.locator("#phone")).to_be_focused()


def test_a_second_click_does_not_send_twice(screen: Page, desk: str) -> None:
    screen.goto(f"{desk}/form")
    # The last to hear of it notes what would be sent, and stays on the page.
    screen.evaluate(
        """() => { window.sent = []; window.addEventListener("submit", (event) => {
            if (!event.defaultPrevented) window.sent.push(new FormData(event.target, event.submitter).get("answer_now"));
            event.preventDefault(); }); }"""
    )
    button = screen.get_by_role("button", name="已当场答复，办结")
    button.click()
    button.click(force=True)  # it calls itself disabled; a person clicks all the same

    assert screen.evaluate("window.sent") == ["1"]  # once, and the name of the pressed button travels


def test_without_scripts_confirming_opens_in_place(chrome: Browser, desk: str) -> None:
    page = new_page(chrome, javascript=False)
    page.goto(f"{desk}/ticket")
    page.click("text=退回学校重报…")

    expect(page.get_by_role("button", name="确认退回")).to_be_visible()
    page.context.close()


def test_the_keys_of_a_page_are_listed_and_work(screen: Page, desk: str) -> None:
    screen.goto(f"{desk}/workbench")
    screen.click("text=本页快捷键")
    expect(screen.locator(".foot-keys dl")).to_contain_text("Alt+N登记来电")
    expect(screen.locator(".foot-keys dl")).to_contain_text("Alt+F查找诉求件")
    press_access_key(screen, "n")
    screen.wait_for_url("**/form")


def test_a_form_for_paper_fits_one_sheet_of_a4(screen: Page, desk: str) -> None:
    screen.goto(f"{desk}/paper")
    sheet = screen.pdf(prefer_css_page_size=True)

    assert sheet.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594" in sheet  # 210 x 297 mm
    screen.emulate_media(media="print")
    expect(screen.locator(".paper-tools")).to_be_hidden()
