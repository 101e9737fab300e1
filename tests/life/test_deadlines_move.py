"""Extensions, pauses and the days they move: what is asked for, by whom it is granted, what it never touches."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, NotAllowed
from tests.life.support import Desk
from tickets import handling
from tickets.models import Extension, TicketEvent
from tickets.vocabulary import Action, Status


@pytest.fixture
def working(desk: Desk) -> Desk:
    desk.register()
    return desk.until(Status.IN_PROGRESS)


def test_an_extension_is_asked_for_and_granted_by_somebody_else(working: Desk) -> None:
    working.do("worker", Action.EXTEND, days="3")
    assert working.running()["resolve"] == "2026-12-07", "asking moves nothing"
    with pytest.raises(NotAllowed):
        working.do("worker", Action.EXTEND)
    done = working.do("head", Action.EXTEND)
    assert working.running()["resolve"] == "2026-12-10"
    assert working.deadline("resolve").original_last_day.isoformat() == "2026-12-07"
    assert working.letters == ["extended"]
    assert '"moved": {"resolve/1": ["2026-12-07", "2026-12-10"]}' in done.event.data
    entry = db.session.scalars(sa.select(Extension)).one()
    assert (entry.days, entry.asked_by, entry.approved_by) == (3, "worker", "head")
    assert entry.reason == "名单核对需要时间"


def test_a_head_does_not_grant_what_the_head_has_asked_for(working: Desk) -> None:
    working.do("head", Action.EXTEND, days="3")
    with pytest.raises(DomainError, match=r"另一个人.*可以由leader、head_only办理"):
        working.do("head", Action.EXTEND)
    working.do("leader", Action.EXTEND)
    assert working.running()["resolve"] == "2026-12-10"


def test_more_than_five_days_are_the_leaders_to_grant(working: Desk) -> None:
    working.do("worker", Action.EXTEND, days="6")
    with pytest.raises(DomainError, match="分管领导"):
        working.do("head", Action.EXTEND)
    working.do("leader", Action.EXTEND)
    assert working.running()["resolve"] == "2026-12-15"


def test_small_extensions_add_up(working: Desk) -> None:
    for _ in range(2):
        working.do("worker", Action.EXTEND, days="3")
        if working.running()["resolve"] == "2026-12-07":
            working.do("head", Action.EXTEND)
    with pytest.raises(DomainError, match="分管领导"):
        working.do("head", Action.EXTEND)


def test_no_more_than_ten_in_all(working: Desk) -> None:
    with pytest.raises(DomainError, match="最多可以延长 10 个工作日"):
        working.do("worker", Action.EXTEND, days="11")


def test_the_legal_deadline_is_extended_by_the_leader_only(working: Desk) -> None:
    working.do("worker", Action.EXTEND, days="30", legal="on")
    with pytest.raises(DomainError, match="法定期限要由分管领导"):
        working.do("head", Action.EXTEND)
    working.do("leader", Action.EXTEND)
    assert working.running()["legal"] == "2027-02-22"  # 2027-02-21 is a Sunday


def test_a_missed_deadline_is_not_extended(working: Desk) -> None:
    working.later(days=15)
    with pytest.raises(DomainError, match="已经过了期限"):
        working.do("worker", Action.EXTEND)


def test_an_extension_that_is_declined_can_be_asked_for_again(working: Desk) -> None:
    working.do("worker", Action.EXTEND, days="3")
    working.do("head", Action.EXTEND, decision="disagree")
    assert working.running()["resolve"] == "2026-12-07"
    working.do("worker", Action.EXTEND, days="2")
    working.do("head", Action.EXTEND)
    assert working.running()["resolve"] == "2026-12-09"


def test_a_pause_moves_the_answer_and_never_what_the_law_promises(working: Desk) -> None:
    before = working.running()
    working.do(
        "head", Action.SUSPEND, until="2026-12-02"
    )  # seven working days: the day of arrival never counted
    assert working.running() == {**before, "resolve": "2026-12-16"}
    assert working.deadline("resolve").paused_at == now()


def test_resumed_early_gives_back_what_was_not_needed(working: Desk) -> None:
    working.do("head", Action.SUSPEND, until="2026-12-02")
    working.later(days=2)
    working.do("head", Action.RESUME)
    assert working.running()["resolve"] == "2026-12-08"
    assert working.deadline("resolve").paused_at is None


def test_a_pause_ends_by_itself(working: Desk) -> None:
    working.do("head", Action.SUSPEND, until="2026-11-24")
    with transaction() as session:
        assert handling.to_resume(session) == []
        assert handling.resume_by_date(session, working.number) is None
    working.later(days=4)
    with transaction() as session:
        assert handling.to_resume(session) == [working.number]
        handling.resume_by_date(session, working.number)
    assert working.status() is Status.IN_PROGRESS
    assert working.running()["resolve"] == "2026-12-08", "the days after its end count, whoever noticed"
    last = db.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert last is not None
    assert last.actor == "系统"


def test_twice_and_thirty_days_at_most(working: Desk) -> None:
    with pytest.raises(DomainError, match="还可以暂停 30 日"):
        working.do("head", Action.SUSPEND, until="2026-12-23")
    working.do("head", Action.SUSPEND, until="2026-12-12")
    working.later(days=20)
    working.do("head", Action.RESUME)
    with pytest.raises(DomainError, match="还可以暂停 10 日"):
        working.do("head", Action.SUSPEND, until="2026-12-23")
    working.do("head", Action.SUSPEND, until="2026-12-14")
    working.later(days=1)
    working.do("head", Action.RESUME)
    with pytest.raises(DomainError, match="最多两次"):
        working.do("head", Action.SUSPEND, until="2026-12-20")


def test_a_day_that_has_passed_is_no_end_of_a_pause(working: Desk) -> None:
    with pytest.raises(DomainError, match="今天或以后"):
        working.do("head", Action.SUSPEND, until="2026-11-22")
    with pytest.raises(DomainError, match="日期写得不对"):
        working.do("head", Action.SUSPEND, until="下周三")


def test_an_extended_deadline_keeps_its_extension_over_a_pause(working: Desk) -> None:
    working.do("worker", Action.EXTEND, days="3")
    working.do("head", Action.EXTEND)
    working.do("head", Action.SUSPEND, until="2026-11-24")
    assert working.running()["resolve"] == "2026-12-11"


def test_redone_begins_a_new_round_by_the_same_rule(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    desk.do("worker", Action.ANSWERED)
    desk.later(days=1)
    desk.do("head", Action.REDO)
    row = desk.deadline("resolve")
    assert (row.round, row.length, row.last_day.isoformat()) == (2, 10, "2026-12-08")
    assert set(desk.running()) == {"resolve"}
    assert desk.ticket().answered_at is None


def test_the_third_time_it_is_redone_the_leader_decides(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    for _ in range(2):
        desk.do("head", Action.REDO)
        desk.do("worker", Action.REPORT_DONE)
        desk.do("head", Action.APPROVE)
    with pytest.raises(DomainError, match="重办过两次"):
        desk.do("head", Action.REDO)
    desk.do("leader", Action.REDO)


def test_reopened_begins_a_new_round(desk: Desk) -> None:
    desk.register()
    desk.until(Status.CLOSED)
    desk.do("head", Action.REOPEN)
    assert set(desk.running()) == {"resolve"}
    assert desk.ticket().closed_at is None


def test_what_was_answered_at_once_is_accepted_when_reopened(desk: Desk) -> None:
    desk.register()
    desk.do("clerk_only", Action.ANSWER_NOW)
    assert desk.running() == {}
    with pytest.raises(DomainError, match="没有经办人"):
        desk.do("head", Action.REOPEN)
    desk.do("head", Action.REOPEN, handler="worker")
    assert set(desk.running()) == {"resolve", "legal"}
    assert desk.ticket().accepted_at == now()
