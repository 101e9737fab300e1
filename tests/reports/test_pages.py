"""The pages of bulletins and supervision: who sees what, and what a demand goes through until it is met."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.db import db
from reports import freezing, periods
from reports.contents import BulletinKind
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.desk.office import NAME, Office, in_office, words_of
from tests.support.app import clock_of, make_app
from tickets.vocabulary import CallerKind

NOVEMBER = periods.parse(BulletinKind.MONTHLY, "2026-11")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "data")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def desk(app: Flask) -> Office:
    """Handler li and head wang of 中教股, leader zhou, handler xu of the other section, supervisor ji, clerk chen."""
    people = People(app)
    people.account("chen", Role.CLERK, name="陈小燕")
    people.account("li", Role.HANDLER, name="李明")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    people.account("xu", Role.HANDLER, Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    people.account("guan", Role.ADMIN, sections=(), name="管理员")
    return Office(app, people)


def at(app: Flask, text: str) -> None:
    clock_of(app).moment = in_office(text)


def frozen(app: Flask) -> int:
    at(app, "2026-12-01T00:40")
    with app.app_context():
        found = freezing.freeze(NOVEMBER).id
    at(app, "2026-12-01T09:00")
    return found


ORDER = {
    "kind": "yellow",
    "received_by": "paper",
    "issuer": "县纪委监委党风室",
    "paper_number": "×纪提〔2026〕5号",
    "issued_on": "2026-12-09",
    "due_on": "2026-12-16",
    "demand": "就该件办理情况作书面说明。",
}


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        ("ji", "/reports", 200),
        ("wang", "/reports", 200),
        ("zhou", "/reports", 200),
        ("li", "/reports", 403),
        ("chen", "/reports", 403),
        ("guan", "/reports", 403),
        ("li", "/supervision", 200),
        ("ji", "/supervision", 200),
        ("chen", "/supervision", 403),
        ("guan", "/supervision", 403),
        ("ji", "/supervision/audit", 200),
        ("wang", "/supervision/audit", 200),
        ("zhou", "/supervision/audit", 403),
        ("li", "/supervision/orders/new", 403),
        ("ji", "/supervision/orders/new", 200),
        ("ji", "/supervision/statistics?channel=nonsense&state=x&since=never&after=y", 200),
        ("ji", "/reports/99", 404),
    ],
)
def test_who_may_open_what(desk: Office, who: str, path: str, code: int) -> None:
    assert desk.signed_in(who).get(path).status_code == code


def test_a_bulletin_is_read_downloaded_and_handed_over(app: Flask, desk: Office) -> None:
    desk.ticket()
    report = frozen(app)
    wang, ji = desk.signed_in("wang"), desk.signed_in("ji")

    page = words_of(ji.text(f"/reports/{report}"))
    assert "ZB-2026-11" in page
    assert "期末在办 1 件" in page
    assert "登记送达" not in page

    answer = ji.get(f"/reports/{report}/files/xlsx")
    assert answer.status_code == 200
    assert ("report.downloaded", "ji") in [(action, who) for action, who, _ in desk.desk.audited()]

    fields = {"recipient": "县纪委监委", "how": "paper", "at": "2026-12-01T08:50", "signed_by": "刘××"}
    assert wang.post(f"/reports/{report}/deliveries", fields, form=f"/reports/{report}").status_code == 303
    assert "刘××签收" in words_of(wang.text(f"/reports/{report}"))
    late = wang.post(
        f"/reports/{report}/deliveries", {**fields, "at": "2026-12-24T08:50"}, form=f"/reports/{report}"
    )
    assert late.status_code == 422
    assert "不能晚于现在" in late.get_data(as_text=True)


def test_a_correction_is_made_on_the_page_and_both_issues_point_to_each_other(
    app: Flask, desk: Office
) -> None:
    report = frozen(app)
    zhou = desk.signed_in("zhou")
    answer = zhou.post(f"/reports/{report}/correction", {"reason": "学校登记有误"}, form=f"/reports/{report}")
    assert answer.status_code == 303
    assert "更正 ZB-2026-11" in words_of(zhou.text(answer.location))
    assert "ZB-2026-11-2" in words_of(zhou.text(f"/reports/{report}"))


def test_a_demand_on_paper_is_recorded_answered_returned_answered_and_accepted(
    app: Flask, desk: Office
) -> None:
    number = desk.assigned(to="li")
    at(app, "2026-12-09T10:00")
    wang, li = desk.signed_in("wang"), desk.signed_in("li")
    scan = (io.BytesIO(b"%PDF-1.4 scanned"), "提示.pdf")
    answer = wang.post("/supervision/orders/new", {**ORDER, "tickets": number, "scan": scan})
    assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
    order = answer.location

    assert "×纪提〔2026〕5号" in words_of(li.text("/supervision"))
    said = {"version": "1", "reason": "名单核对较慢", "measures": "16 日前退清，责任人李明"}
    assert li.post(f"{order}/answer", said, form=order).status_code == 303
    page = words_of(li.text(order))
    assert "时间线" in page
    assert number in page
    assert "办理时限原定" in page

    assert "审核书面说明" not in page
    back = {"version": "2", "verdict": "return", "note": "请补退费凭证份数"}
    assert wang.post(f"{order}/verdict", back, form=order).status_code == 303
    assert li.post(f"{order}/answer", {**said, "version": "3"}, form=order).status_code == 303
    assert wang.post(f"{order}/verdict", {"version": "4", "verdict": "accept"}, form=order).status_code == 303
    assert "已采纳，办结" in words_of(wang.text(order))
    assert wang.client.get(f"{order}/scan").data == b"%PDF-1.4 scanned"

    at(app, "2026-12-20T09:00")
    with app.app_context():
        cut = periods.draft_cut(periods.parse(BulletinKind.MONTHLY, "2026-12"), clock_of(app).moment)
        found = freezing.draft(cut)
    assert found.pressing == (("工作提示（黄牌）：已采纳，办结", 1),)
    table = next(t for c in found.chapters for p in c.passages for t in p.tables if t.name == "督办")
    assert table.rows[0][0] == "×纪提〔2026〕5号"


def test_order_and_answer_are_printed_with_the_deadlines_and_the_three_parts(
    app: Flask, desk: Office
) -> None:
    number = desk.assigned("王老师在三班点名。", to="li")
    at(app, "2026-12-14T10:00")
    wang, li = desk.signed_in("wang"), desk.signed_in("li")
    order = wang.post("/supervision/orders/new", {**ORDER, "tickets": number}).location
    paper = words_of(wang.text(f"{order}/paper"))
    assert "督办单" in paper
    assert "未开单" in paper
    assert "超期" in paper
    blank = words_of(li.text(f"{order}/answer"))
    assert "还没有提交" in blank
    said = {"version": "1", "reason": "名单核对较慢", "measures": "16 日前退清，责任人李明"}
    li.post(f"{order}/answer", said, form=order)
    answer = words_of(li.text(f"{order}/answer"))
    for words in (
        "基本情况和时间线",
        "未按期办理的原因",
        "整改措施和责任人",
        "名单核对较慢",
        "县纪委监委党风室",
    ):
        assert words in answer
    for word in (NAME, "三班", "王老师"):
        assert word not in paper + blank + answer
    assert "supervision.printed" in desk.desk.actions()
    assert desk.signed_in("xu").get(f"{order}/paper").status_code == 404


def test_a_supervisor_issues_and_judges_himself_and_the_answerer_never(app: Flask, desk: Office) -> None:
    number = desk.assigned(to="li")
    at(app, "2026-12-09T10:00")
    ji, wang = desk.signed_in("ji"), desk.signed_in("wang")
    answer = ji.post("/supervision/orders/new", {**ORDER, "received_by": "system", "tickets": number})
    assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
    order = answer.location
    said = {"version": "1", "reason": "名单核对较慢", "measures": "16 日前退清，责任人李明"}
    assert wang.post(f"{order}/answer", said, form=order).status_code == 303
    verdict = {"version": "2", "verdict": "accept"}
    assert wang.post(f"{order}/verdict", verdict, form="/account").status_code == 403
    assert ji.post(f"{order}/verdict", verdict, form=order).status_code == 303


def test_the_other_section_does_not_know_of_an_order(app: Flask, desk: Office) -> None:
    number = desk.assigned(to="li")
    at(app, "2026-12-09T10:00")
    order = desk.signed_in("wang").post("/supervision/orders/new", {**ORDER, "tickets": number}).location
    xu = desk.signed_in("xu")
    assert xu.get(order).status_code == 404
    wrong = xu.post("/supervision/orders/new", {**ORDER, "tickets": number})
    assert "没有编号是" in words_of(wrong.get_data(as_text=True))


def test_an_office_s_own_order_is_not_the_supervisor_s_business(app: Flask, desk: Office) -> None:
    number = desk.assigned(to="li")
    at(app, "2026-12-09T10:00")
    own = {**ORDER, "kind": "internal", "received_by": "system", "tickets": number}
    order = desk.signed_in("zhou").post("/supervision/orders/new", own).location
    ji = desk.signed_in("ji")
    assert ji.get(order).status_code == 404
    assert "督办单" not in words_of(ji.text("/supervision?all=1"))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("demand", "", "请填写这一项"),
        ("issued_on", "2027-01-01", "来文日期不能晚于今天"),
        ("due_on", "2026-12-01", "不能早于来文日期"),
        ("section", "", "请选承办股室"),
        ("received_by", "system", "请按来的方式登记"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    app: Flask, desk: Office, field: str, value: str, sentence: str
) -> None:
    at(app, "2026-12-09T10:00")
    given = {**ORDER, "section": "zhongjiao", field: value}
    answer = desk.signed_in("wang").post("/supervision/orders/new", given)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in words_of(page)
    assert "×纪提〔2026〕5号" in page


def test_a_scan_is_known_by_its_bytes(app: Flask, desk: Office) -> None:
    at(app, "2026-12-09T10:00")
    scan = (io.BytesIO(b"<html><script>alert(1)</script>"), "提示.pdf")
    answer = desk.signed_in("wang").post(
        "/supervision/orders/new", {**ORDER, "section": "zhongjiao", "scan": scan}
    )
    assert "要是 PDF、JPG 或 PNG" in words_of(answer.get_data(as_text=True))


def test_a_section_says_why_a_case_is_late_and_the_supervisor_reads_it(app: Flask, desk: Office) -> None:
    number = desk.assigned(to="li")
    at(app, "2026-12-14T10:00")
    said = {"number": number, "reason": "refund", "text": "名单还在核对", "expected_on": "2026-12-18"}
    assert desk.signed_in("li").post("/overdue/reasons", said, form="/overdue").status_code == 303

    page = words_of(desk.signed_in("ji").text(f"/supervision/cases/{number}"))

    assert "退费清退需时间，名单还在核对；预计 2026-12-18 周五 办结" in page


def test_a_supervisor_finds_the_case_by_its_released_facts_and_nothing_else(app: Flask, desk: Office) -> None:
    number = desk.assigned("王老师在三班点名。", to="li")
    secret = desk.ticket("我是学校的老师，反映补贴没发。", caller_kind=CallerKind.TEACHER)
    at(app, "2026-12-14T10:00")
    ji = desk.signed_in("ji")

    page = words_of(ji.text("/supervision/statistics?state=overdue"))
    assert number in page
    case = words_of(ji.text(f"/supervision/cases/{number}"))

    for word in (NAME, "三班", "点名", "王老师"):
        assert word not in page + case
    assert "摘要待确认" in case
    assert "原定期限" in case
    assert "（限制知悉）" in words_of(ji.text(f"/supervision/cases/{secret}"))
    assert "supervision.case_opened" in desk.desk.actions()
    assert desk.signed_in("li").get(f"/supervision/cases/{secret}").status_code == 404


def test_the_audit_page_shows_who_looked_at_it_too(desk: Office) -> None:
    ji: Browser = desk.signed_in("ji")
    ji.text("/supervision/audit")
    page = words_of(ji.text("/supervision/audit?act=audit.read"))
    assert "audit.read" in page
    assert "accounts." not in page
