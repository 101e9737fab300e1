"""One screen to answer a call from above: five kinds apart, each with its unit, and whom it waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from core.clock import FixedClock
from core.db import transaction
from tests.desk.office import Office, count_queries, in_office, words_of
from tickets.models import Ticket
from tickets.vocabulary import Action, CallerKind


def test_nothing_is_overdue_before_its_day_has_ended(office: Office, clock: FixedClock) -> None:
    number = office.ticket()
    clock.moment = in_office("2026-11-26T23:59:59")

    before = words_of(office.signed_in("wang").text("/overdue"))
    clock.moment = in_office("2026-11-27T00:00:00")
    after = words_of(office.signed_in("wang").text("/overdue"))

    assert number not in before
    assert "今天到期 1 件" in before
    assert number in after
    assert "其中超期 1 件：受理超期 1" in after
    assert "1 个工作日" in after


def test_the_kinds_are_told_apart_and_the_law_counts_natural_days(office: Office, clock: FixedClock) -> None:
    office.ticket()
    handled = office.assigned("收费没有公示。", to="li")
    clock.moment = in_office("2026-12-14T10:00")

    page = words_of(office.signed_in("wang").text("/overdue"))

    assert "在办 2 件，其中超期 2 件：受理超期 1、办理超期 2、法定期限超期 2" in page
    assert "6 日（自然日）" in page
    assert "等李明办理" in page
    assert handled in page


def test_original_and_present_date_stand_side_by_side(office: Office, clock: FixedClock) -> None:
    number = office.assigned(to="li")
    office.act(number, Action.EXTEND, by="li", days="2", reason="多部门核查")
    office.act(number, Action.EXTEND, by="wang")
    clock.moment = in_office("2026-12-14T10:00")

    page = words_of(office.signed_in("wang").text("/overdue"))

    assert "原定 2026-12-07 周一，现行 2026-12-09 周三" in page


def test_each_sees_his_own_sections(office: Office, clock: FixedClock) -> None:
    here, there = office.ticket(), office.ticket("幼儿园收费。", section="chuyoujiao")
    clock.moment += timedelta(days=10)

    pages = {who: office.signed_in(who).text("/overdue") for who in ("wang", "xu", "zhou", "ji")}
    seen = {who: (here in page, there in page) for who, page in pages.items()}

    assert seen == {"wang": (True, False), "xu": (False, True), "zhou": (True, True), "ji": (True, True)}


def test_the_supervisor_reads_what_was_released_or_the_category(
    app: Flask, office: Office, clock: FixedClock
) -> None:
    released = office.ticket("张三的孩子被多收材料费。", category="B2")
    office.ticket("李四家的孩子没有上课。", category="D1", school_text="李四念的学校")
    secret = office.ticket("校长多拿补贴。", caller_kind=CallerKind.TEACHER, school_text="云岭一中")
    with app.app_context(), transaction() as session:
        ticket = session.get_one(Ticket, office.stored(released).id)
        ticket.released_text, ticket.released_at = "据反映，某校另收材料费。", clock.now()
    clock.moment += timedelta(days=10)

    page = words_of(office.signed_in("ji").text("/overdue"))

    assert "据反映，某校另收材料费。" in page
    assert "摘要待确认" in page
    assert secret in page
    for hidden in ("张三", "李四", "校长多拿", "云岭一中"):
        assert hidden not in page


def test_the_page_asks_as_often_for_one_as_for_forty(app: Flask, office: Office, clock: FixedClock) -> None:
    office.ticket()
    clock.moment += timedelta(days=10)
    wang = office.signed_in("wang")
    wang.get("/overdue")
    with count_queries(app) as one:
        wang.get("/overdue")
    for place in range(39):
        office.ticket(f"第 {place} 次反映。", received_at=in_office("2026-11-20T09:00"))
    wang.get("/overdue")  # the figures of the menu are worked out anew after somebody has saved
    with count_queries(app) as forty:
        wang.get("/overdue")

    assert len(one) == len(forty) <= 8


@pytest.mark.parametrize(("who", "status"), [("chen", 200), ("zhou", 200), ("ji", 200), ("guan", 403)])
def test_who_may_see_what_is_overdue(office: Office, who: str, status: int) -> None:
    assert office.signed_in(who).get("/overdue").status_code == status
