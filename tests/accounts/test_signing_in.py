"""Signing in and out, and what a page answers to somebody who is not signed in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.current import safe_path
from accounts.vocabulary import Role
from core.clock import FixedClock
from core.db import db
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Desk
from tests.support.app import make_app

REFUSED = "登录未成功。用户名或密码有误"


def test_the_right_password_opens_the_day(desk: Desk) -> None:
    desk.account("linfang", Role.HANDLER)
    browser = desk.browser()

    answer = browser.sign_in("linfang")

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("linfang", "not this one, surely", id="wrong password"),
        pytest.param("nobody", PASSWORD, id="absent account"),
        pytest.param("gone", PASSWORD, id="disabled account"),
        pytest.param("fresh", "!" * 12, id="account that waits for its link"),
        pytest.param("'; drop table account; --", PASSWORD, id="something else"),
    ],
)
def test_every_refusal_reads_the_same(desk: Desk, username: str, password: str) -> None:
    desk.account("linfang", Role.HANDLER)
    desk.account("fresh", Role.CLERK, password=None)
    gone = desk.account("gone", Role.CLERK)
    desk.account("chief", Role.ADMIN)
    desk.signed_in("chief").post(
        f"/admin/accounts/{gone}/actions", {"action": "disable"}, form=f"/admin/accounts/{gone}"
    )

    answer = desk.browser().sign_in(username, password)

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert REFUSED in page
    assert "停用" not in page
    assert password not in page


def test_a_name_is_the_same_in_capitals_and_full_width(desk: Desk) -> None:
    desk.account("LinFang", Role.HANDLER)

    assert desk.browser().sign_in(" ｌｉｎＦＡＮＧ ").status_code == 303


def test_signing_in_again_gives_a_new_token_and_ends_the_old_session(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    planted = browser.client.get_cookie("session")
    assert planted is not None

    browser.sign_in("linfang", form="/account")
    thief = desk.browser()
    thief.client.set_cookie("session", planted.value)

    assert thief.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_cookie_from_before_signing_out_opens_nothing(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    kept = browser.client.get_cookie("session")
    assert kept is not None

    answer = browser.post("/logout", form="/account")
    browser.client.set_cookie("session", kept.value)

    assert (answer.status_code, answer.location) == (303, "/login")
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert browser.get("/account").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    desk.account("linfang")

    cookie = desk.browser().sign_in("linfang").headers["Set-Cookie"]

    assert cookie.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # plain http on this machine: the browser would not send it back


def test_the_database_holds_no_token(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    with browser.client.session_transaction() as cookie:
        token = cookie["token"]

    settings = desk.app.extensions["settings"]
    stored = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())

    assert len(token) >= 43  # 256 bits
    assert stored
    assert token.encode() not in stored


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/account", "/login?next=/account"),
        ("/admin/accounts?after=3", "/login?next=/admin/accounts?after%3D3"),
        ("/", "/login"),
    ],
)
def test_a_page_sends_to_the_login_and_remembers_where_one_wanted_to_go(
    desk: Desk, path: str, target: str
) -> None:
    answer = desk.browser().get(path)

    assert (answer.status_code, answer.location) == (303, target)


def test_after_the_login_one_is_where_one_wanted_to_go(desk: Desk) -> None:
    desk.account("linfang")

    answer = desk.browser().sign_in("linfang", path="/login?next=/account")

    assert answer.location == "/account"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Accept": "application/json"}, id="asks for JSON"),
        pytest.param({"Sec-Fetch-Mode": "cors"}, id="fetch"),
        pytest.param({"X-Requested-With": "XMLHttpRequest"}, id="XMLHttpRequest"),
    ],
)
def test_a_program_is_told_401(desk: Desk, headers: dict[str, str]) -> None:
    answer = desk.browser().get("/account", headers=headers)

    assert answer.status_code == 401
    assert answer.is_json


def test_a_browser_that_navigates_is_a_person(desk: Desk) -> None:
    headers = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    assert desk.browser().get("/account", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/", "evil",
     "/%0d%0aX: 1\r\nY: 2", "/a\tb", "///evil.example", "/ /evil", "javascript:alert(1)", "", None, "/\x00", "/" + "a" * 3000],
)  # fmt: skip
def test_next_leads_nowhere_else(target: str | None) -> None:
    assert safe_path(target) is None


@pytest.mark.parametrize("target", ["/", "/tickets?q=食堂&view=open", "/tickets/ZJ20261123-0007", "/a//b"])
def test_next_leads_to_our_own_pages(target: str) -> None:
    assert safe_path(target) == target


def test_a_hostile_next_is_dropped_after_the_login(desk: Desk) -> None:
    desk.account("linfang")

    answer = desk.browser().sign_in("linfang", path="/login?next=//evil.example/x")

    assert answer.location == "/"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.CLERK, "/today"),
        (Role.HANDLER, "/today"),
        (Role.HEAD, "/today"),
        (Role.LEADER, "/today"),
        (Role.SUPERVISOR, "/overdue"),
        (Role.ADMIN, "/admin/accounts"),
    ],
)
def test_the_day_begins_where_the_work_is(desk: Desk, role: Role, home: str) -> None:
    desk.account("somebody", role)

    answer = desk.signed_in("somebody").get("/")

    assert (answer.status_code, answer.location) == (303, home)


def test_a_form_without_its_token_is_refused(desk: Desk) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")

    answer = browser.client.post("/account/password", data={"new_password": OTHER_PASSWORD})

    assert answer.status_code == 400
    assert OTHER_PASSWORD not in answer.get_data(as_text=True)


def test_login_needs_a_token_too(desk: Desk) -> None:
    desk.account("linfang")

    answer = desk.browser().client.post("/login", data={"username": "linfang", "password": PASSWORD})

    assert answer.status_code == 400


def test_texts_typed_before_the_session_ended_come_back_and_can_be_sent_after_signing_in(
    desk: Desk, clock: FixedClock
) -> None:
    chief = desk.account("chief", Role.HEAD, Role.HANDLER)
    browser = desk.signed_in("chief")
    token = browser.token("/account")
    typed = {
        "csrf_token": token,
        "display_name": "陈晓梅，刚从湖头借调来",
        "roles": "clerk",
        "username": "chenxm",
        "sections": "1",
    }
    clock.moment += timedelta(minutes=31)

    kept = browser.client.post("/admin/accounts/new", data=typed)
    page = kept.get_data(as_text=True)
    browser.sign_in("chief")
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert fresh
    sent = browser.client.post("/admin/accounts/new", data={**typed, "csrf_token": fresh[1]})

    assert chief
    assert kept.status_code == 401
    assert "陈晓梅，刚从湖头借调来" in page
    assert sent.status_code == 303


def test_another_sites_form_never_comes_back_as_one_that_waits_for_a_click(
    desk: Desk, clock: FixedClock
) -> None:
    desk.account("chief", Role.HEAD)
    browser = desk.signed_in("chief")
    clock.moment += timedelta(minutes=31)

    answer = browser.client.post(
        "/admin/accounts/new", data={"display_name": "a name of somebody else's choice"}
    )

    assert answer.status_code == 303


def test_somebody_else_at_the_same_computer_gets_new_form_tokens(desk: Desk) -> None:
    desk.account("linfang")
    desk.account("chenyu")
    browser = desk.signed_in("linfang")
    old = browser.token("/account")
    browser.sign_in("chenyu", form="/account")

    answer = browser.client.post("/account/sessions", data={"csrf_token": old})

    assert answer.status_code == 400


def test_who_failed_to_sign_in_is_not_written_down(desk: Desk) -> None:
    desk.browser().sign_in("wo-de-mima-shi-zhege", "typed into the wrong box")

    entries = [entry for entry in desk.audited() if entry[0] == "login.failed"]
    assert len(entries) == 1
    assert "mima" not in repr(entries)


def test_over_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    app = make_app(tmp_path, HOTLINE_BASE_URL="https://hotline.example.gov.cn")
    Desk(app).account("linfang")

    cookie = Desk(app).browser().get("/login").headers["Set-Cookie"]

    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
