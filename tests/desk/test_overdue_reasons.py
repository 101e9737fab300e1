"""超期原因: asked for where the work is done, renewed, checked for leaks, shown wherever the case is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from core.clock import FixedClock
from tests.desk.office import NAME, Office, in_office, words_of
from tests.support.moments import MONDAY_MORNING

URL = "/overdue/reasons"
LATE = in_office("2026-12-14T10:00")


def said(number: str, **more: str) -> dict[str, str]:
    return {
        "number": number,
        "reason": "refund",
        "text": "退费名单核对中，已书面催办",
        "expected_on": "2026-12-18",
        **more,
    }


@pytest.fixture
def late(office: Office, clock: FixedClock) -> str:
    """A ticket of li's that is late since 12-08."""
    number = office.assigned(to="li")
    clock.moment = LATE
    return number


def test_it_is_asked_for_on_the_ticket_and_on_the_overdue_page(office: Office, late: str) -> None:
    li = office.signed_in("li")

    assert "未填原因，请先补，再答复" in words_of(li.text(f"/tickets/{late}"))
    page = words_of(li.text("/overdue"))
    assert "请填写超期原因" in page
    assert "有 1 件未填原因" in page


def test_before_the_first_day_over_nothing_is_asked(office: Office, clock: FixedClock) -> None:
    number = office.assigned(to="li")
    clock.moment = in_office("2026-12-07T23:00")

    assert "超期原因" not in words_of(office.signed_in("li").text(f"/tickets/{number}"))


def test_once_written_it_stands_on_both_pages_and_is_read_aloud(office: Office, late: str) -> None:
    li = office.signed_in("li")

    answer = li.post(URL, said(late), form="/overdue")

    assert answer.location.endswith("/overdue#reasons")
    page = words_of(li.text("/overdue"))
    assert "退费清退需时间：退费名单核对中，已书面催办 预计 2026-12-18 周五" in page
    assert "原因：退费清退需时间：退费名单核对中，已书面催办，预计 12月18日 办结" in page
    assert "未填原因" not in page
    ticket = words_of(li.text(f"/tickets/{late}"))
    assert (
        "退费清退需时间：退费名单核对中，已书面催办，预计 2026-12-18 周五 办结（李明，12月14日 10:00）"
        in ticket
    )


def test_from_the_ticket_one_comes_back_to_the_ticket(office: Office, late: str) -> None:
    li, page = office.signed_in("li"), f"/tickets/{late}"

    assert li.post(URL, said(late, beside="ticket"), form=page).location.endswith(page)
    refused = li.post(URL, said(late, beside="ticket", expected_on="昨天", text="名单核对中"), form=page)
    assert refused.status_code == 422
    assert "名单核对中" in refused.get_data(as_text=True)


def test_after_five_working_days_it_is_asked_for_again(office: Office, late: str, clock: FixedClock) -> None:
    li = office.signed_in("li")
    li.post(URL, said(late, expected_on="2026-12-31"), form="/overdue")
    clock.moment = in_office("2026-12-18T17:00")
    li = office.signed_in("li")
    before = words_of(li.text("/overdue"))
    clock.moment = in_office("2026-12-21T08:00")
    after = words_of(office.signed_in("li").text("/overdue"))

    assert "请更新" not in before
    assert "原因已满 5 个工作日，请更新" in after


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"expected_on": "2026-12-11"}, "预计办结日期要填今天或以后的"),
        ({"expected_on": ""}, "请填写这一项"),
        ({"reason": "other", "text": ""}, "请写明是什么原因"),
        ({"reason": "none of these"}, "不是"),
        ({"text": "三(2)班小明家的名单"}, "班级和"),
    ],
)
def test_what_is_refused_says_why_and_keeps_the_words(
    office: Office, late: str, more: dict[str, str], sentence: str
) -> None:
    answer = office.signed_in("li").post(URL, said(late, **more), form="/overdue")

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in words_of(page)
    assert (more.get("text") or "退费名单核对中") in page or "text" in more


def test_a_name_of_the_case_is_never_kept(office: Office, late: str) -> None:
    li = office.signed_in("li")
    li.post(URL, said(late, text=f"{NAME}家的名单还在核对，电话 13799991234"), form="/overdue")

    page = li.text("/overdue")
    assert "的名单还在核对" in page
    assert NAME not in page
    assert "13799991234" not in page


@pytest.mark.parametrize(
    ("who", "status"), [("li", 303), ("wang", 303), ("chen", 403), ("zhou", 403), ("xu", 404)]
)
def test_the_section_itself_writes_it(office: Office, late: str, who: str, status: int) -> None:
    assert office.signed_in(who).post(URL, said(late), form="/account").status_code == status


def test_a_case_that_is_not_late_needs_none(office: Office, clock: FixedClock) -> None:
    number = office.assigned(to="li")

    answer = office.signed_in("li").post(URL, said(number), form="/account")

    assert answer.status_code == 422
    assert "没有超期" in words_of(answer.get_data(as_text=True))


def test_three_cases_are_read_out_and_the_others_counted(
    app: Flask, office: Office, clock: FixedClock
) -> None:
    for place in range(5):
        office.ticket(f"第 {place} 次反映。", received_at=MONDAY_MORNING - timedelta(days=place))
    clock.moment = in_office("2026-12-01T10:00")

    page = words_of(office.signed_in("wang").text("/overdue"))

    assert "最长的一件受理超期 5 个工作日" in page
    assert "第三件" in page
    assert "其余 2 件见清单" in page
