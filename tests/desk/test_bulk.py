"""Several tickets at once: each by its own rules, what could not be done is told plainly, nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.accounts.people import Browser
from tests.desk.office import Office, words_of
from tests.workbench.test_workbench import DONE
from tickets.vocabulary import Action, Secrecy, Status

BULK = "/tickets/bulk"


def do(office: Office, browser: Browser, act: str, *numbers: str, **more: str) -> TestResponse:
    """Presses a button below the chosen tickets, as the page of a moment ago showed them."""
    versions = {f"version-{number}": more.pop(number, office.version(number)) for number in numbers}
    data = {"act": act, "number": list(numbers), "listed": list(numbers), **versions, **more}
    return browser.post(BULK, data, form="/tickets/new")


def reviewable(office: Office, to: str = "li", **more: Any) -> str:
    number = office.assigned(to=to, **more)
    office.act(number, Action.REPORT_DONE, by=to, **DONE)
    return number


def test_the_list_leads_to_a_page_that_shows_what_is_to_be_approved(office: Office) -> None:
    number, other = reviewable(office), office.ticket()
    wang = office.signed_in("wang")
    listed = wang.text("/tickets")
    assert f'form="bulk" name="number" value="{number}"' in listed
    page = wang.text(f"{BULK}?number={number}&number={other}")
    assert DONE["answer"] in page
    assert re.findall(r'name="act" value="(\w+)"', page) == ["accept", "approve", "assign"], (
        "of two only one could be merged"
    )


def test_the_head_approves_several_at_once(office: Office) -> None:
    numbers = [reviewable(office), reviewable(office)]
    answer = do(office, office.signed_in("wang"), "approve", *numbers)
    assert answer.status_code == 303
    assert {office.stored(number).status for number in numbers} == {Status.PENDING_CALLBACK}


def test_the_own_work_is_left_and_the_rest_is_done(office: Office) -> None:
    own, other = reviewable(office, to="wang"), reviewable(office)
    answer = do(office, office.signed_in("wang"), "approve", own, other)
    page = words_of(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "审核通过：已办 1 件，1 件没有办" in page
    assert "不能由您审核" in page
    assert office.stored(own).status is Status.PENDING_REVIEW
    assert office.stored(other).status is Status.PENDING_CALLBACK


def test_what_somebody_else_has_saved_meanwhile_is_named_row_by_row(office: Office) -> None:
    one, other = reviewable(office), reviewable(office)
    seen = office.version(one)
    office.act(one, Action.SEND_BACK, by="zhou", reason="缺凭证")
    answer = do(office, office.signed_in("wang"), "approve", one, other, reason="都看过了", **{one: seen})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "周局在" in page
    assert "退回补办" in page
    assert "都看过了" in page, "what was typed is still there"
    assert office.stored(one).status is Status.IN_PROGRESS
    assert office.stored(other).status is Status.PENDING_CALLBACK


def test_accepting_and_naming_who_handles_them(office: Office) -> None:
    numbers = [office.ticket(), office.ticket()]
    wang = office.signed_in("wang")
    assert do(office, wang, "accept", *numbers, handler="li").status_code == 303
    assert {office.stored(number).status for number in numbers} == {Status.ACCEPTED}
    refused = do(office, wang, "assign", *numbers)
    assert refused.status_code == 422
    assert "请填写“经办人”" in refused.get_data(as_text=True)
    assert do(office, wang, "assign", *numbers, handler="lin").status_code == 303
    assert {office.stored(number).handler_id for number in numbers} == {office.actor("lin").id}


def test_a_handler_takes_several_for_himself_and_none_for_others(office: Office) -> None:
    numbers = [office.ticket(), office.ticket()]
    li = office.signed_in("li")
    assert '<option selected value="li">' in li.text(f"{BULK}?number={numbers[0]}")
    assert do(office, li, "accept", *numbers, handler="lin").status_code == 422
    assert do(office, li, "accept", *numbers, handler="li").status_code == 303


def test_what_is_not_ones_own_is_not_there(office: Office) -> None:
    theirs = office.ticket(section="chuyoujiao")
    hidden = office.ticket(secrecy=Secrecy.RESTRICTED)
    li = office.signed_in("li")
    assert li.get(f"{BULK}?number={theirs}&number={hidden}").status_code == 404
    mine = office.ticket()
    page = do(office, li, "accept", theirs, mine, handler="li").get_data(as_text=True)
    assert theirs not in page
    assert office.stored(theirs).status is Status.PENDING
    assert office.stored(mine).status is Status.ACCEPTED


def test_nothing_chosen_and_nonsense_are_told_plainly(office: Office) -> None:
    number = office.ticket()
    wang = office.signed_in("wang")
    assert "勾选" in wang.text(BULK)
    assert do(office, wang, "accept").status_code == 422
    assert do(office, wang, "void", number).status_code == 422
    assert office.signed_in("chen").get(BULK).status_code == 403


def test_letters_that_nobody_can_send_are_named(office: Office) -> None:
    number = reviewable(office)
    wang = office.signed_in("wang")
    do(office, wang, "approve", number)
    assert f"告知反映人后登记：{number}" in words_of(wang.text("/tickets"))
