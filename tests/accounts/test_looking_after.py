"""The accounts pages: creating, changing, resetting, disabling, and what is told of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from accounts import verbs
from accounts.actor import SYSTEM
from accounts.models import Account, AccountRole, Section
from accounts.vocabulary import Role
from core.clock import FixedClock
from core.db import db, transaction
from core.errors import DomainError
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Browser, Desk


def link_on(browser: Browser, page: str) -> str:
    found = re.search(r'id="one-time-link">http://[^/]+(/login/link/[^<]+)<', browser.text(page))
    assert found, "no link is shown"
    return found[1]


NEW = {
    "display_name": "陈晓梅",
    "job_title": "干事",
    "username": "ChenXM",
    "roles": ["clerk", "handler"],
    "sections": ["1"],
}


def test_a_head_makes_an_account_and_the_person_sets_the_password(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)
    head = desk.signed_in("chief")

    page = head.post("/admin/accounts/new", NEW).location
    link = link_on(head, page)
    person = desk.browser()
    answer = person.post(link, {"new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD})

    assert (answer.status_code, answer.location) == (303, "/login")
    assert person.sign_in("chenxm", OTHER_PASSWORD).status_code == 303
    assert person.get("/account").status_code == 200
    assert "one-time-link" not in head.text(page)


def test_a_link_opens_once(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)
    head = desk.signed_in("chief")
    link = link_on(head, head.post("/admin/accounts/new", NEW).location)
    form = {"new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD}
    desk.browser().post(link, form)

    again = desk.browser().get(link)

    assert again.status_code == 404
    assert "不能用了" in again.get_data(as_text=True)


def test_a_link_dies_after_a_day_and_with_the_next_reset(desk: Desk, clock: FixedClock) -> None:
    clerk = desk.account("linfang")
    desk.account("chief", Role.HEAD)
    head, page = desk.signed_in("chief"), f"/admin/accounts/{clerk}"
    reset = {"action": "reset_password"}
    head.post(f"{page}/actions", reset, form=page)
    first = link_on(head, page)
    head.post(f"{page}/actions", reset, form=page)
    second = link_on(head, page)

    assert desk.browser().get(first).status_code == 404
    assert desk.browser().get(second).status_code == 200
    clock.moment += timedelta(days=1)
    assert desk.browser().get(second).status_code == 404


@pytest.mark.parametrize("code", ["1-x", "x", "1", "-", "99999999999-x", "²-x", "1-" + "a" * 500])
def test_a_made_up_link_opens_nothing(desk: Desk, code: str) -> None:
    desk.account("linfang", password=None)

    assert desk.browser().get(f"/login/link/{code}").status_code == 404


def test_a_reset_closes_the_account_until_the_link_is_used(desk: Desk) -> None:
    clerk = desk.account("linfang")
    desk.account("chief", Role.HEAD)
    person, head, page = desk.signed_in("linfang"), desk.signed_in("chief"), f"/admin/accounts/{clerk}"

    head.post(f"{page}/actions", {"action": "reset_password"}, form=page)

    assert person.get("/account").status_code == 303
    assert desk.browser().sign_in("linfang", PASSWORD).status_code == 422
    assert "account.password_reset" in desk.actions()


def test_every_role_given_and_taken_is_audited_and_told_to_the_leader(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    desk.account("boss", Role.LEADER)
    clerk = desk.account("linfang", Role.CLERK, name="林芳")
    admin, page = desk.signed_in("chief"), f"/admin/accounts/{clerk}"
    version = desk.stored(clerk).version

    admin.post(
        page, {"display_name": "林芳", "roles": ["handler", "head"], "sections": ["1"], "version": version}
    )

    done = [(action, actor, data["role"]) for action, actor, data in desk.audited() if "role_" in action]
    assert done[-3:] == [
        ("account.role_revoked", "chief", "clerk"),
        ("account.role_granted", "chief", "handler"),
        ("account.role_granted", "chief", "head"),
    ]
    leader = desk.signed_in("boss")
    assert "角色授予或收回" in leader.text("/account")
    assert "收回 接听登记" in leader.text("/admin/accounts/changes")


def test_who_gave_a_role_stands_beside_it(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)
    desk.signed_in("chief").post("/admin/accounts/new", NEW)

    with desk.app.app_context():
        rows = db.session().execute(
            sa.select(AccountRole.role, AccountRole.granted_by)
            .join(Account)
            .where(Account.username == "chenxm")
        )
        assert {tuple(row) for row in rows} == {(Role.CLERK, "chief"), (Role.HANDLER, "chief")}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"roles": ["clerk", "head"]}, id="a role above his people"),
        pytest.param({"roles": ["clerk", "admin"]}, id="admin"),
        pytest.param({"sections": ["2"]}, id="another section"),
        pytest.param({"sections": []}, id="no section"),
        pytest.param({"roles": []}, id="no role"),
    ],
)
def test_a_head_cannot_go_beyond_his_section_with_a_forged_form(
    desk: Desk, change: dict[str, list[str]]
) -> None:
    desk.account("chief", Role.HEAD)
    clerk = desk.account("linfang")
    head = desk.signed_in("chief")
    version = desk.stored(clerk).version

    edited = head.post(
        f"/admin/accounts/{clerk}",
        {"display_name": "linfang", "roles": ["clerk"], "sections": ["1"], "version": version, **change},
    )
    created = head.post("/admin/accounts/new", {**NEW, **change})

    assert (edited.status_code, created.status_code) == (422, 422)
    actor = desk.actor(clerk)
    assert (actor.roles, actor.section_ids) == (frozenset({Role.CLERK}), frozenset({1}))


@pytest.mark.parametrize(
    ("roles", "slugs", "sentence"),
    [
        pytest.param({Role.CLERK, Role.HEAD}, ["zhongjiao"], "股室负责人", id="a role"),
        pytest.param({Role.CLERK}, ["zhongjiao", "chuyoujiao"], "跨股室", id="a section"),
        pytest.param(set(), ["zhongjiao"], "至少保留一个角色", id="no role"),
    ],
)
def test_the_verb_itself_refuses_whatever_the_form_let_through(
    desk: Desk, roles: set[Role], slugs: list[str], sentence: str
) -> None:
    head, clerk = desk.actor(desk.account("chief", Role.HEAD)), desk.account("linfang")

    with desk.app.app_context(), pytest.raises(DomainError, match=sentence), transaction() as session:
        verbs.change_account(
            session,
            head,
            session.get_one(Account, clerk),
            display_name="linfang",
            job_title="",
            roles=roles,
            sections=session.scalars(sa.select(Section).where(Section.slug.in_(slugs))).all(),
        )

    assert desk.actor(clerk).roles == frozenset({Role.CLERK})


def test_fields_that_are_not_on_the_form_change_nothing(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)
    clerk = desk.account("linfang")
    before = desk.stored(clerk)
    everything = {column.key: "1" for column in sa.inspect(Account).columns if column.key not in {"version"}}

    desk.signed_in("chief").post(
        f"/admin/accounts/{clerk}",
        {**everything, "display_name": "林芳", "roles": "clerk", "sections": "1", "version": before.version},
    )

    after = desk.stored(clerk)
    assert after.display_name == "林芳"
    for column in (
        "id",
        "username",
        "password_hash",
        "must_change_password",
        "totp_secret_sealed",
        "data_key_id",
        "created_at",
        "disabled_at",
    ):
        assert getattr(after, column) == getattr(before, column)


def test_another_sections_account_is_not_there_for_a_head(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)
    stranger = desk.account("stranger", sections=("chuyoujiao",))
    head = desk.signed_in("chief")

    assert "stranger" not in head.text("/admin/accounts")
    assert head.get(f"/admin/accounts/{stranger}").status_code == 404
    assert head.get("/admin/accounts/4711").status_code == 404
    answer = head.post(
        f"/admin/accounts/{stranger}/actions", {"action": "reset_password"}, form="/admin/accounts/new"
    )
    assert answer.status_code == 404


def test_nobody_changes_the_own_account_here(desk: Desk) -> None:
    chief = desk.account("chief", Role.ADMIN)
    admin = desk.signed_in("chief")

    assert admin.get(f"/admin/accounts/{chief}").status_code == 404
    answer = admin.post(f"/admin/accounts/{chief}/actions", {"action": "disable"}, form="/admin/accounts/new")
    assert answer.status_code == 404


def test_two_admins_saving_the_same_account_do_not_overwrite_each_other(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    clerk = desk.account("linfang")
    admin, page = desk.signed_in("chief"), f"/admin/accounts/{clerk}"
    seen = desk.stored(clerk).version
    first = {"display_name": "linfang", "roles": ["handler"], "sections": ["1"], "version": seen}

    assert admin.post(page, first).status_code == 303
    second = admin.post(page, {**first, "roles": ["clerk"]})

    assert second.status_code == 409
    assert "刚才有人改过" in second.get_data(as_text=True)
    assert desk.actor(clerk).roles == {Role.HANDLER}


def test_the_last_admin_stays(desk: Desk) -> None:

    chief = desk.account("chief", Role.ADMIN)
    with desk.app.app_context(), pytest.raises(DomainError, match="最后一个"), transaction() as session:
        verbs.disable(session, SYSTEM, session.get_one(Account, chief))


@pytest.mark.parametrize("role", [Role.CLERK, Role.HANDLER, Role.LEADER, Role.SUPERVISOR])
def test_other_roles_see_no_accounts(desk: Desk, role: Role) -> None:
    desk.account("somebody", role)
    browser = desk.signed_in("somebody")

    assert browser.get("/admin/accounts").status_code == 403
    assert browser.get("/admin/accounts/new").status_code == 403
    assert 'href="/admin/accounts"' not in browser.text("/account")


def test_texts_stay_when_an_account_is_refused(desk: Desk) -> None:
    desk.account("chief", Role.HEAD)

    answer = desk.signed_in("chief").post("/admin/accounts/new", {**NEW, "username": "chief"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "已经有人使用" in page
    assert "陈晓梅" in page


def test_a_first_password_has_to_be_changed_before_anything_else(desk: Desk) -> None:
    desk.account("linfang", must_change=True)
    browser = desk.browser()
    browser.sign_in("linfang")

    assert browser.get("/").location == "/account/password"
    same = browser.post("/account/password", {"new_password": PASSWORD, "repeat_password": PASSWORD})
    weak = browser.post(
        "/account/password", {"new_password": "password1234", "repeat_password": "password1234"}
    )
    unequal = browser.post("/account/password", {"new_password": OTHER_PASSWORD, "repeat_password": PASSWORD})
    assert [same.status_code, weak.status_code, unequal.status_code] == [422, 422, 422]
    good = browser.post(
        "/account/password", {"new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD}
    )
    assert good.status_code == 303
    assert browser.get("/account").status_code == 200


def test_the_list_costs_the_same_queries_for_two_accounts_and_for_twenty(desk: Desk) -> None:
    from tests.accounts.test_sessions import queries

    desk.account("chief", Role.HEAD)
    head = desk.signed_in("chief")
    counts = []
    for start in (0, 10):
        for number in range(start, start + 10):
            desk.account(f"clerk{number}")
        head.get("/account")  # the frame's own figures are kept from page to page
        with queries(desk.app) as seen:
            head.get("/admin/accounts")
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 6
