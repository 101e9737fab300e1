"""How long a sign-in lives, how it is ended, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from accounts.models import Account, LoginSession
from accounts.vocabulary import Role
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Desk


@contextmanager
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    seen: list[str] = []

    def _note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", _note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", _note)


def seen_at(desk: Desk) -> list[object]:
    with desk.app.app_context():
        return list(db.session().scalars(sa.select(LoginSession.seen_at)).all())


def test_who_asks_costs_two_queries_however_many_roles_and_sections(desk: Desk) -> None:
    desk.account(
        "chief",
        *(role for role in Role if role not in {Role.ADMIN, Role.SUPERVISOR, Role.LEADER}),
        sections=("zhongjiao", "chuyoujiao"),
    )
    browser = desk.signed_in("chief")

    with queries(desk.app) as seen:
        answer = browser.get("/")

    assert answer.status_code == 303
    assert len(seen) == 2, seen


def test_a_session_ends_after_half_an_hour_without_a_sign_of_life(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")

    clock.moment += timedelta(minutes=29)
    assert browser.get("/account").status_code == 200
    clock.moment += timedelta(minutes=29)
    assert browser.get("/account").status_code == 200
    clock.moment += timedelta(minutes=30)
    assert browser.get("/account").status_code == 303


def test_a_session_ends_after_ten_hours_of_work(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")

    for _ in range(29):
        clock.moment += timedelta(minutes=20)
        assert browser.get("/account").status_code == 200
    clock.moment += timedelta(minutes=20)

    assert browser.get("/account").status_code == 303


def test_the_sign_of_life_is_noted_at_most_once_a_minute(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    begun = seen_at(desk)

    clock.moment += timedelta(seconds=59)
    browser.get("/account")
    assert seen_at(desk) == begun
    clock.moment += timedelta(seconds=1)
    browser.get("/account")
    assert seen_at(desk) == [clock.moment]


def test_no_page_waits_for_the_sign_of_life(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    clock.moment += timedelta(minutes=5)

    with queries(desk.app) as seen:
        answer = browser.client.get("/account")
        during = list(seen)
        answer.close()

    assert not [statement for statement in during if not statement.startswith("SELECT")]
    assert [statement.split()[0] for statement in seen[len(during) :]] == ["UPDATE"]


def test_a_sign_of_life_that_cannot_be_noted_spoils_nothing(desk: Desk, clock: FixedClock) -> None:
    desk.account("linfang")
    browser = desk.signed_in("linfang")
    clock.moment += timedelta(minutes=5)
    with desk.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON login_session BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )

    assert browser.get("/account").status_code == 200


def test_rights_taken_away_are_gone_at_the_next_page(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    head = desk.account("head", Role.HEAD, Role.CLERK)
    browser, admin = desk.signed_in("head"), desk.signed_in("chief")
    assert browser.get("/admin/accounts").status_code == 200

    page = f"/admin/accounts/{head}"
    version = desk.stored(head).version
    admin.post(page, {"display_name": "head", "roles": "clerk", "sections": "1", "version": version})

    assert browser.get("/admin/accounts").status_code == 403


def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    desk.account("chief", Role.ADMIN)
    clerk = desk.account("linfang")
    browser, admin = desk.signed_in("linfang"), desk.signed_in("chief")

    admin.post(f"/admin/accounts/{clerk}/actions", {"action": "disable"}, form=f"/admin/accounts/{clerk}")

    assert browser.get("/account").status_code == 303


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(desk: Desk) -> None:
    desk.account("linfang")
    here, elsewhere = desk.signed_in("linfang"), desk.signed_in("linfang")

    answer = here.post(
        "/account/password",
        {"old_password": PASSWORD, "new_password": OTHER_PASSWORD, "repeat_password": OTHER_PASSWORD},
    )

    assert answer.status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert desk.browser().sign_in("linfang", PASSWORD).status_code == 422
    assert desk.browser().sign_in("linfang", OTHER_PASSWORD).status_code == 303


def test_one_sees_and_ends_ones_own_sessions(desk: Desk) -> None:
    desk.account("linfang")
    here, elsewhere = desk.signed_in("linfang"), desk.signed_in("linfang")
    assert here.text("/account").count("退出这一处") == 1

    here.post("/account/sessions", form="/account")

    assert elsewhere.get("/account").status_code == 303
    assert "退出这一处" not in here.text("/account")


def test_nobody_ends_somebody_elses_session_by_its_number(desk: Desk) -> None:
    desk.account("linfang")
    desk.account("chenyu")
    mine, theirs = desk.signed_in("linfang"), desk.signed_in("chenyu")
    with desk.app.app_context():
        row = (
            db.session()
            .scalars(sa.select(LoginSession.token_hash).join(Account).where(Account.username == "chenyu"))
            .one()
        )

    mine.post("/account/sessions", {"session": row}, form="/account")

    assert theirs.get("/account").status_code == 200


def test_a_disabled_account_opens_nothing_even_if_its_session_was_left_standing(desk: Desk) -> None:
    clerk = desk.account("linfang")
    browser = desk.signed_in("linfang")
    with desk.app.app_context(), transaction() as session:
        session.get_one(Account, clerk).disabled_at = now()

    assert browser.get("/account").status_code == 303
