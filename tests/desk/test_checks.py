"""抽查: a tenth of what was answered at once, drawn by lot, looked at by somebody who did not answer it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.clock import FixedClock
from tests.accounts.people import Browser
from tests.desk.office import Office, in_office, words_of
from tickets.spot_checks import wanted_of
from tickets.vocabulary import Action

URL = "/checks"


def answered(office: Office, how_many: int, *, by: str = "li") -> list[str]:
    numbers = [
        office.ticket(f"请问第 {place} 项课后服务怎么报名？", category="I1") for place in range(how_many)
    ]
    for number in numbers:
        office.act(number, Action.ANSWER_NOW, by=by, answer="已当场答复：向班主任报名。")
    return numbers


def drawn(page: str) -> list[str]:
    return re.findall(r'name="check" value="(\d+)"', page)


def draw(browser: Browser, month: str = "2026-11") -> int:
    return browser.post(URL, {"month": month}, form=URL).status_code


@pytest.mark.parametrize(("answers", "wanted"), [(0, 0), (1, 1), (10, 1), (11, 2), (200, 20)])
def test_a_tenth_and_at_least_one(answers: int, wanted: int) -> None:
    assert wanted_of(answers) == wanted


def test_what_is_drawn_is_looked_at_and_the_result_stays(office: Office) -> None:
    answered(office, 11)
    office.ticket("这一件还在办。")
    wang = office.signed_in("wang")

    assert draw(wang) == 303
    first, second = drawn(wang.text(URL))
    right = {"check": first, "month": "2026-11", "result": "right"}
    wrong = {"check": second, "month": "2026-11", "result": "wrong"}
    assert wang.post(f"{URL}/result", right, form=URL).status_code == 303
    assert "请写明问题" in words_of(wang.post(f"{URL}/result", wrong, form=URL).get_data(as_text=True))
    assert wang.post(f"{URL}/result", {**wrong, "note": "口径过期"}, form=URL).status_code == 303

    page = words_of(wang.text(URL))
    assert "中教股 11 2 2 1 1" in page
    assert "口径过期" in page
    assert "已经由王建国核对" in words_of(wang.post(f"{URL}/result", right, form=URL).get_data(as_text=True))


def test_drawing_twice_draws_nothing_more(office: Office) -> None:
    answered(office, 10)
    wang = office.signed_in("wang")
    draw(wang)

    assert draw(wang) == 422
    assert len(drawn(wang.text(URL))) == 1


def test_nobody_checks_the_own_answer(office: Office) -> None:
    office.desk.account("gao", Role.HEAD, Role.HANDLER, name="高主任")
    answered(office, 1, by="gao")
    gao, wang = office.signed_in("gao"), office.signed_in("wang")
    draw(gao)
    (check,) = drawn(wang.text(URL))
    right = {"check": check, "month": "2026-11", "result": "right"}

    assert "您本人答复的，请别人核对" in words_of(gao.text(URL))
    assert gao.post(f"{URL}/result", right, form="/account").status_code == 422
    assert wang.post(f"{URL}/result", right, form=URL).status_code == 303


def test_each_month_has_its_own(office: Office, clock: FixedClock) -> None:
    answered(office, 1)
    clock.moment = in_office("2026-12-02T09:00")
    wang = office.signed_in("wang")

    assert "这个月没有当场答复的件" in words_of(wang.text(URL))
    assert draw(wang, "2026-12") == 422
    assert draw(wang, "2026-11") == 303
    assert drawn(wang.text(f"{URL}?month=2026-11"))
    assert wang.get(f"{URL}?month=nonsense").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("wang", 200), ("zhou", 200), ("li", 403), ("ji", 403)])
def test_heads_and_leaders_check(app: Flask, office: Office, who: str, status: int) -> None:
    assert office.signed_in(who).get(URL).status_code == status
