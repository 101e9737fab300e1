"""The second step: a code from the phone, for the roles the settings name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from accounts import totp
from accounts.vocabulary import Role
from core.clock import FixedClock
from tests.accounts.people import OTHER_PASSWORD, Desk

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT = datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC)
STEP = int(AT.timestamp()) // 30


@pytest.mark.parametrize(
    ("moment", "step"),
    [
        pytest.param(AT, STEP, id="the present code"),
        pytest.param(AT - timedelta(seconds=30), STEP - 1, id="the one before"),
        pytest.param(AT + timedelta(seconds=30), STEP + 1, id="a phone that is fast"),
        pytest.param(AT - timedelta(seconds=60), None, id="too old"),
        pytest.param(AT + timedelta(seconds=60), None, id="too early"),
    ],
)
def test_which_codes_are_good(moment: datetime, step: int | None) -> None:
    code = pyotp.TOTP(SECRET).at(moment)

    assert totp.matching_step(SECRET, code, AT, last_step=None) == step


def test_a_code_is_good_once_and_none_before_it_afterwards() -> None:
    code = pyotp.TOTP(SECRET).at(AT)

    assert totp.matching_step(SECRET, code, AT, last_step=STEP - 1) == STEP
    assert totp.matching_step(SECRET, code, AT, last_step=STEP) is None


@pytest.mark.parametrize("code", ["", "abcdef", "１２３４５６", "12345", "1234567", "❄" * 6])
def test_nonsense_is_no_code(code: str) -> None:
    assert totp.matching_step(SECRET, code, AT, last_step=None) is None


def test_blanks_between_the_figures_do_not_matter() -> None:
    code = pyotp.TOTP(SECRET).at(AT)

    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]} ", AT, last_step=None) == STEP


def test_an_admin_is_led_to_enrolment_and_nowhere_else_before_it(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    browser = desk.browser()
    browser.sign_in("chief")

    answer = browser.get("/admin/accounts")
    page = browser.text("/login/code")

    assert (answer.status_code, answer.location) == (303, "/login/code?next=/admin/accounts")
    assert 'src="data:image/svg+xml' in page
    assert "账号</a>" not in page  # no menu yet


def test_enrolment_opens_the_page_one_wanted_and_the_secret_is_kept_sealed(desk: Desk) -> None:
    chief = desk.account("chief", Role.ADMIN)
    browser = desk.browser()
    browser.sign_in("chief")
    secret = browser.secret()
    assert browser.secret() == secret  # showing the page again changes nothing

    answer = browser.post("/login/code?next=/admin/accounts", {"code": browser.code_of(secret)})

    assert answer.location == "/admin/accounts"
    sealed = desk.stored(chief).totp_secret_sealed
    assert sealed
    assert secret.encode() not in sealed
    assert "account.totp_enrolled" in desk.actions()


def test_the_next_sign_in_asks_for_the_code_and_shows_no_secret(desk: Desk, clock: FixedClock) -> None:
    desk.account("chief", Role.ADMIN)
    first = desk.browser()
    first.sign_in("chief")
    secret = first.enrol()
    clock.moment += timedelta(minutes=1)

    browser = desk.browser()
    browser.sign_in("chief")

    assert "data:image/svg+xml" not in browser.text("/login/code")
    assert browser.post("/login/code", {"code": browser.code_of(secret)}).status_code == 303
    assert browser.get("/admin/accounts").status_code == 200


def test_a_code_seen_over_the_shoulder_opens_no_second_session(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    first = desk.browser()
    first.sign_in("chief")
    secret = first.enrol()

    second = desk.browser()
    second.sign_in("chief")

    assert second.post("/login/code", {"code": second.code_of(secret)}).status_code == 422
    assert second.get("/admin/accounts").status_code == 303


def test_guessing_codes_ends_after_five_also_with_the_password_entered_again_in_between(
    desk: Desk, clock: FixedClock
) -> None:
    desk.account("chief", Role.ADMIN)
    first = desk.browser()
    first.sign_in("chief")
    secret = first.enrol()
    clock.moment += timedelta(minutes=1)
    attacker = desk.browser()
    wrong = "000000" if attacker.code_of(secret) != "000000" else "111111"

    statuses: list[int] = []
    for _ in range(6):
        if attacker.sign_in("chief", form="/login/code" if statuses else None).status_code == 303:
            statuses.append(attacker.post("/login/code", {"code": wrong}).status_code)

    assert statuses == [422] * 5
    assert attacker.sign_in("chief", form="/login/code").status_code == 429


def test_a_role_given_later_asks_for_the_code_at_the_next_page(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    clerk = desk.account("linfang")
    browser, admin = desk.signed_in("linfang"), desk.signed_in("chief")

    version = desk.stored(clerk).version
    admin.post(
        f"/admin/accounts/{clerk}",
        {"display_name": "linfang", "roles": ["clerk", "supervisor"], "sections": "1", "version": version},
    )

    assert browser.get("/account").location == "/login/code?next=/account"


def test_the_code_comes_before_a_forced_change_of_password(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN, must_change=True)
    browser = desk.browser()
    browser.sign_in("chief")
    assert browser.get("/account/password").location == "/login/code?next=/account/password"

    browser.enrol()

    assert browser.get("/admin/accounts").location == "/account/password?next=/admin/accounts"
    new = {"new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD}
    assert browser.post("/account/password", new).status_code == 303
    assert browser.get("/admin/accounts").status_code == 200


def test_a_lost_phone_is_forgotten_by_another_admin(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    second = desk.account("deputy", Role.ADMIN)
    desk.signed_in("deputy")
    admin, page = desk.signed_in("chief"), f"/admin/accounts/{second}"

    admin.post(f"{page}/actions", {"action": "reset_second_step"}, form=page)
    browser = desk.browser()
    browser.sign_in("deputy")

    assert "data:image/svg+xml" in browser.text("/login/code")
    assert "account.totp_reset" in desk.actions()
