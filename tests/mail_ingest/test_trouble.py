"""A mailbox that cannot be read says why: in the command, on the page, above every page; and it catches up afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.audit import AuditEntry
from core.db import db
from tests.accounts.people import Desk
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.post import Box, a_mail, books, origins, poll, total
from tests.mail_ingest.test_commands import answer, run
from tests.support.app import clock_of
from tests.support.scripted_imap import ADDRESS, CODE, Fault, ScriptedImap

SECONDS = 10  # the shortest deadline the settings take


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    with ScriptedImap({1: a_mail("第一封"), 2: a_mail("第二封"), 3: a_mail("第三封")}) as server:
        yield server


@pytest.fixture
def office(make_office: MakeOffice, server: ScriptedImap) -> Flask:
    return make_office(Box(ADDRESS, "zhongjiao", server.port), deadline=SECONDS, CODE_A=CODE)


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        pytest.param(Fault.WRONG_CODE, "login_refused", "授权码不对或已失效", id="wrong code"),
        pytest.param(Fault.UNSAFE_LOGIN, "unsafe_login", "密码没有错", id="refused folder"),
        pytest.param(Fault.BUSY, "unreachable", "正忙", id="busy"),
        pytest.param(Fault.SEARCH_STALLS, "timeout", "太慢", id="silence", marks=pytest.mark.slow),
    ],
)
def test_each_trouble_has_its_own_sentence_and_is_never_no_new_mail(
    office: Flask, server: ScriptedImap, fault: Fault, code: str, words: str
) -> None:
    server.fault = fault

    result = run(office, "poll", "--json")

    assert result.exit_code == 1
    said = answer(result)["mailboxes"][0]
    assert (said["ok"], said["code"], said["fetched"]) == (False, code, 0)
    assert words in said["message"]
    desk = Desk(office)
    desk.account("wang", Role.HEAD)
    page = desk.signed_in("wang").text("/mail")
    assert words in page
    assert "收不到信" in page
    assert "不是没有来信" in page
    if fault is not Fault.SEARCH_STALLS:  # a check opens folders and asks for no mail
        checked = answer(run(office, "check", "--json"))["mailboxes"][0]
        assert (checked["code"], words in checked["message"]) == (code, True)


def test_after_an_outage_the_gap_is_fetched_and_told(office: Flask, server: ScriptedImap) -> None:
    desk = Desk(office)
    desk.account("wang", Role.HEAD)
    server.fault = Fault.WRONG_CODE
    poll(office)
    clock_of(office).moment += timedelta(hours=62)
    server.fault = None

    assert total(poll(office))["tickets"] == 3

    page = desk.signed_in("wang").text("/tickets")
    assert f"{ADDRESS} 已恢复：中断 62 小时，补收 3 封" in page
    assert "mailbox.recovered" in desk.actions()
    clock_of(office).moment += timedelta(days=2)
    assert "已恢复" not in desk.signed_in("wang").text("/tickets")


def test_three_refused_logins_turn_it_red_and_slow_it_but_it_never_gives_up(
    office: Flask, server: ScriptedImap
) -> None:
    from mail_ingest.feature import poll_due

    desk = Desk(office)
    desk.account("wang", Role.HEAD)
    server.fault = Fault.WRONG_CODE
    for _ in range(24 * 60):
        with office.app_context():
            poll_due()
        clock_of(office).moment += timedelta(minutes=1)
    assert 3 <= server.logins <= 3 + 24 // 2
    assert 'class="notice notice-error"' in desk.signed_in("wang").text("/tickets")
    server.fault = None
    clock_of(office).moment += timedelta(hours=3)
    with office.app_context():
        poll_due()
    assert len(origins(office)) == 3


@pytest.mark.parametrize(
    "fault",
    [Fault.NOTHING, Fault.OTHER_UID, Fault.NIL_BODY, Fault.DROPS, Fault.CUT_MAIL, Fault.GARBAGE],
    ids=lambda fault: fault.name.lower(),
)
def test_one_mail_that_does_not_come_whole_holds_up_no_other_and_comes_later(
    office: Flask, server: ScriptedImap, fault: Fault
) -> None:
    server.fault, server.only = fault, frozenset({2})
    for _ in range(3):
        poll(office)
        clock_of(office).moment += timedelta(minutes=40)
    assert len(origins(office)) >= 2

    server.fault = None
    clock_of(office).moment += timedelta(hours=3)
    poll(office)

    assert len(books(office).tickets) == len(origins(office)) == 3


def test_doctor_has_a_line_for_each_mailbox(office: Flask, server: ScriptedImap) -> None:
    from core.registry import registry

    def lines() -> list[tuple[str, bool]]:
        with office.app_context():
            found = [line for check in registry(office).checks for line in check()]
            return [
                (line.level, ADDRESS in line.message) for line in found if line.name.startswith("mailbox")
            ]

    poll(office)
    assert lines() == [("ok", True)]
    server.fault = Fault.UNSAFE_LOGIN
    poll(office)
    clock_of(office).moment += timedelta(hours=3)
    assert lines() == [("error", True)]


def test_a_pasted_code_is_tried_at_once_and_the_start_is_asked_before_anything_is_fetched(
    make_office: MakeOffice, server: ScriptedImap
) -> None:
    office = make_office(Box(ADDRESS, "zhongjiao", server.port, code=""))
    desk = Desk(office)
    desk.account("wang", Role.HEAD)
    head = desk.signed_in("wang")

    wrong = head.post("/mail/1/code", {"code": "WRONGCODEWRONGCO"}, form="/mail")
    assert wrong.status_code == 303
    assert "授权码不对" in head.text("/mail")

    head.post("/mail/1/code", {"code": f" {CODE} "}, form="/mail")
    page = head.text("/mail")
    assert "全部（3 封都会登记成件）" in page
    assert CODE not in page
    assert poll(office)[0].code == "not_set_up"
    assert books(office).items == 0

    head.post("/mail/1/start", {"start1-since": "all"}, form="/mail")
    assert len(books(office).tickets) == 3
    assert {"mailbox.code_changed", "mailbox.start_chosen"} <= set(desk.actions())
    with office.app_context():
        noted = db.session.execute(db.select(AuditEntry.data)).scalars()
        assert not any(CODE in data for data in noted)


def test_only_the_head_or_an_admin_may_paste_a_code(make_office: MakeOffice, server: ScriptedImap) -> None:
    office = make_office(Box(ADDRESS, "zhongjiao", server.port, code=""))
    desk = Desk(office)
    desk.account("li", Role.CLERK, Role.HANDLER)
    desk.account("chen", Role.HEAD, sections=("chuyoujiao",))
    desk.account("admin", Role.ADMIN, sections=())
    clerk, other, admin = (desk.signed_in(name) for name in ("li", "chen", "admin"))
    assert clerk.post("/mail/1/code", {"code": CODE}, form="/mail").status_code == 403
    assert other.post("/mail/1/code", {"code": CODE}, form="/account").status_code == 404
    assert "粘贴授权码" in admin.text("/mail")
    assert admin.post("/mail/1/code", {"code": CODE}, form="/mail").status_code == 303
    assert admin.get("/mail/tray").status_code == 403


def test_the_first_connection_asks_whether_schools_report_there_and_it_can_be_changed(
    make_office: MakeOffice, server: ScriptedImap
) -> None:
    office = make_office(Box(ADDRESS, "zhongjiao", server.port, code=""))
    desk = Desk(office)
    desk.account("wang", Role.HEAD)
    head = desk.signed_in("wang")
    head.post("/mail/1/code", {"code": CODE}, form="/mail")
    assert "此邮箱平时也收学校报送材料吗" in head.text("/mail")

    answer = {"start1-since": "all", "start1-work": "yes"}
    wrong = head.post(
        "/mail/1/start", {**answer, "start1-senders": "lin88@qq.example\nxiaoxue"}, form="/mail"
    )
    assert wrong.status_code == 422
    kept = wrong.get_data(as_text=True)
    assert "“xiaoxue”不是邮箱地址" in kept
    assert "lin88@qq.example" in kept
    assert books(office).items == 0

    head.post("/mail/1/start", {**answer, "start1-senders": "Lin88@QQ.example"}, form="/mail")
    assert books(office).tickets == ()
    assert "mailbox.work_senders" in desk.actions()

    head.post("/mail/1/work", {"start1-work": "no"}, form="/mail")
    server.deliver(4, a_mail("第四封"))
    poll(office)
    assert len(books(office).tickets) == 1
