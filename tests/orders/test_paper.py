"""The order on paper: one A4 sheet with its slip, however much there is to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.vocabulary import Role
from core.db import db
from tests.accounts.people import PASSWORD
from tests.accounts.people import Desk as People
from tests.desk.office import Office
from tests.life.support import life_app
from tests.orders.support import NAME, PHONE, SAID, add_schools
from tests.orders.test_pages import Clerk
from tests.support.browser import chromium, new_page, serve
from tickets.identity import Person
from tickets.orders.rules import REQUIREMENT_AT_MOST, TEXT_AT_MOST
from tickets.orders.texts import DEMANDS

_LONG_TEXT = ("据反映，" + "该校课后服务期间存在统一征订练习资料并另行收取费用的情况，" * 12)[:TEXT_AT_MOST]
_LONG_DEMANDS = (DEMANDS + "\n" + "收费项目、标准、依据请在校门口公示栏公示满五个工作日并报送照片；" * 14)[
    :REQUIREMENT_AT_MOST
]


@pytest.mark.browser
def test_the_longest_order_and_its_slip_are_one_sheet_of_a4(tmp_path: Path) -> None:
    app = life_app(tmp_path)
    with app.app_context():
        add_schools()
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    office = Office(app, people)
    number = office.assigned(SAID, people=(Person(name=NAME, phone=PHONE),))
    li = Clerk(office.signed_in("li"), number)
    li.release()
    sheets = []
    for fields in ({}, {"text": _LONG_TEXT, "requirement": _LONG_DEMANDS}):
        sheets.append(li.draft(**fields))
        li.act("issue")
    with chromium() as browser, serve(app) as address:
        page = new_page(browser)
        page.goto(f"{address}/login")
        page.fill("[name=username]", "li")
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        for sheet in sheets:
            page.goto(f"{address}{sheet}/print")
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
            assert b"/MediaBox [0 0 594.95" in printed or b"/MediaBox [0 0 595" in printed
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
