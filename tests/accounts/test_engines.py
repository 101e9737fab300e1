"""What has to hold on both databases: who asks, and guesses sent at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from accounts import signing_in
from accounts.vocabulary import Role
from core.db import db
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Desk
from tests.support.app import make_app
from tests.support.postgres import drop_database, new_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    url = new_database() if request.param == "postgresql" else None
    app = make_app(tmp_path, DATABASE_URL=url) if url else make_app(tmp_path)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if url:
        drop_database(url)


def test_of_twelve_guesses_at_the_same_moment_five_are_looked_at(app: Flask) -> None:
    Desk(app).account("linfang")

    def guess(number: int) -> bool:
        with app.app_context():
            try:
                signing_in.sign_in("linfang", "surely not", address=f"192.0.2.{number}", replacing=None)
            except signing_in.MustWait:
                return False
            return True

    with ThreadPoolExecutor(12) as pool:
        looked_at = list(pool.map(guess, range(12)))

    assert looked_at.count(True) == 5


def test_a_whole_day_from_the_first_password_to_the_way_out(app: Flask) -> None:
    desk = Desk(app)
    desk.account("linfang", Role.CLERK, Role.HEAD, sections=("zhongjiao", "chuyoujiao"), must_change=True)
    clerk = desk.account("chenyu")
    browser = desk.browser()

    browser.sign_in("linfang", PASSWORD)
    browser.post("/account/password", {"new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD})
    page = f"/admin/accounts/{clerk}"
    form = {
        "display_name": "陈宇",
        "roles": ["handler"],
        "sections": ["1", "2"],
        "version": desk.stored(clerk).version,
    }

    assert browser.post(page, form).status_code == 303
    assert desk.actor(clerk).roles == frozenset({Role.HANDLER})
    assert desk.actor(clerk).section_ids == frozenset({1, 2})
    assert browser.post(f"{page}/actions", {"action": "reset_password"}, form=page).status_code == 303
    assert "one-time-link" in browser.text(page)
    assert browser.get("/admin/accounts/changes").status_code == 200
    assert browser.post("/logout", form="/account").status_code == 303
    assert browser.get("/account").status_code == 303
