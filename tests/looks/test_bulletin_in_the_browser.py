"""The kept sheet of a bulletin in a real browser: it brings its looks along, and the policy lets them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from accounts.vocabulary import Role
from core.db import db
from reports import freezing, periods
from reports.contents import BulletinKind
from tests.accounts.people import PASSWORD
from tests.accounts.people import Desk as People
from tests.desk.office import in_office
from tests.support.app import clock_of, make_app
from tests.support.browser import chromium, new_page, serve

pytestmark = pytest.mark.browser


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "data")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_the_sheet_looks_on_screen_as_it_will_on_paper(app: Flask, chrome: Browser) -> None:
    People(app).account("wang", Role.HEAD, name="王建国")
    clock_of(app).moment = in_office("2026-12-01T00:40")
    with app.app_context():
        kept = freezing.freeze(periods.parse(BulletinKind.MONTHLY, "2026-11")).id
    clock_of(app).moment = in_office("2026-12-01T09:00")
    page = new_page(chrome)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "style" in message.text else None)
    with serve(app) as address:
        page.goto(f"{address}/login")
        page.fill("[name=username]", "wang")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.goto(f"{address}/reports/{kept}/files/html")
        face = page.eval_on_selector(".bulletin", "sheet => getComputedStyle(sheet).fontFamily")
    page.context.close()

    assert refused == []
    assert str(face).startswith("FangSong_GB2312")
