"""The list: what each person sees, what the address asks for, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from core.clock import FixedClock
from tests.accounts.people import Browser
from tests.desk.office import Office, count_queries, words_of
from tickets.vocabulary import Action, CallerKind, Channel

NUMBER = re.compile(r"\b(?:ZJ|CY)\d{8}-\d{4,}\b")


def numbers(page: str) -> list[str]:
    """The numbers of the rows, top to bottom."""
    return list(dict.fromkeys(NUMBER.findall(page.split("<main", 1)[1])))


def test_the_newest_comes_first_with_all_that_a_row_says(office: Office, chen: Browser) -> None:
    first = office.ticket("初二课后服务另收材料费。", school_text="云岭一中", category="B2")
    second = office.ticket("有学生说不想活了。")

    page = chen.text("/tickets")

    assert numbers(page) == [second, first]
    said = words_of(page)
    for words in (
        "初二课后服务另收材料费",
        "云岭一中",
        "擅自增项/捆绑收费",
        "待受理",
        "还剩 3 个工作日",
        "等股室受理",
        "Y1 生命安全或侵害",
    ):
        assert words in said


def test_another_sections_tickets_are_not_there(office: Office, chen: Browser) -> None:
    other = office.ticket("幼儿园收费。", section="chuyoujiao")

    assert other not in chen.text("/tickets?view=all")
    assert chen.get(f"/tickets/{other}").status_code == 404


def test_a_teachers_complaint_is_seen_by_head_and_leader_only(office: Office) -> None:
    secret = office.ticket("校长多拿补贴。", caller_kind=CallerKind.TEACHER)

    seen = {who: secret in office.signed_in(who).text("/tickets") for who in ("chen", "li", "wang", "zhou")}

    assert seen == {"chen": False, "li": False, "wang": True, "zhou": True}


def test_the_views(office: Office, clock: FixedClock) -> None:
    closed = office.ticket("课后服务几点结束？", category="I1")
    office.act(closed, Action.ANSWER_NOW, by="li", answer="五点半。")
    mine = office.assigned("收费没有公示。", to="li")
    clock.moment += timedelta(days=7)
    waiting = office.ticket("延长时间。")
    li = office.signed_in("li")

    assert numbers(li.text("/tickets")) == [waiting, mine]
    assert numbers(li.text("/tickets?view=mine")) == [mine]
    assert numbers(li.text("/tickets?view=all")) == [waiting, mine, closed]
    assert numbers(li.text("/tickets?view=overdue")) == []
    clock.moment += timedelta(days=30)
    assert numbers(office.signed_in("li").text("/tickets?view=overdue")) == [waiting, mine]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=材料", True),
        ("q=食堂", False),
        ("status=pending", True),
        ("status=closed", False),
        ("status=nonsense", True),
        ("category=B2", True),
        ("category=B", True),
        ("category=C", False),
        ("school=云岭", True),
        ("school=清源", False),
        ("section=zhongjiao", True),
        ("section=chuyoujiao", False),
        ("q=材料&school=云岭&category=B2&view=all", True),
        ("q=材料&school=清源", False),
    ],
)
def test_the_filters(office: Office, chen: Browser, query: str, found: bool) -> None:
    number = office.ticket("另收材料费。", school_text="云岭一中", category="B2")

    assert numbers(chen.text(f"/tickets?{query}")) == ([number] if found else [])


def test_what_was_filtered_stays_in_the_fields_and_in_the_links(office: Office, chen: Browser) -> None:
    page = chen.text("/tickets?q=材料&status=pending")

    assert 'value="材料"' in page
    assert "q=%E6%9D%90%E6%96%99" in page  # the tabs keep it


def test_fifty_a_page_and_no_ticket_twice_or_never(office: Office, chen: Browser) -> None:
    made = [office.ticket(f"第 {place} 次反映收费。") for place in range(53)]

    first = chen.text("/tickets")
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older
    second = chen.text(older[1].replace("&amp;", "&"))

    assert numbers(first) + numbers(second) == made[::-1]
    assert 'rel="next"' not in second


def test_the_search_leads_to_the_ticket_or_to_all_that_hold_the_words(chen: Browser) -> None:
    assert chen.get("/search?q=zj20261123-0001").location == "/tickets/ZJ20261123-0001"
    assert chen.get("/search?q=材料").location == "/tickets?view=all&q=%E6%9D%90%E6%96%99"


def test_the_menu_counts_what_waits_and_what_is_late(office: Office, clock: FixedClock) -> None:
    office.ticket()
    office.ticket("幼儿园收费。", section="chuyoujiao")
    clock.moment += timedelta(days=10)

    page = words_of(office.signed_in("chen").text("/tickets/new"))

    assert "诉求件 1" in page
    assert "超期 1" in page


def test_a_list_of_forty_asks_no_more_than_a_list_of_one(app: Flask, office: Office, chen: Browser) -> None:
    office.ticket()
    chen.get("/tickets")
    with count_queries(app) as one:
        chen.get("/tickets")
    for place in range(39):
        office.ticket(f"第 {place} 次反映。", channel=Channel.VISIT)
    chen.get("/tickets")
    with count_queries(app) as forty:
        chen.get("/tickets")

    assert len(one) == len(forty) <= 8


@pytest.mark.parametrize(("who", "status"), [("chen", 200), ("zhou", 200), ("ji", 403), ("guan", 403)])
def test_who_may_see_lists(office: Office, who: str, status: int) -> None:
    assert office.signed_in(who).get("/tickets").status_code == status
