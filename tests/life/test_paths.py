"""The paths through a ticket's life, as the section walks them."""

from __future__ import annotations

import pytest

from core.clock import now
from core.db import transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from tests.life.support import MAIL, NOBODY, THERE, Desk, person
from tickets import handling
from tickets.vocabulary import Action, Status


def test_from_a_call_to_the_end(desk: Desk) -> None:
    desk.register()
    assert desk.running() == {"accept": "2026-11-26", "resolve": "2026-12-07", "notice": "2026-12-08"}

    desk.do("worker", Action.ACCEPT)
    assert desk.letters == ["accepted"]
    assert desk.running() == {"resolve": "2026-12-07", "notice": "2026-12-08", "legal": "2027-01-22"}
    desk.do("worker", Action.START)
    assert desk.ticket().handler_id == person("worker").id
    desk.do("worker", Action.REPORT_DONE)
    assert "resolve" in desk.running(), "reporting done does not stop the clock"
    desk.do("head", Action.APPROVE)
    assert desk.status() is Status.PENDING_CALLBACK
    assert desk.letters == ["answer"]
    assert "resolve" in desk.running(), "approved is not answered"
    desk.do("worker", Action.ANSWERED)
    assert desk.running() == {"call_back": "2026-11-26"}
    desk.do("clerk_only", Action.CALLED_BACK)
    assert desk.status() is Status.CLOSED
    assert desk.running() == {}
    assert desk.ticket().closed_at == now()


def test_a_mail_is_closed_when_its_answer_has_left(desk: Desk) -> None:
    desk.register(MAIL)
    desk.until(Status.PENDING_CALLBACK)
    assert "resolve" in desk.running()
    with transaction() as session:
        handling.answer_reached(session, desk.number, now())
    assert desk.status() is Status.CLOSED
    assert desk.running() == {}


def test_a_bounce_undoes_the_answer(desk: Desk) -> None:
    desk.register(MAIL)
    desk.until(Status.PENDING_CALLBACK)
    before = desk.running()
    with transaction() as session:
        handling.answer_reached(session, desk.number, now())
    desk.later(days=1)
    with transaction() as session:
        handling.answer_bounced(session, desk.number, "对方邮箱不存在")
    assert desk.status() is Status.PENDING_CALLBACK
    assert desk.running() == before, "the clock has never stopped"
    assert desk.ticket().answered_at is None
    with transaction() as session:
        assert handling.answer_bounced(session, desk.number, "又一封退信") is None


def test_nobody_to_be_told_is_closed_by_approval(desk: Desk) -> None:
    desk.register(NOBODY)
    desk.do("worker", Action.ACCEPT)
    assert "notice" not in desk.running()
    assert desk.letters == []
    desk.do("worker", Action.START)
    desk.do("worker", Action.REPORT_DONE, answer="")
    desk.do("head", Action.APPROVE)
    assert desk.status() is Status.CLOSED
    assert desk.deadline("resolve").met_at == now()


def test_a_stale_page_changes_nothing(desk: Desk) -> None:
    desk.register()
    desk.do("worker", Action.ACCEPT)
    with pytest.raises(StaleVersion), transaction() as session:
        handling.perform(session, desk.number, Action.START, version=1, actor=person("worker"), fields={})
    assert desk.status() is Status.ACCEPTED


@pytest.mark.parametrize("username", ["other_head", "other_worker", "supervisor", "admin"])
def test_who_has_no_part_in_it_learns_nothing(desk: Desk, username: str) -> None:
    desk.register()
    with pytest.raises(NotFound):
        desk.do(username, Action.ACCEPT)


def test_a_number_that_does_not_exist_looks_the_same(desk: Desk) -> None:
    with pytest.raises(NotFound), transaction() as session:
        handling.perform(
            session, "ZJ20200101-0001", Action.ACCEPT, version=1, actor=person("head"), fields={}
        )


def test_the_role_decides_before_the_rule(desk: Desk) -> None:
    desk.register()
    with pytest.raises(NotAllowed):
        desk.do("clerk_only", Action.ACCEPT)
    with pytest.raises(DomainError, match="待受理"):
        desk.do("head", Action.REOPEN)


def test_everything_missing_is_named_at_once(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match=r"不予受理的理由.*具体说明"):
        desk.do("head", Action.REFUSE, why="", reason="")


def test_a_hand_over_keeps_number_and_deadlines(desk: Desk) -> None:
    desk.register()
    before = desk.running()
    desk.do("head", Action.HAND_OVER)
    assert desk.running() == before
    with pytest.raises(NotFound):
        desk.do("worker", Action.ACCEPT)
    desk.do("other_head", Action.HAND_OVER, section="zhongjiao")
    with pytest.raises(DomainError, match="分管领导"):
        desk.do("head", Action.HAND_OVER)
    desk.do("head", Action.SEND_ON, section="")
    desk.do("leader", Action.HAND_OVER, section=THERE)
    desk.do("other_worker", Action.ACCEPT)
    assert desk.status() is Status.ACCEPTED
