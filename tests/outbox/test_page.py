"""The outbox page: who sees what of it, and what can be done there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db
from outbox.vocabulary import OutboxKind, OutboxState
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.outbox.desk import MIDDLE, PARENT, PRIMARY, Desk, an_office, office_text
from tests.outbox.mail_server import MailServer


def visitor(desk: Desk, role: Role, *, section: str = "zhongjiao") -> Browser:
    people = People(desk.app)
    people.account(f"a-{role}", role, sections=(section,))
    return people.signed_in(f"a-{role}")


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.HEAD, 200),
        (Role.ADMIN, 200),
        (Role.LEADER, 200),
        (Role.CLERK, 403),
        (Role.HANDLER, 403),
        (Role.SUPERVISOR, 403),
    ],
)
def test_who_may_look_into_the_outbox(desk: Desk, role: Role, status: int) -> None:
    assert visitor(desk, role).get("/outbox").status_code == status


def test_the_page_says_what_waits_and_to_whom_without_saying_who(desk: Desk) -> None:
    desk.put(subject="关于您反映的事项〔编号 ZJ20261123-0007〕")
    page = visitor(desk, Role.HEAD).text("/outbox")

    assert "待发送" in page
    assert "关于您反映的事项〔编号 ZJ20261123-0007〕" in page
    assert "l***@example.com" in page
    assert PARENT not in page


def test_an_admin_sees_the_number_and_nothing_of_the_case(desk: Desk) -> None:
    desk.put(subject="关于城东中学收费的告知〔编号 ZJ20261123-0007〕")
    desk.put(OutboxKind.STAFF, subject="工作提醒：城东中学")
    page = visitor(desk, Role.ADMIN).text("/outbox")

    assert "编号 ZJ20261123-0007" in page
    assert "城东中学" not in page


def test_a_head_sees_the_own_sections_mails_only(desk: Desk) -> None:
    desk.put(sender=MIDDLE, subject="中教股的信")
    other = desk.put(sender=PRIMARY, subject="初幼教股的信")
    head = visitor(desk, Role.HEAD)
    page = head.text("/outbox")

    assert "中教股的信" in page
    assert "初幼教股的信" not in page
    assert PRIMARY not in page
    for act in (f"{other}/again", f"{other}/cancel", f"senders/{PRIMARY}/retry"):
        assert head.post(f"/outbox/{act}", {"reason": "repeated"}, form="/outbox").status_code == 404, act
    assert desk.row(other).state == OutboxState.QUEUED


def test_a_failed_mail_is_explained_counted_and_sent_again(desk: Desk, server: MailServer) -> None:
    server.answer(recipient="550 Invalid User")
    message_id = desk.put()
    desk.send()
    head = visitor(desk, Role.HEAD)
    page = head.text("/outbox")

    assert "收件人的邮箱不存在或已停用" in page
    assert re.search(r'发件箱 <span class="count">1</span>', page)
    server.answer()
    before = desk.row(message_id).message_id
    assert head.post(f"/outbox/{message_id}/again", form="/outbox").status_code == 303
    assert desk.send().sent == 1
    assert server.mails[0]["Message-ID"] == before
    assert "outbox.send_again" in People(desk.app).actions()


def test_a_mail_is_taken_back_with_a_reason_and_stays_to_be_seen(desk: Desk) -> None:
    message_id = desk.put()
    head = visitor(desk, Role.HEAD)

    assert head.post(f"/outbox/{message_id}/cancel", {"reason": "because"}, form="/outbox").status_code == 422
    answer = head.post(f"/outbox/{message_id}/cancel", {"reason": "told_otherwise"}, form="/outbox")

    assert answer.status_code == 303
    assert desk.row(message_id).state == OutboxState.CANCELLED
    assert desk.send().sent == 0
    assert "已用电话、信函或当面告知" in head.text("/outbox?view=cancelled")
    assert ("outbox.cancelled", "a-head") in [entry[:2] for entry in People(desk.app).audited()]


def test_what_has_left_can_neither_be_taken_back_nor_sent_twice(desk: Desk) -> None:
    message_id = desk.put()
    desk.send()
    head = visitor(desk, Role.HEAD)
    head.post(f"/outbox/{message_id}/cancel", {"reason": "repeated"}, form="/outbox")
    assert "不能取消" in head.text("/outbox")
    head.post(f"/outbox/{message_id}/again", form="/outbox")
    assert "不用再发" in head.text("/outbox")

    assert desk.row(message_id).state == OutboxState.SENT
    assert desk.send().sent == 0


def test_without_any_server_the_page_says_what_to_set_up(tmp_path: Path) -> None:
    desk = Desk(an_office(tmp_path / "office", office_text(None)))
    desk.put()
    page = visitor(desk, Role.HEAD).text("/outbox")

    assert "[mailboxes.smtp]" in page
    assert MIDDLE in page
    desk.close()


def test_a_stopped_sender_is_told_on_every_page_and_tried_again_by_a_button(
    desk: Desk, server: MailServer
) -> None:
    server.answer(login="535 Error: authentication failed")
    desk.put()
    desk.send()
    head = visitor(desk, Role.HEAD)

    assert "发不出信" in head.text("/account")
    assert "授权码" in head.text("/outbox")
    server.answer()
    assert head.post(f"/outbox/senders/{MIDDLE}/retry", form="/outbox").status_code == 303
    assert desk.send().sent == 1
    assert "发不出信" not in head.text("/account")


def test_what_the_days_limit_delays_is_shown_with_its_day(office: Callable[..., Desk]) -> None:
    desk = office(outbox="seconds_between = 0\nper_day = 1")
    desk.put(OutboxKind.ACKNOWLEDGEMENT)
    desk.put(OutboxKind.ACKNOWLEDGEMENT)

    assert "预计 2026-11-24 周二 发出" in visitor(desk, Role.HEAD).text("/outbox")


def test_a_long_list_is_turned_page_by_page(desk: Desk) -> None:
    for number in range(55):
        desk.put(subject=f"第{number:03d}封")
    head = visitor(desk, Role.HEAD)
    first = head.text("/outbox")
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older
    second = head.text(older[1].replace("&amp;", "&"))

    assert "第054封" in first
    assert "第004封" not in first
    assert "第004封" in second
    assert "第005封" not in second


def test_the_page_costs_the_same_queries_for_one_mail_and_for_forty(desk: Desk) -> None:
    head = visitor(desk, Role.HEAD)
    counts = []
    for more in (1, 39):
        for _ in range(more):
            desk.put()
        head.get("/outbox")
        with counted(desk.app) as statements:
            head.get("/outbox")
        counts.append(len([each for each in statements if re.search(r"FROM (outbox_|data_key)", each)]))

    assert counts[0] == counts[1] == 6
