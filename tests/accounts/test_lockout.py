"""Guessing passwords: five wrong tries for a name, thirty from an address, within a quarter of an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.lockout import network_of, waits_until
from accounts.vocabulary import Role
from core.clock import FixedClock
from tests.accounts.people import PASSWORD, Browser, Desk
from tests.support.moments import MONDAY_MORNING

WRONG = "surely not this one"


def minutes(*ago: int) -> list[datetime]:
    return [MONDAY_MORNING - timedelta(minutes=each) for each in ago]


@pytest.mark.parametrize(
    ("tries", "until"),
    [
        pytest.param([], None, id="no try"),
        pytest.param(minutes(0, 1, 2, 3), None, id="four"),
        pytest.param(minutes(0, 1, 2, 3, 15), minutes(-15)[0], id="five within a quarter of an hour"),
        pytest.param(minutes(0, 1, 2, 3, 16), None, id="five in more than a quarter of an hour"),
        pytest.param(minutes(14, 14, 14, 14, 14), minutes(-1)[0], id="nearly over"),
    ],
)
def test_how_long_a_name_waits(tries: list[datetime], until: datetime | None) -> None:
    assert waits_until(tries, 5) == until


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_address(address: str | None, counted_as: str) -> None:
    assert network_of(address) == counted_as


@pytest.mark.parametrize("username", ["linfang", "nobody-of-that-name"])
def test_after_five_wrong_tries_a_name_waits_whether_it_exists_or_not(desk: Desk, username: str) -> None:
    desk.account("linfang")
    browser = desk.browser()

    statuses = [browser.sign_in(username, WRONG).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]
    assert "登录未成功" in browser.sign_in(username, WRONG).get_data(as_text=True)


def test_the_right_password_has_to_wait_too_for_a_quarter_of_an_hour(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.browser()
    for _ in range(5):
        browser.sign_in("linfang", WRONG)

    assert browser.sign_in("linfang").status_code == 429
    clock.moment += timedelta(minutes=14, seconds=59)
    assert browser.sign_in("linfang").status_code == 429
    clock.moment += timedelta(seconds=1)
    assert browser.sign_in("linfang").status_code == 303


def test_trying_during_the_wait_does_not_prolong_it(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.browser()
    for _ in range(5):
        browser.sign_in("linfang", WRONG)
    for _ in range(3):
        clock.moment += timedelta(minutes=5)
        last = browser.sign_in("linfang").status_code

    assert last == 303


def test_a_successful_sign_in_forgives_the_wrong_tries(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.browser()
    for _ in range(2):
        for _ in range(4):
            browser.sign_in("linfang", WRONG)
        assert desk.browser().sign_in("linfang").status_code == 303


def test_somebody_elses_wait_is_not_mine(desk: Desk) -> None:
    desk.account("linfang")
    desk.account("chenyu")
    for _ in range(6):
        desk.browser().sign_in("linfang", WRONG)

    assert desk.browser().sign_in("chenyu").status_code == 303


def test_thirty_wrong_tries_from_one_address_close_it_for_every_name_and_no_other_address(desk: Desk) -> None:
    desk.account("linfang")
    attacker = Browser(desk.app, address="198.51.100.9")

    statuses = [attacker.sign_in(f"guess{number}", WRONG).status_code for number in range(31)]

    assert statuses == [422] * 30 + [429]
    assert attacker.sign_in("linfang").status_code == 429
    assert desk.browser().sign_in("linfang").status_code == 303


def test_a_head_ends_the_wait_of_the_own_people(desk: Desk) -> None:
    clerk = desk.account("linfang")
    desk.account("chief", Role.HEAD)
    for _ in range(5):
        desk.browser().sign_in("linfang", WRONG)
    head = desk.signed_in("chief")
    page = f"/admin/accounts/{clerk}"
    assert "暂停登录" in head.text("/admin/accounts")

    head.post(f"{page}/actions", {"action": "unlock"}, form=page)

    assert desk.browser().sign_in("linfang", PASSWORD).status_code == 303
    assert ("account.unlocked", "chief", {"tries": 5}) in desk.audited()


def test_wrong_old_passwords_count_like_wrong_tries(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    new = {"new_password": "moss under the seventh lamp", "repeat_password": "moss under the seventh lamp"}

    statuses = [
        browser.post("/account/password", {"old_password": WRONG, **new}).status_code for _ in range(6)
    ]

    assert statuses == [422] * 5 + [429]
