"""A day at the workbench: what to do now, what becomes due, what waits for whom; counts that are links."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.clock import FixedClock
from tests.desk.office import Office, count_queries, in_office, words_of
from tickets.vocabulary import Action

DONE = {
    "outcome": "true",
    "measures": "已责成学校退还材料费。",
    "evidence": "退费签领表",
    "answer": "经核查，您反映的情况属实，已责成学校退还。",
}


def page(office: Office, username: str) -> str:
    answer = office.signed_in(username).get("/today")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def to_do(html: str) -> dict[str, str]:
    """Number and what is to be done, of the first table."""
    found = re.findall(
        r'data-label="要办什么"[^>]*><strong>([^<]+)</strong>.*?/tickets/([A-Z0-9-]+)"', html, re.S
    )
    return {number: what for what, number in found}


def test_a_new_case_is_everybodys_to_take_on_who_handles(office: Office) -> None:
    number = office.ticket()

    assert to_do(page(office, "li")) == {number: "受理"}
    assert to_do(page(office, "wang")) == {number: "受理"}
    assert to_do(page(office, "chen")) == {}
    assert number not in page(office, "xu")


def test_what_is_mine_is_mine_to_handle_and_waits_for_nobody_else(office: Office) -> None:
    number = office.assigned(to="li")

    assert to_do(page(office, "li")) == {number: "办理"}
    assert to_do(page(office, "lin")) == {}


def test_after_the_report_the_head_reviews_and_the_handler_waits(office: Office) -> None:
    number = office.assigned(to="li")
    office.act(number, Action.REPORT_DONE, by="li", **DONE)

    assert to_do(page(office, "wang")) == {number: "审核"}
    handler = page(office, "li")
    assert to_do(handler) == {}
    assert "我承办、等别人" in handler
    assert "等负责人审核" in handler


def test_where_the_head_has_handled_it_himself_the_leader_reviews(office: Office) -> None:
    office.desk.account("gao", Role.HEAD, Role.HANDLER, name="高主任")
    number = office.assigned(to="gao")
    office.act(number, Action.REPORT_DONE, by="gao", **DONE)

    assert to_do(page(office, "gao")) == {}
    assert to_do(page(office, "wang")) == {number: "审核"}
    assert to_do(page(office, "zhou")) == {}


def test_an_extension_asked_for_waits_for_the_head(office: Office) -> None:
    number = office.assigned(to="li")
    office.act(number, Action.EXTEND, by="li", days="3", reason="名单核对需要时间")
    assert to_do(page(office, "wang")) == {number: "审批“延期”"}

    office.act(number, Action.EXTEND, by="wang")
    assert to_do(page(office, "wang")) == {}


def test_the_call_back_is_for_who_has_not_handled_it(office: Office) -> None:
    number = office.assigned(to="li")
    office.act(number, Action.REPORT_DONE, by="li", **DONE)
    office.act(number, Action.APPROVE, by="wang")
    assert to_do(page(office, "li")) == {number: "告知反映人答复"}

    office.act(number, Action.ANSWERED, by="li", how="phone", reason="已念给反映人")
    assert to_do(page(office, "chen")) == {number: "回访"}
    assert to_do(page(office, "li")) == {}


def test_what_is_late_and_not_mine_is_seen_as_becoming_due(office: Office, clock: FixedClock) -> None:
    number = office.assigned(to="li")
    clock.moment += timedelta(days=21)
    html = page(office, "lin")

    assert "快到期、已超期，等别人" in html
    assert number in html
    assert "超期" in words_of(html)


def test_the_most_pressing_comes_first(office: Office, clock: FixedClock) -> None:
    calm = office.ticket()
    alarming = office.ticket("孩子说不想活了，要跳楼。")

    assert list(to_do(page(office, "li"))) == [alarming, calm]


@pytest.mark.parametrize("username", ["chen", "li", "wang", "zhou"])
def test_every_count_is_that_of_the_list_behind_its_link(office: Office, username: str) -> None:
    office.ticket()
    office.assigned(to="li")
    office.act(office.assigned(to="li"), Action.REPORT_DONE, by="li", **DONE)
    browser = office.signed_in(username)
    html = browser.get("/today").get_data(as_text=True)

    figures = re.findall(r'<li><a href="(/tickets[^"]*)"[^>]*><span class="figures-count">(\d+)</span>', html)
    assert len(figures) >= 4
    for url, count in figures:
        listed = browser.get(url.replace("&amp;", "&")).get_data(as_text=True)
        assert len(set(re.findall(r'href="/tickets/([A-Z]{2}\d{8}-\d+)"', listed))) == int(count), url


@pytest.mark.parametrize(
    ("username", "words"),
    [("chen", "没有要您回访的"), ("li", "没有要您办的"), ("wang", "没有要您办的"), ("zhou", "没有要您批的")],
)
def test_an_empty_day_says_what_will_appear(office: Office, username: str, words: str) -> None:
    assert words in page(office, username)


def test_a_worked_saturday_is_announced(office: Office, clock: FixedClock) -> None:
    assert "调休" not in page(office, "li")

    clock.moment = in_office("2026-10-10T09:00")
    assert "今天10月10日（周六）是调休上班日" in page(office, "li")

    clock.moment = in_office("2026-10-05T09:00")
    assert "今天10月5日（周一）放假" in page(office, "li")


def test_that_an_alarm_would_reach_nobody_is_said(office: Office) -> None:
    assert "没有设值班联系人" in page(office, "li")


def test_many_questions_are_not_asked(app: Flask, office: Office) -> None:
    for _ in range(12):
        office.assigned(to="li")
    browser = office.signed_in("li")
    browser.get("/today")
    with count_queries(app) as sent:
        browser.get("/today")

    assert len(sent) <= 12, "\n".join(sent)


def test_what_no_head_has_looked_at_for_a_working_day_moves_up_to_the_leader(
    office: Office, clock: FixedClock
) -> None:
    number = office.assigned(to="li")
    office.act(number, Action.REPORT_DONE, by="li", **DONE)

    clock.moment = in_office("2026-11-24T18:00")
    assert to_do(page(office, "zhou")) == {}
    clock.moment = in_office("2026-11-25T08:00")
    assert to_do(page(office, "zhou")) == {number: "审核（股室负责人超过 1 个工作日未看）"}
    assert to_do(page(office, "wang")) == {number: "审核"}
    assert to_do(page(office, "zhou")) == {}  # now he has looked
