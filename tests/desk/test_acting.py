"""The buttons of a ticket's page: what is offered, what is refused and how, and two people at once."""

from __future__ import annotations

import pytest

from tests.accounts.people import Browser
from tests.desk.office import NAME, Office, words_of
from tickets.vocabulary import Action, Status


def act(office: Office, browser: Browser, number: str, action: str, version: str = "", **fields: str):  # type: ignore[no-untyped-def]  # the client's own answer
    data = {"action": action, "version": version or office.version(number), **fields}
    return browser.post(f"/tickets/{number}/actions", data, form="/tickets/new")


def test_a_button_does_what_it_says(office: Office) -> None:
    number = office.ticket()

    answer = act(office, office.signed_in("li"), number, "accept", handler="li")

    assert (answer.status_code, answer.location) == (303, f"/tickets/{number}")
    stored = office.stored(number)
    assert (stored.status, stored.handler_id) == (Status.ACCEPTED, office.actor("li").id)


def test_the_buttons_are_those_of_the_person_and_the_moment(office: Office) -> None:
    number = office.ticket()

    head, clerk = (words_of(office.signed_in(who).text(f"/tickets/{number}")) for who in ("wang", "chen"))

    assert "确认：受理" in head
    assert "确认：不予受理" in head
    assert "确认：当场答复办结" in clerk
    assert "确认：受理" not in clerk


def test_what_is_not_possible_says_why(office: Office) -> None:
    number = office.assigned(to="wang")
    office.act(
        number,
        Action.REPORT_DONE,
        by="wang",
        outcome="true",
        measures="已退费",
        evidence="收据",
        answer="已退",
    )

    page = words_of(office.signed_in("wang").text(f"/tickets/{number}"))

    assert "不能由您审核" in page


def test_a_rule_that_says_no_keeps_every_text(office: Office) -> None:
    number = office.assigned(to="li")
    texts = {"measures": "学校已停止收取，并退还全部费用。", "answer": "您反映的情况已经处理。"}

    answer = act(office, office.signed_in("li"), number, "report_done", outcome="true", **texts)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请填写“佐证材料”" in page
    assert all(text in page for text in texts.values())
    assert office.stored(number).status is Status.IN_PROGRESS


def test_who_comes_second_sees_both_texts(office: Office) -> None:
    number = office.assigned(to="li")
    seen = office.version(number)
    office.act(number, Action.CORRECT, by="wang", title="另收材料费", reason="标题太长")

    answer = act(
        office,
        office.signed_in("li"),
        number,
        "report_done",
        version=seen,
        outcome="true",
        measures="已退费",
        evidence="收据",
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert all(text in page for text in ("标题太长", "王建国", "已退费", "收据"))
    assert office.stored(number).status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("who", "status"), [("wang", 303), ("li", 403), ("chen", 403), ("xu", 404), ("ji", 403), ("guan", 403)]
)
def test_who_may_refuse_a_matter(office: Office, who: str, status: int) -> None:
    number = office.ticket()
    browser = office.signed_in(who)
    form = "/account"
    data = {
        "action": "refuse",
        "version": office.version(number),
        "why": "final_opinion",
        "reason": "已有复核意见。",
    }

    assert browser.post(f"/tickets/{number}/actions", data, form=form).status_code == status


@pytest.mark.parametrize("action", ["", "dance", "register", "recompute"])
def test_what_is_no_act_is_refused(office: Office, action: str) -> None:
    assert act(office, office.signed_in("wang"), office.ticket(), action).status_code == 422


def test_a_name_written_with_an_act_is_masked_in_the_history(office: Office) -> None:
    number = office.ticket()
    act(office, office.signed_in("wang"), number, "correct", title="收费", reason=f"{NAME}来电更正")

    page = office.signed_in("wang").text(f"/tickets/{number}")

    assert NAME not in page
    assert "来电更正" in page


def test_the_caller_of_a_split_off_matter_gets_a_number_of_his_own(office: Office) -> None:
    number = office.ticket("食堂不干净，课后服务也乱收费。")
    li = office.signed_in("li")

    answer = act(office, li, number, "split", matter="食堂不干净。", reason="两件事")

    said = words_of(li.text(answer.location))
    assert "拆出的新件是 ZJ20261123-0002" in said
    assert "receipt-code-1" in li.text("/tickets/ZJ20261123-0002")


def test_who_reviews_reads_what_was_done_and_what_is_to_be_said(office: Office) -> None:
    number = office.assigned(to="li")
    said = {"measures": "学校已停止收取，并退还全部费用。", "answer": "您反映的情况已经处理。"}
    office.act(number, Action.REPORT_DONE, by="li", outcome="true", evidence="收据", **said)

    page = words_of(office.signed_in("wang").text(f"/tickets/{number}"))

    assert "拟答复反映人的内容" in page
    assert all(text in page for text in said.values())


@pytest.mark.parametrize(("who", "chosen"), [("li", True), ("wang", False)])
def test_who_accepts_a_case_takes_it_unless_he_gives_cases_to_others(
    office: Office, who: str, chosen: bool
) -> None:
    number = office.ticket()

    page = office.signed_in(who).text(f"/tickets/{number}")

    assert (f'<option selected value="{who}">' in page) == chosen
