"""Who is away names a deputy with dates; what a disabled account leaves behind comes to the head's workbench."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import Account
from accounts.vocabulary import Role
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.desk.conftest import app as desk_app
from tests.desk.office import Office, words_of
from tests.workbench.test_workbench import DONE, page, to_do
from tickets.handling import loading
from tickets.models import NoticeAddress
from tickets.vocabulary import Action

AWAY = "/account/away"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    for made in desk_app.__wrapped__(tmp_path):  # type: ignore[attr-defined]  # the fixture's own function
        with made.app_context():
            db.metadata.create_all(made.extensions["sqlalchemy"].engine)
        yield made


def account_of(app: Flask, username: str) -> int:
    with app.app_context():
        return db.session().execute(sa.select(Account.id).where(Account.username == username)).scalar_one()


def principals(office: Office, username: str) -> list[str]:
    actor = office.actor(username)
    with office.app.app_context():
        return [each.username for each in loading.principals_of(db.session(), actor)]


def named(app: Flask, deputy: str, first: str = "2026-11-24", last: str = "2026-11-27") -> dict[str, str]:
    return {"deputy": str(account_of(app, deputy)), "from_day": first, "until_day": last}


def test_a_deputy_stands_in_from_the_first_day_to_the_last(
    app: Flask, office: Office, clock: FixedClock
) -> None:
    assert office.signed_in("wang").post(AWAY, named(app, "li")).status_code == 303

    found = []
    for _ in range(6):
        found.append(principals(office, "li"))
        clock.moment += timedelta(days=1)
    assert found == [[], ["wang"], ["wang"], ["wang"], ["wang"], []]


def test_whoever_comes_back_early_ends_it(app: Flask, office: Office) -> None:
    wang = office.signed_in("wang")
    wang.post(AWAY, named(app, "li", first="2026-11-23"))
    assert principals(office, "li") == ["wang"]
    assert "提前结束" in wang.get(AWAY).get_data(as_text=True)

    assert office.signed_in("lin").post(f"{AWAY}/end", {"delegation": "1"}, form=AWAY).status_code == 404
    assert wang.post(f"{AWAY}/end", {"delegation": "1"}, form=AWAY).status_code == 303
    assert principals(office, "li") == []


def test_the_deputy_reviews_what_the_head_would_have_and_not_his_own(app: Flask, office: Office) -> None:
    office.signed_in("wang").post(AWAY, named(app, "lin", first="2026-11-23"))
    number = office.assigned(to="li")
    office.act(number, Action.REPORT_DONE, by="li", **DONE)
    assert to_do(page(office, "lin")) == {number: "代王建国：审核"}
    office.act(number, Action.APPROVE, by="lin")
    assert office.stored(number).status.value == "pending_callback"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"until_day": "2026-11-20"}, "结束日期不能早于开始日期"),
        ({"from_day": "2026-11-01", "until_day": "2026-11-20"}, "结束日期已经过了"),
        ({"until_day": "2027-05-01"}, "最长 60 天"),
        ({"deputy": "999"}, "请选一位能代办的同事"),
        ({"until_day": ""}, "请填写这一项"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    app: Flask, office: Office, changes: dict[str, str], sentence: str
) -> None:
    answer = office.signed_in("wang").post(AWAY, {**named(app, "li"), **changes})
    assert answer.status_code == 422
    assert sentence in words_of(answer.get_data(as_text=True))


def test_the_reminders_address_is_ones_own(app: Flask, office: Office) -> None:
    li = office.signed_in("li")
    assert li.post("/account/reminders", {"mail": "not an address"}, form=AWAY).status_code == 422
    assert li.post("/account/reminders", {"mail": "li@example.com"}, form=AWAY).status_code == 303
    with app.app_context():
        assert [row.mail for row in db.session().scalars(sa.select(NoticeAddress))] == ["li@example.com"]
    li.post("/account/reminders", {"mail": ""}, form=AWAY)
    with app.app_context():
        assert not db.session().scalars(sa.select(NoticeAddress)).all()


def test_what_a_disabled_account_leaves_behind_comes_to_the_head(app: Flask, office: Office) -> None:
    number = office.assigned(to="li")
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Account).where(Account.username == "li").values(disabled_at=now()))

    assert to_do(page(office, "wang")) == {number: "改派经办人（原经办人已停用）"}


def test_all_open_work_goes_to_a_colleague_at_once(app: Flask, office: Office) -> None:
    numbers = [office.assigned(to="li"), office.assigned(to="li")]
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Account).where(Account.username == "li").values(disabled_at=now()))
    wang = office.signed_in("wang")
    assert "账号已停用" in wang.get("/hand-over").get_data(as_text=True)

    fields = {"giver": str(account_of(app, "li")), "taker": str(account_of(app, "lin")), "reason": "调离"}
    assert wang.post("/hand-over", fields).status_code == 303
    assert {office.stored(number).handler_id for number in numbers} == {account_of(app, "lin")}
    assert wang.post("/hand-over", fields).status_code == 422


def test_what_changed_hands_stands_on_a_sheet_to_be_signed(app: Flask, office: Office) -> None:
    numbers = [office.assigned("晚自习收费没有公示。", to="li"), office.assigned(to="li")]
    wang = office.signed_in("wang")
    fields = {"giver": str(account_of(app, "li")), "taker": str(account_of(app, "lin")), "reason": "调离"}
    answer = wang.post("/hand-over", fields)
    assert answer.location == "/hand-over/1"
    sheet = words_of(wang.text("/hand-over/1"))
    assert all(number in sheet for number in numbers)
    assert all(
        word in sheet
        for word in ("工作交接单", "李明", "林芳", "调离", "晚自习收费没有公示", "办理中", "2026-12-07")
    )
    office.act(numbers[0], Action.CORRECT, by="wang", title="另一个标题", reason="更正")
    assert "晚自习收费没有公示" in words_of(wang.text("/hand-over/1")), (
        "the sheet says what stood there that day"
    )
    assert "/hand-over/1" in wang.text("/hand-over")
    office.desk.account("qiu", Role.HEAD, sections=("chuyoujiao",), name="邱")
    assert office.signed_in("qiu").get("/hand-over/1").status_code == 404


def test_who_cannot_handle_is_given_nothing(app: Flask, office: Office) -> None:
    number = office.assigned(to="li")
    fields = {"giver": str(account_of(app, "li")), "taker": str(account_of(app, "xu")), "reason": "调离"}
    wang = office.signed_in("wang")
    assert wang.post("/hand-over", fields).status_code == 303
    assert "没有可以承办的人员" in wang.get("/hand-over").get_data(as_text=True)
    assert office.stored(number).handler_id == account_of(app, "li")
