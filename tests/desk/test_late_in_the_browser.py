"""What is late, its reasons and snapshots, and the register of schools, as people see them at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload

from core.clock import FixedClock
from tests.desk.office import Office, in_office
from tests.desk.test_in_the_browser import Walk
from tests.support.browser import DESK, chromium, new_page, serve
from tests.support.browser import PHONE as PHONE_SIZE

pytestmark = pytest.mark.browser
LIST = (
    "学校名称,别名,学段,乡镇,城乡,办学性质,中心学校,校长,校长电话,任职起\n"
    "安溪县白云中心学校,白云中心小学、白小,小学,白云镇,乡镇,公办,,张立,0595-23331234,2026-09-01\n"
    "安溪县白云镇石门小学,石门小学,小学,白云镇,乡镇,公办,没有的学校,,,\n"
    "安溪县白云中学,白中,大学,白云镇,城区,公办,,李四,12,\n"
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def late(office: Office, clock: FixedClock) -> str:
    """Two late cases, of which one has a reason already."""
    told = office.assigned("课后服务另收材料费两百元。", to="li", category="B2", school_text="云岭一中")
    office.ticket("课后服务五点就结束，家长六点才下班。", category="D1")
    clock.moment = in_office("2026-12-14T15:20")
    said = {
        "number": told,
        "reason": "refund",
        "text": "名单核对中，11月18日已书面催办",
        "expected_on": "2026-12-18",
    }
    assert office.signed_in("li").post("/overdue/reasons", said, form="/overdue").status_code == 303
    return told


@pytest.mark.parametrize("size", [DESK, PHONE_SIZE], ids=["desk", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_late_cases_and_schools(
    chrome: Browser, app: Flask, late: str, size: tuple[int, int], javascript: bool
) -> None:
    upload: FilePayload = {"name": "名单.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    page = new_page(chrome, width=size[0], height=size[1], javascript=javascript)
    with serve(app) as address:
        walk = Walk(page, address, javascript=javascript)
        walk.sign_in("wang")
        walk.go(f"/tickets/{late}", "late-ticket")
        walk.go("/overdue", "late")
        page.click("#reasons summary")
        page.click("#aloud summary")
        page.fill("[name=asked_by]", "县纪委监委监检室 王主任")
        walk.look("late-freezing")
        page.click("#aloud form button[type=submit]")
        walk.look("snapshot")
        walk.go("/overdue/snapshots", "snapshots")
        walk.go("/admin/schools/import", "schools-import")
        page.set_input_files("[name=file]", upload)
        page.click("main form button[type=submit]")
        walk.look("schools-preview")
        page.check("[name=looked_at]")
        page.click("main form button[type=submit]")
        walk.look("schools")
        page.click("main table a")
        walk.look("school")
    page.context.close()
