"""The State Council's notice is pasted, compared with what is there, saved; open deadlines follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from core.clock import FixedClock
from core.db import db
from tests.accounts.people import Browser
from tests.desk.conftest import app as desk_app
from tests.desk.conftest import clock, office
from tests.desk.office import Office, in_office, words_of
from tickets import registers
from tickets.calendar.notice import parse_notice, with_notice
from tickets.replay import verify_replay
from tickets.vocabulary import Action

__all__ = ["clock", "office"]

PAGE = "/admin/calendar"
NOTICE = """关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    for made in desk_app.__wrapped__(tmp_path):  # type: ignore[attr-defined]  # the fixture's own function
        with made.app_context():
            db.metadata.create_all(made.extensions["sqlalchemy"].engine)
        yield made


@pytest.fixture
def head(office: Office) -> Browser:
    return office.signed_in("wang")


def test_what_was_understood_stands_beside_what_is_there_and_nothing_is_saved(
    app: Flask, head: Browser
) -> None:
    answer = head.post("/admin/calendar", {"notice": NOTICE}, form=PAGE)
    words = words_of(answer.get_data(as_text=True))

    assert answer.status_code == 200
    assert "2027 年：读出的安排" in words
    assert "2027-02-14 周日 周日 调休上班 变动" in words
    with app.app_context():
        assert 2027 not in registers.working_calendar(db.session()).announced_years


def test_saving_announces_the_year_exactly_as_it_was_shown(app: Flask, head: Browser) -> None:
    with app.app_context():
        expected = with_notice(registers.working_calendar(db.session()), parse_notice(NOTICE))

    assert head.post("/admin/calendar/save", {"notice": NOTICE}, form=PAGE).status_code == 303
    with app.app_context():
        found = registers.working_calendar(db.session())
    assert found.announced_years == expected.announced_years
    for day in (date.fromordinal(date(2026, 1, 1).toordinal() + each) for each in range(900)):
        assert found.is_working_day(day) == expected.is_working_day(day), day


def test_open_deadlines_follow_and_the_history_replays(app: Flask, office: Office, clock: FixedClock) -> None:
    clock.moment = in_office("2027-01-27T09:00")
    number = office.assigned(to="li")
    answer = office.signed_in("wang").post("/admin/calendar/save", {"notice": NOTICE}, form=PAGE)
    assert answer.status_code == 303

    html = office.signed_in("li").get(f"/tickets/{number}").get_data(as_text=True)
    assert Action.RECOMPUTE.label in html
    with app.app_context():
        assert verify_replay(db.session()).ok


def test_a_contradiction_has_to_be_looked_at_first(app: Flask, head: Browser) -> None:
    wrong = NOTICE.replace("2月5日（周五）", "2月5日（周四）")
    refused = head.post("/admin/calendar/save", {"notice": wrong}, form=PAGE)
    assert refused.status_code == 422
    assert "请先核对" in words_of(refused.get_data(as_text=True))

    assert (
        head.post("/admin/calendar/save", {"notice": wrong, "looked_at": "y"}, form=PAGE).status_code == 303
    )


def test_text_that_is_no_notice_is_told_so(head: Browser) -> None:
    answer = head.post("/admin/calendar", {"notice": "今天天气很好"}, form=PAGE)
    assert answer.status_code == 422
    assert "没有找到年份" in words_of(answer.get_data(as_text=True))
    assert head.post("/admin/calendar", {"notice": ""}, form=PAGE).status_code == 422


@pytest.mark.parametrize(("username", "status"), [("guan", 200), ("wang", 200), ("li", 403), ("zhou", 403)])
def test_who_may_open_it(office: Office, username: str, status: int) -> None:
    assert office.signed_in(username).get("/admin/calendar").status_code == status


def test_from_november_on_the_head_is_asked_for_the_next_year(office: Office, clock: FixedClock) -> None:
    asks = "2027 年放假安排还没有录入"
    assert asks in office.signed_in("wang").get("/today").get_data(as_text=True)

    office.signed_in("wang").post("/admin/calendar/save", {"notice": NOTICE}, form=PAGE)
    assert asks not in office.signed_in("wang").get("/today").get_data(as_text=True)
    clock.moment = in_office("2026-10-30T09:00")
    assert asks not in office.signed_in("wang").get("/today").get_data(as_text=True)
