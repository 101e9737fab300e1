"""纸质审批补录: the rules hold for the one who signed, whoever is at the keyboard; and the one who signed is shown it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import Account
from core.audit import AuditEntry
from core.blobs import blob_store
from core.clock import OFFICE_ZONE, now
from core.db import db, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from tests.life.support import FIELDS, NOBODY, Desk, person
from tickets import paper
from tickets.handling import loading
from tickets.messages import NewAttachment
from tickets.models import Attachment, Extension, PaperApproval, TicketEvent
from tickets.replay import verify_replay
from tickets.vocabulary import Action, PaperVerdict, Status

TODAY = date(2026, 11, 23)


def scan() -> NewAttachment:
    stored = blob_store().put(b"%PDF-1.4 signed")
    return NewAttachment(
        name="审批件.pdf", content_type="application/pdf", size=stored.size, blob=stored.name
    )


def enter(
    desk: Desk,
    by: str,
    action: Action,
    approver: str,
    *,
    on: date = TODAY,
    scans: bool = True,
    version: int | None = None,
    **fields: str,
) -> Any:
    """What the clerk does with the signed sheet in hand."""
    everything = {**FIELDS.get(action, {}), "reason": "同意。", **fields}
    version, recorder = version or desk.version(desk.number), person(by)
    signed = paper.Signed(approver=approver, on=on, scans=(scan(),) if scans else ())
    with transaction() as session:
        return paper.record(
            session, desk.number, action, version=version, recorder=recorder, signed=signed, fields=everything
        )


def last_event() -> TicketEvent:
    db.session.rollback()
    return db.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.id.desc()).limit(1)).one()


def test_the_leader_signs_and_the_clerk_enters_it(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW, by="head")

    carried = enter(desk, "clerk_only", Action.APPROVE, "leader", reason="同意办结，答复要当面念。")

    assert desk.status() is Status.PENDING_CALLBACK
    assert [letter.kind.value for letter in carried.done.letters] == ["answer"]
    event = last_event()
    assert (event.actor, event.actor_id) == ("leader", person("leader").id)
    assert event.reason == "纸质审批（2026年11月23日签，clerk_only补录）：同意办结，答复要当面念。"
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "ticket.approve").order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    assert entry.actor == "clerk_only", "the chain names who was at the keyboard"
    assert db.session.scalars(sa.select(Attachment.label)).all() == ["附件1.pdf"]
    assert verify_replay(db.session()).ok


def test_nobody_approves_the_own_work_by_way_of_paper(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW, by="head")
    with pytest.raises(DomainError, match=r"您本人报请办结的"):
        enter(desk, "clerk_only", Action.APPROVE, "head")
    assert desk.status() is Status.PENDING_REVIEW


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scans": False}, "扫描件"),
        ({"reason": " "}, "意见原文"),
        ({"on": TODAY + timedelta(days=1)}, "不能晚于今天"),
        ({"on": TODAY - timedelta(days=1)}, "不能早于提出的那一天"),
        ({"approver": "worker"}, "股室负责人或分管领导"),
        ({"approver": "nobody"}, "股室负责人或分管领导"),
    ],
)
def test_what_cannot_be_on_the_paper_is_refused(desk: Desk, changes: dict[str, Any], sentence: str) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    given: dict[str, Any] = {"approver": "leader", **changes}
    with pytest.raises(DomainError, match=sentence):
        enter(desk, "clerk_only", Action.APPROVE, **given)
    assert desk.status() is Status.PENDING_REVIEW


def test_ones_own_decision_is_not_entered_as_somebody_elses_paper(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    with pytest.raises(DomainError, match="请直接办理"):
        enter(desk, "head", Action.APPROVE, "head")


@pytest.mark.parametrize(
    ("username", "refusal"),
    [("leader", NotAllowed), ("supervisor", NotAllowed), ("other_worker", NotAllowed)],
)
def test_only_the_sections_desk_enters(desk: Desk, username: str, refusal: type[DomainError]) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    with pytest.raises(refusal):
        enter(desk, username, Action.APPROVE, "head")


def test_what_is_no_decision_of_a_head_is_not_on_paper(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match="不能用纸质审批"):
        enter(desk, "clerk_only", Action.ACCEPT, "head")


def test_somebody_was_faster(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    with pytest.raises(StaleVersion):
        enter(desk, "clerk_only", Action.APPROVE, "leader", version=1)


def test_whoever_asked_lets_a_colleague_enter_it_where_there_is_one(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW, by="worker")
    with pytest.raises(DomainError, match=r"请由另一位同事补录，如head"):
        enter(desk, "worker", Action.APPROVE, "leader")


def test_in_a_section_of_two_the_applicant_enters_it_and_it_says_so(desk: Desk) -> None:
    with transaction() as session:
        gone = ["clerk_only", "handler_only", "head_only"]
        session.execute(sa.update(Account).where(Account.username.in_(gone)).values(disabled_at=now()))
    desk.register()
    desk.until(Status.PENDING_REVIEW, by="worker")
    enter(desk, "worker", Action.APPROVE, "leader")
    assert "worker作为申请人补录" in last_event().reason
    assert db.session.scalars(sa.select(PaperApproval.by_applicant)).one()


def test_a_long_extension_approved_on_paper_says_so_in_the_ledger(desk: Desk) -> None:
    desk.register()
    desk.until(Status.IN_PROGRESS)
    desk.do("worker", Action.EXTEND, days="8")
    with pytest.raises(DomainError, match="分管领导"):
        enter(desk, "clerk_only", Action.EXTEND, "head")
    enter(desk, "clerk_only", Action.EXTEND, "leader")
    row = db.session.scalars(sa.select(Extension)).one()
    assert (row.on_paper, row.approved_by) == (True, "leader")
    assert desk.running()["resolve"] == "2026-12-17"


def test_a_refusal_on_paper_asks_for_the_reason_of_the_list_too(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match="不予受理的理由"):
        enter(desk, "clerk_only", Action.REFUSE, "head", why="")
    enter(desk, "clerk_only", Action.REFUSE, "head")
    assert desk.status() is Status.REJECTED


def test_a_paper_of_the_day_before_keeps_its_day_and_moves_no_deadline(desk: Desk) -> None:
    desk.register(NOBODY)
    desk.until(Status.PENDING_REVIEW)
    desk.later(days=1)
    enter(desk, "clerk_only", Action.APPROVE, "leader")
    event = last_event()
    assert event.occurred_at.astimezone(OFFICE_ZONE).date() == TODAY
    assert event.recorded_at == now()
    assert desk.deadline("resolve").met_at == now(), "a date that was typed makes nothing timely"


def test_whoever_calls_back_was_not_kept_away_by_signing(desk: Desk) -> None:
    """The recorder of a paper has not handled the ticket, and the approver is known to the rules."""
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    enter(desk, "clerk_only", Action.APPROVE, "head")
    past = loading.state_of(db.session(), desk.ticket()).past
    assert past.approved_by == person("head").id
    desk.do("clerk_only", Action.CALLED_BACK)
    assert desk.status() is Status.CLOSED


def test_the_one_who_signed_is_shown_it_and_disputes_it(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    enter(desk, "clerk_only", Action.APPROVE, "leader")
    leader, head = person("leader"), person("head")
    ((row, number),) = paper.waiting(db.session(), leader)
    assert (row.what, row.words, row.recorded_by, number) == ("审核通过", "同意。", "clerk_only", desk.number)
    paper_id = row.id
    assert paper.waiting_count(db.session(), head) == 0
    with pytest.raises(NotFound), transaction() as session:
        paper.judge(session, paper_id, actor=head, verdict=PaperVerdict.RIGHT, remark="")
    with pytest.raises(DomainError, match="哪里不对"), transaction() as session:
        paper.judge(session, paper_id, actor=leader, verdict=PaperVerdict.DISPUTED, remark=" ")
    with transaction() as session:
        paper.judge(session, paper_id, actor=leader, verdict=PaperVerdict.DISPUTED, remark="不是我签的")
    assert paper.waiting_count(db.session(), leader) == 0
    assert last_event().reason == "审核通过（clerk_only补录）：有异议：不是我签的"
    with pytest.raises(DomainError, match="核对过"), transaction() as session:
        paper.judge(session, paper_id, actor=leader, verdict=PaperVerdict.RIGHT, remark="")
    assert verify_replay(db.session()).ok


def test_a_signature_is_not_older_than_what_it_is_about(desk: Desk) -> None:
    desk.register()
    desk.later(days=3)
    assert now() > datetime(2026, 11, 25, tzinfo=OFFICE_ZONE)
    desk.until(Status.IN_PROGRESS)
    desk.do("worker", Action.EXTEND, days="3")
    with pytest.raises(DomainError, match="11月26日"):
        enter(desk, "clerk_only", Action.EXTEND, "head", on=TODAY)
