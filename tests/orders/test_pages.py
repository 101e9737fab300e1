"""The pages and papers of orders: who sees them, what they say no to, what they never show."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, transaction
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.desk.office import Office, count_queries, words_of
from tests.life.support import life_app
from tests.orders.support import CHILD, DUE, NAME, PHONE, SAID, SCHOOL, SUMMARY, add_schools
from tickets.identity import Person
from tickets.models import School
from tickets.orders.texts import DEMANDS
from tickets.vocabulary import Action, CallerKind

DRAFT = {"school": SCHOOL, "text": SUMMARY, "requirement": DEMANDS, "due": DUE}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    app = life_app(tmp_path)
    with app.app_context():
        add_schools()
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("chen", Role.CLERK, name="陈小燕")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    people.account("xu", Role.HANDLER, Role.CLERK, Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    people.account("guan", Role.ADMIN, sections=(), name="管理员")
    yield Office(app, people)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def number(office: Office) -> str:
    """A ticket in the hands of li."""
    return office.assigned(SAID, people=(Person(name=NAME, phone=PHONE, wants_callback=True),))


MOST_QUESTIONS = 30


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


class Clerk:
    """Somebody at a browser who works on the orders of one ticket."""

    def __init__(self, browser: Browser, number: str) -> None:
        self.browser, self.number = browser, number
        self.base = f"/tickets/{number}"
        self.order = ""

    def release(self, text: str = SUMMARY) -> int:
        version = hidden(self.browser.text(f"{self.base}/orders"), "version")
        answer = self.browser.post(
            f"{self.base}/released", {"version": version, "text": text}, form=f"{self.base}/orders"
        )
        return answer.status_code

    def draft(self, **fields: str) -> str:
        answer = self.browser.post(f"{self.base}/orders/new", {**DRAFT, **fields})
        assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
        self.order = answer.location
        return self.order

    def act(self, verb: str, **fields: object) -> str:
        version = hidden(self.browser.text(self.order), "version")
        answer = self.browser.post(
            f"{self.order}/actions", {"verb": verb, "version": version, **fields}, form=self.order
        )
        assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
        return self.browser.text(self.order)

    def issued(self) -> str:
        self.release()
        self.draft()
        self.act("issue")
        return self.order


@pytest.fixture
def li(office: Office, number: str) -> Clerk:
    return Clerk(office.signed_in("li"), number)


def test_an_order_walks_through_the_pages(office: Office, li: Clerk) -> None:
    li.issued()
    assert "安教交〔2026〕1号" in li.act("deliver", way="in_person", to="陈主任")
    li.act("sign", signer="陈志远", title="校长")
    page = li.act(
        "report",
        finding="true",
        facts="收费属实。",
        measures="12月1日前退还。",
        files=(io.BytesIO(b"%PDF-1.7"), "退费签领表-张小明.pdf"),
    )
    assert "附件1.pdf" in page
    assert "张小明.pdf" not in page
    assert "核实通过" in words_of(li.act("verify", reason="抽查签领表，一致"))
    assert office.desk.actions().count("ticket.order") == 6


def test_a_text_that_tells_who_complained_is_refused_with_the_places_and_the_way_on(li: Clerk) -> None:
    text = f"据反映，{CHILD}的家长被要求另外交一百二十块材料费，没有票据，电话{PHONE}。"
    answer = li.browser.post(f"{li.base}/orders/new", {**DRAFT, "text": text})
    said = words_of(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "第 1 行有电话号码" in said
    assert "与反映人原话连续相同的文字" in said
    assert "请先登记“同意披露”" in said
    assert text in answer.get_data(as_text=True)  # nothing typed is lost


def test_the_released_text_is_checked_before_it_is_confirmed(li: Clerk) -> None:
    assert li.release(f"据反映，{NAME}的孩子被收费。") == 422
    assert "还没有确认" in li.browser.text(f"{li.base}/orders")
    assert li.release() == 303
    assert "李明" in li.browser.text(f"{li.base}/orders")


def test_another_section_s_orders_do_not_exist(office: Office, li: Clerk) -> None:
    order = li.issued()
    xu = office.signed_in("xu")
    for path in ("/orders", "/orders/new", "/print", "/print/registration", "/print/file"):
        assert xu.get(f"{li.base}{path}").status_code == 404, path
    for path in (order, f"{order}/print", f"{order}/print/delivery", f"{order}/print/feedback"):
        assert xu.get(path).status_code == 404, path
    for path in (f"{order}/actions", f"{li.base}/released", f"{li.base}/consents", f"{li.base}/inquiries",
                 f"{li.base}/print/identity"):  # fmt: skip
        assert xu.post(path, {"verb": "cancel"}, form="/account").status_code == 404, path


@pytest.mark.parametrize("outsider", ["ji", "guan"])
def test_supervisor_and_admin_have_no_part_in_orders(office: Office, li: Clerk, outsider: str) -> None:
    order = li.issued()
    browser = office.signed_in(outsider)
    for path in (f"{li.base}/orders", order, f"{order}/print", f"{li.base}/print/file"):
        assert browser.get(path).status_code == 403, path


def test_an_order_of_another_ticket_is_not_found_under_this_one(office: Office, li: Clerk) -> None:
    order = li.issued().rpartition("/")[2]
    other = office.assigned("另一件事。")
    assert li.browser.get(f"/tickets/{other}/orders/{order}").status_code == 404
    assert li.browser.get(f"/tickets/{other}/orders/{order}/print").status_code == 404


def test_no_paper_for_the_school_and_none_of_the_file_tells_who_complained(office: Office, li: Clerk) -> None:
    order = li.issued()
    runs = {SAID[start : start + 12] for start in range(len(SAID) - 11)}
    for path in (f"{order}/print", f"{order}/print/delivery", f"{order}/print/feedback"):
        page = words_of(li.browser.text(path))
        assert not [word for word in (NAME, PHONE, CHILD, li.number, "来电", *runs) if word in page], path
    for path in (f"{li.base}/print/registration", f"{li.base}/print/file", order, f"{li.base}/orders"):
        page = words_of(li.browser.text(path))
        assert not [word for word in (NAME, PHONE) if word in page], path


def test_every_print_leaves_its_mark(office: Office, li: Clerk) -> None:
    order = li.issued()
    for path in (
        f"{order}/print",
        f"{order}/print/delivery",
        f"{li.base}/print/registration",
        f"{li.base}/print/file",
    ):
        assert li.browser.get(path).status_code == 200, path
    printed = [data["label"] for action, _, data in office.desk.audited() if action == "ticket.printed"]
    assert printed == ["交办单 安教交〔2026〕1号", "送达记录 安教交〔2026〕1号", "登记表", "全卷"]
    assert "打印（交办单 安教交〔2026〕1号）" in words_of(li.browser.text(li.base))


def test_a_draft_is_not_printed(li: Clerk) -> None:
    order = li.draft()
    answer = li.browser.get(f"{order}/print")
    assert answer.status_code == 422
    assert "草稿不能打印" in answer.get_data(as_text=True)


def test_the_sealed_page_is_the_head_s_with_a_reason_and_on_record(office: Office, li: Clerk) -> None:
    wang = office.signed_in("wang")
    path, form = f"{li.base}/print/identity", f"{li.base}/print"
    assert li.browser.post(path, {"reason": "check"}, form="/account").status_code == 403
    assert wang.post(path, {}, form=form).status_code == 422
    page = wang.post(path, {"reason": "check"}, form=form).get_data(as_text=True)
    assert NAME in page
    assert PHONE in page
    assert "ticket.identity_printed" in office.desk.actions()
    assert "密封件" not in words_of(office.signed_in("chen").text(form))


def test_with_consent_the_child_stands_on_the_order_and_nowhere_else(office: Office, li: Clerk) -> None:
    number = office.assigned("课后服务的钱一直没有退。")
    li = Clerk(li.browser, number)
    li.release()
    text = f"据反映，该校课后服务退费未到位，请核实三年级2班{CHILD}本学期退费事宜。"
    assert li.browser.post(f"{li.base}/orders/new", {**DRAFT, "text": text}).status_code == 422
    li.browser.post(
        f"{li.base}/consents",
        {
            "school": SCHOOL,
            "how": "recording",
            "reason": f"电话里说可以告诉学校是{CHILD}",
            "pupil": CHILD,
            "school_class": "三年级2班",
        },
        form=f"{li.base}/orders",
    )
    order = li.draft(text=text)
    li.act("issue")
    assert CHILD in li.browser.text(f"{order}/print")
    wang = office.signed_in("wang")
    for path in (order, f"{li.base}/orders", f"{li.base}/print/file", li.base):
        assert CHILD not in wang.text(path), path
    assert office.signed_in("chen").get(f"{order}/print").status_code == 403
    end = re.search(r"/consents/([0-9a-f]{32})", li.browser.text(f"{li.base}/orders"))
    assert end
    li.browser.post(f"{li.base}{end[0]}", {"reason": "来电表示不再同意"}, form=f"{li.base}/orders")
    assert li.browser.get(f"{order}/print").status_code == 422


def test_an_exposing_order_names_whose_reason_is_missing(office: Office) -> None:
    number = office.ticket("我们学校课后服务补贴被行政多拿。", caller_kind=CallerKind.TEACHER)
    office.act(number, Action.ACCEPT, by="wang", handler="wang")
    wang = Clerk(office.signed_in("wang"), number)
    wang.release()
    order = wang.draft()
    page = words_of(wang.browser.text(order))
    assert "现在还缺股室负责人、分管领导的理由" in page
    wang.act("justify", reason="面上检查需要")
    zhou = Clerk(office.signed_in("zhou"), number)
    zhou.order = order
    zhou.act("justify", reason="同意")
    assert "安教交〔2026〕1号" in wang.act("issue")


def test_two_people_at_one_order_the_second_gets_a_conflict_and_keeps_the_text(
    office: Office, li: Clerk
) -> None:
    order = li.issued()
    old = hidden(li.browser.text(order), "version")
    li.act("deliver", way="in_person", to="陈主任")
    answer = office.signed_in("wang").post(
        f"{order}/actions", {"verb": "cancel", "version": old, "reason": "写错学校"}, form=order
    )
    assert answer.status_code == 409
    assert "写错学校" in answer.get_data(as_text=True)


def test_the_pages_ask_the_database_a_number_of_questions_that_does_not_grow(
    office: Office, li: Clerk
) -> None:
    order = li.issued()
    few = {
        path: asked(office.app, li.browser, path) for path in (f"{li.base}/orders", order, f"{order}/print")
    }
    for _ in range(4):
        li.draft()
        li.act("issue")
        li.act("deliver", way="in_person", to="陈主任")
    for path, before in few.items():
        assert asked(office.app, li.browser, path) == before, path
    assert few[f"{li.base}/orders"] <= MOST_QUESTIONS
    assert few[order] <= MOST_QUESTIONS


def asked(app: Flask, browser: Browser, path: str) -> int:
    browser.get(path)
    with count_queries(app) as sent:
        assert browser.get(path).status_code == 200
    return len(sent)


def test_names_in_the_register_cannot_break_out_of_a_page(office: Office, li: Clerk) -> None:
    with office.app.app_context(), transaction() as session:
        session.add(School(name='"><script>alert(1)</script>'))
    page = li.browser.text(f"{li.base}/orders/new")
    assert "<script>alert" not in page
