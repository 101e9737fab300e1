"""The guard before every page, and the frame around it."""

from __future__ import annotations

import pytest
from flask import Flask

from accounts.access import access_table, allow, check_complete, roles
from accounts.current import NotSignedIn, current_actor, require_actor
from accounts.vocabulary import Role
from core.registry import Banner, MenuEntry, registry
from tests.accounts.people import Desk

OPEN_TO_ALL = {"static", "bootstrap.static", "accounts.login", "accounts.link"}


def add_page(app: Flask, endpoint: str, path: str) -> None:
    app.add_url_rule(path, endpoint, lambda: "the page")


def test_a_page_nobody_thought_about_is_refused_to_everybody_and_stops_the_start(desk: Desk) -> None:
    add_page(desk.app, "forgotten", "/forgotten")
    desk.account("chief", *Role)

    assert desk.signed_in("chief").get("/forgotten").status_code == 403
    assert desk.browser().get("/forgotten").status_code == 303
    with pytest.raises(RuntimeError, match="forgotten"):
        check_complete(desk.app)


def test_an_endpoint_is_entered_once(desk: Desk) -> None:
    with desk.app.app_context(), pytest.raises(RuntimeError, match="twice"):
        allow(desk.app, roles(Role.ADMIN), ["accounts.index"])


@pytest.mark.parametrize("role", list(Role))
def test_a_page_for_one_role_is_for_that_role(desk: Desk, role: Role) -> None:
    add_page(desk.app, "special", "/special")
    allow(desk.app, roles(Role.SUPERVISOR), ["special"])
    desk.account("somebody", role)

    assert desk.signed_in("somebody").get("/special").status_code == (200 if role is Role.SUPERVISOR else 403)


def test_every_page_of_the_accounts_without_a_session_leads_to_the_login(desk: Desk) -> None:
    adapter = desk.app.url_map.bind("localhost")
    for rule in desk.app.url_map.iter_rules():
        if not rule.endpoint.startswith("accounts.") or rule.endpoint in OPEN_TO_ALL:
            continue
        path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = desk.browser().client.open(path, method=method)
            assert answer.status_code == 303, (rule, method)
            assert answer.location.startswith("/login"), (rule, method)


def test_what_is_not_there_is_not_there_for_anybody(desk: Desk) -> None:
    assert desk.browser().get("/no-such-page").status_code == 404


def test_no_person_no_actor(desk: Desk) -> None:
    with desk.app.test_request_context("/account"):
        assert current_actor() is None
        with pytest.raises(NotSignedIn):
            require_actor()


def test_the_menu_shows_what_the_person_may_open_and_where_one_is(desk: Desk) -> None:
    add_page(desk.app, "special", "/special")
    allow(desk.app, roles(Role.SUPERVISOR), ["special"])
    registry(desk.app).menu.append(
        MenuEntry(label="特别", endpoint="special", position=1, visible=lambda _: True, badge=lambda _: 7)
    )
    registry(desk.app).banners.append(lambda actor: [Banner(level="error", text=f"{actor.username}请看")])
    desk.account("chief", Role.HEAD)
    desk.account("watch", Role.SUPERVISOR)

    head, supervisor = (
        desk.signed_in("chief").text("/admin/accounts/new"),
        desk.signed_in("watch").text("/account"),
    )

    assert 'href="/admin/accounts" aria-current="page"' in head
    assert "特别" not in head
    assert '<a href="/special">特别 <span class="count">7</span></a>' in supervisor
    assert "watch请看" in supervisor


def test_the_frame_names_the_person_and_offers_the_way_out(desk: Desk) -> None:
    desk.account("linfang", Role.CLERK, Role.HANDLER, name="林芳")

    page = desk.signed_in("linfang").text("/account")

    assert "林芳" in page
    assert "接听登记、经办人" in page
    assert 'action="/logout"' in page


def test_the_table_has_every_page_of_the_accounts(desk: Desk) -> None:
    with desk.app.app_context():
        table = access_table()
    public = {
        endpoint for endpoint, access in table.items() if access.public and endpoint.startswith("accounts.")
    }

    assert public == {"accounts.login", "accounts.link"}
