"""What an assessor of 等级保护 may demand of passwords: off unless the office turns it on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from accounts import passwords
from core.db import db
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Desk
from tests.support.app import OFFICE, clock_of, make_app


@pytest.mark.parametrize(
    ("password", "kinds", "good"),
    [
        ("moss under the seventh lamp", 0, True),
        ("moss under the seventh lamp", 2, True),  # small letters and blanks
        ("moss under the seventh lamp", 3, False),
        ("Moss under the 7th lamp", 4, True),
        ("窗台上有三盆绿萝和旧雨伞", 1, True),
        ("窗台上有三盆绿萝和旧雨伞", 2, False),
    ],
)
def test_how_many_kinds_of_characters(password: str, kinds: int, good: bool) -> None:
    trouble = passwords.trouble_with(password, kinds=kinds)
    assert (trouble is None) is good
    if trouble:
        assert f"至少 {kinds} 类" in trouble


def test_an_office_that_has_to_asks_for_kinds_and_for_a_new_password_after_its_days(tmp_path: Path) -> None:
    text = OFFICE.read_text(encoding="utf-8")
    text = text.replace("password_kinds = 0", "password_kinds = 2").replace(
        "password_days = 0", "password_days = 90"
    )
    (tmp_path / "data").mkdir()
    app = make_app(tmp_path / "data", office=text)
    desk = Desk(app)
    desk.account("linfang", password=OTHER_PASSWORD)
    clock_of(app).moment += timedelta(days=89)
    assert desk.signed_in("linfang", OTHER_PASSWORD).get("/account").status_code == 200
    clock_of(app).moment += timedelta(days=2)
    browser = desk.signed_in("linfang", OTHER_PASSWORD)
    assert browser.get("/account").location.startswith("/account/password")
    again = {"new_password": PASSWORD, "repeat_password": PASSWORD}
    refused = browser.post("/account/password", again, form="/account/password")
    assert "至少 2 类" in refused.get_data(as_text=True)
    good = "A lamp over the 9 mossy steps"
    again = {"new_password": good, "repeat_password": good}
    browser.post("/account/password", again, form="/account/password")
    assert browser.get("/account").status_code == 200
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_without_the_setting_a_password_lasts_as_long_as_it_is_good(tmp_path: Path) -> None:
    app = make_app(tmp_path / "data")
    desk = Desk(app)
    desk.account("linfang")
    clock_of(app).moment += timedelta(days=4000)
    assert desk.signed_in("linfang").get("/account").status_code == 200
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
