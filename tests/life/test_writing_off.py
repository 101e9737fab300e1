"""销号: by the month, what was true and is closed, proposed by the head and decided by the leader, here or on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import Section
from core.clock import office_day
from core.db import db, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from tests.life.support import HERE, THERE, Desk, person
from tests.life.test_paper import scan
from tickets import paper, writing_off
from tickets.models import Attachment, TicketEvent, WriteOff
from tickets.replay import verify_replay
from tickets.vocabulary import Action, CallerKind, Decision, Status, WriteOffState
from tickets.writing_off import Decided, Result

NOVEMBER = date(2026, 11, 1)
AGREE = Decided(decision=Decision.AGREE, opinion="同意销号", reference="安教销〔2026〕1号")


def closed(desk: Desk, **report: str) -> str:
    number = desk.register()
    desk.until(Status.IN_PROGRESS)
    desk.do("worker", Action.REPORT_DONE, **report)
    desk.do("head", Action.APPROVE)
    desk.do("clerk_only", Action.CALLED_BACK)
    return number


def section(slug: str = HERE) -> int:
    return db.session.execute(sa.select(Section.id).where(Section.slug == slug)).scalar_one()


def propose(*numbers: str, by: str = "head", slug: str = HERE, reason: str = "已整改到位") -> int:
    actor, section_id = person(by), section(slug)
    with transaction() as session:
        return writing_off.propose(
            session, actor=actor, section_id=section_id, month=NOVEMBER, numbers=numbers, reason=reason
        ).id


def decide(batch: int, by: str = "leader", decided: Decided = AGREE, version: int = 1) -> Result:
    actor = person(by)
    with transaction() as session:
        return writing_off.decide(session, batch, version=version, actor=actor, decided=decided)


def ready(by: str = "head", month: date = NOVEMBER) -> list[str]:
    actor = person(by)
    return [ticket.number for ticket in writing_off.ready(db.session(), actor, month)]


def test_only_what_was_true_and_is_closed_has_anything_to_write_off(desk: Desk) -> None:
    true = closed(desk)
    partly = closed(desk, outcome="partly_true")
    closed(desk, outcome="untrue")
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    assert ready() == [true, partly]
    assert ready("other_head") == []
    assert ready(month=date(2026, 10, 1)) == [], "closed after that month"


def test_one_decision_writes_off_the_whole_batch(desk: Desk) -> None:
    numbers = [closed(desk), closed(desk)]
    batch = propose(*numbers)
    assert ready() == [], "nothing is in two batches"
    assert decide(batch).written_off == 2

    events = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.WRITE_OFF)).all()
    assert {event.actor for event in events} == {"leader"}
    assert {event.reason for event in events} == {
        "2026-11 批次：已整改到位（head提出，leader批准，安教销〔2026〕1号）"
    }
    assert all(desk.ticket(number).written_off_at is not None for number in numbers)
    assert verify_replay(db.session()).ok
    assert ready() == []


def test_head_proposes_and_leader_decides_and_nobody_does_both(desk: Desk) -> None:
    number = closed(desk)
    with pytest.raises(NotAllowed):
        propose(number, by="worker")
    with pytest.raises(NotAllowed):
        propose(number, by="other_head")
    batch = propose(number)
    for username, refusal in (("head", NotAllowed), ("worker", NotAllowed), ("other_head", NotFound)):
        with pytest.raises(refusal):
            decide(batch, by=username)
    assert desk.ticket(number).written_off_at is None


def test_what_is_not_ready_names_itself(desk: Desk) -> None:
    number = closed(desk)
    untrue = closed(desk, outcome="untrue")
    with pytest.raises(DomainError, match=untrue):
        propose(number, untrue)
    with pytest.raises(DomainError, match="至少勾选"):
        propose()
    with pytest.raises(DomainError, match="销号理由"):
        propose(number, reason=" ")


def test_a_batch_that_is_not_agreed_to_is_ready_again(desk: Desk) -> None:
    number = closed(desk)
    batch = propose(number)
    with pytest.raises(DomainError, match="写明理由"):
        decide(batch, decided=Decided(decision=Decision.DISAGREE))
    decide(batch, decided=Decided(decision=Decision.DISAGREE, opinion="退费凭证不全"))
    assert ready() == [number]
    with pytest.raises(StaleVersion):
        decide(batch)


def test_what_was_reopened_meanwhile_is_left_out_and_named(desk: Desk) -> None:
    kept, reopened = closed(desk), closed(desk)
    batch = propose(kept, reopened)
    desk.do("head", Action.REOPEN, number=reopened, handler="worker")
    result = decide(batch)
    assert (result.written_off, result.left_out) == (1, (reopened,))
    assert desk.ticket(reopened).written_off_at is None


def test_reopening_takes_the_number_up_again(desk: Desk) -> None:
    number = closed(desk)
    decide(propose(number))
    desk.do("head", Action.REOPEN, number=number, handler="worker")
    assert desk.ticket(number).written_off_at is None
    assert verify_replay(db.session()).ok


def on_paper(**changes: Any) -> Decided:
    given: dict[str, Any] = {
        "decision": Decision.AGREE,
        "opinion": "同意",
        "approver_id": person("leader").id,
        "on": date(2026, 11, 23),
        "scans": (scan(),),
        **changes,
    }
    return Decided(**given)


def test_the_signed_sheet_is_entered_and_lies_in_every_file(desk: Desk) -> None:
    numbers = [closed(desk), closed(desk)]
    batch = propose(*numbers)
    assert decide(batch, by="worker", decided=on_paper()).written_off == 2
    row = db.session.get_one(WriteOff, batch)
    assert (row.state, row.decided_by) == (WriteOffState.APPROVED, "leader")
    assert row.decided_on == office_day(row.proposed_at)
    assert len(db.session.scalars(sa.select(Attachment)).all()) == 2
    event = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.WRITE_OFF)).first()
    assert event is not None
    assert "书面审批由worker补录" in event.reason
    assert paper.waiting_count(db.session(), person("leader")) == 1
    assert verify_replay(db.session()).ok


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scans": ()}, "扫描件"),
        ({"on": None}, "签字日期"),
        ({"on": date(2026, 11, 24)}, "签字日期"),
        ({"on": date(2026, 11, 20)}, "签字日期"),
        ({"approver_id": 9999}, "分管领导"),
    ],
)
def test_what_cannot_be_on_the_sheet_is_refused(desk: Desk, changes: dict[str, Any], sentence: str) -> None:
    batch = propose(closed(desk))
    with pytest.raises(DomainError, match=sentence):
        decide(batch, by="worker", decided=on_paper(**changes))


def test_a_head_cannot_have_signed_and_a_leader_does_not_enter_his_own(desk: Desk) -> None:
    batch = propose(closed(desk))
    head = person("head").id
    with pytest.raises(DomainError, match="分管本股室的领导"):
        decide(batch, by="worker", decided=on_paper(approver_id=head))
    with pytest.raises(NotAllowed):
        decide(batch, by="leader", decided=on_paper())


def test_what_few_may_know_is_written_off_by_those_who_may(desk: Desk) -> None:
    desk.register(caller_kind=CallerKind.TEACHER)
    number = desk.number
    desk.do("head", Action.ACCEPT)
    desk.do("head", Action.START)
    desk.do("head", Action.REPORT_DONE)
    desk.do("leader", Action.APPROVE)
    desk.do("head", Action.ANSWERED)
    desk.do("head", Action.SEND_ON, duty="call_back", section="")
    desk.do("leader", Action.CALLED_BACK)
    assert ready("worker") == []
    assert ready("head") == [number]


def test_a_month_that_is_none(desk: Desk) -> None:
    assert writing_off.month_of("2026-12") == date(2026, 12, 1)
    assert ready("other_head", date(2026, 12, 1)) == []
    with pytest.raises(DomainError, match="2026-11"):
        writing_off.month_of("二月")
    assert section(THERE) != section(HERE)
