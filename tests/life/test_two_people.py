"""A section of two people walks every path, and nobody needs another one's password."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from accounts.models import Account, Delegation
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, NotAllowed, NotFound
from tests.life.support import THERE, Desk, person
from tickets import duties
from tickets.action_table import TABLE
from tickets.duties import NextPerson
from tickets.handling import loading
from tickets.vocabulary import Action, CallerKind, Status


@pytest.fixture
def small(desk: Desk) -> Desk:
    """Only the head and one worker in the section, the same in the other one, and the leader over both."""
    with transaction() as session:
        session.execute(
            sa.update(Account)
            .where(Account.username.in_(["clerk_only", "handler_only", "head_only"]))
            .values(disabled_at=now())
        )
    return desk


def whose_turn(desk: Desk, action: Action) -> NextPerson:
    session = db.session()
    state = loading.state_of(session, desk.ticket())
    return duties.next_person(TABLE[action], state, duties.staff(session), duties.section_names(session))


def test_the_worker_handles_the_head_reviews_another_section_calls_back(small: Desk) -> None:
    small.register()
    small.until(Status.PENDING_REVIEW, by="worker")
    with pytest.raises(NotAllowed):
        small.do("worker", Action.APPROVE)
    assert [each.username for each in whose_turn(small, Action.APPROVE).people] == ["head", "leader"]
    small.do("head", Action.APPROVE)
    small.do("worker", Action.ANSWERED)

    with pytest.raises(DomainError, match=r"您经办过这一件.*请送初幼教股（other_head、other_worker）"):
        small.do("worker", Action.CALLED_BACK)
    turn = whose_turn(small, Action.CALLED_BACK)
    assert turn.send_to is not None
    small.do("worker", Action.SEND_ON, duty="call_back", section=THERE)
    small.do("other_worker", Action.CALLED_BACK)
    assert small.status() is Status.CLOSED
    with pytest.raises(NotFound):
        small.do("other_worker", Action.CORRECT)  # standing in has ended, and with it the right to know


def test_the_head_handles_another_head_reviews_the_worker_calls_back(small: Desk) -> None:
    small.register()
    small.until(Status.PENDING_REVIEW, by="head")
    with pytest.raises(DomainError, match=r"您本人报请办结的.*leader"):
        small.do("head", Action.APPROVE)
    with pytest.raises(NotFound):
        small.do("other_head", Action.APPROVE)
    small.do("head", Action.SEND_ON, duty="review", section=THERE)
    with pytest.raises(NotAllowed):
        small.do("other_worker", Action.APPROVE)  # what was sent is the head's duty, not the section's
    small.do("other_head", Action.APPROVE)
    small.do("head", Action.ANSWERED)
    assert [each.username for each in whose_turn(small, Action.CALLED_BACK).people] == ["worker"]
    small.do("worker", Action.CALLED_BACK)
    assert small.status() is Status.CLOSED


def test_the_head_who_reviewed_calls_back_only_if_nobody_else_is_left(small: Desk) -> None:
    small.register()
    small.until(Status.PENDING_REVIEW, by="worker")
    small.do("head", Action.APPROVE)
    assert whose_turn(small, Action.CALLED_BACK).send_to is not None
    with transaction() as session:
        session.execute(
            sa.update(Account).where(Account.username.startswith("other_")).values(disabled_at=now())
        )
    turn = whose_turn(small, Action.CALLED_BACK)
    assert [each.username for each in turn.people] == ["head"]
    assert turn.send_to is None
    assert not turn.to_leader


def test_what_few_may_know_goes_to_the_leader_not_to_another_section(small: Desk) -> None:
    small.register(caller_kind=CallerKind.TEACHER)
    with pytest.raises(NotFound):
        small.do("worker", Action.ACCEPT)
    small.do("head", Action.ACCEPT)
    small.do("head", Action.START)
    small.do("head", Action.REPORT_DONE)
    with pytest.raises(DomainError, match="不能送另一股室"):
        small.do("head", Action.SEND_ON, duty="review", section=THERE)
    small.do("leader", Action.APPROVE)
    small.do("head", Action.ANSWERED)
    turn = whose_turn(small, Action.CALLED_BACK)
    assert turn.to_leader
    small.do("head", Action.SEND_ON, duty="call_back", section="")
    small.do("leader", Action.CALLED_BACK)
    assert small.status() is Status.CLOSED


def test_a_complaint_about_the_section_itself_is_the_leaders(small: Desk) -> None:
    small.register(conflict=True)
    with pytest.raises(NotFound):
        small.do("head", Action.ACCEPT)
    small.do("leader", Action.ACCEPT, handler="other_worker")
    small.do("other_worker", Action.START)
    small.do("other_worker", Action.REPORT_DONE)
    small.do("leader", Action.APPROVE)
    assert small.status() is Status.PENDING_CALLBACK


def _stands_in(deputy: str, principal: str) -> None:
    with transaction() as session:
        session.add(
            Delegation(
                principal_id=person(principal).id,
                deputy_id=person(deputy).id,
                from_day="2026-11-23",
                until_day="2026-11-27",
                created_by_id=person(principal).id,
                created_at=now(),
            )
        )


def test_a_deputy_acts_for_the_head_who_is_away(small: Desk) -> None:
    _stands_in("worker", "head")
    small.register()
    small.do("worker", Action.REFUSE)
    assert small.status() is Status.REJECTED


def test_a_deputy_may_not_do_what_the_head_himself_may_not(small: Desk) -> None:
    _stands_in("worker", "head")
    small.register()
    small.until(Status.PENDING_REVIEW, by="head")
    with pytest.raises(DomainError, match="报请办结"):
        small.do("worker", Action.APPROVE)


def test_a_deputy_does_not_review_the_own_work_in_the_heads_name(small: Desk) -> None:
    _stands_in("worker", "head")
    small.register()
    small.until(Status.PENDING_REVIEW, by="worker")
    with pytest.raises(DomainError, match="报请办结"):
        small.do("worker", Action.APPROVE)


def test_a_deputy_is_one_for_as_long_as_was_said(small: Desk) -> None:
    _stands_in("worker", "head")
    small.register()
    small.later(days=5)
    with pytest.raises(NotAllowed):
        small.do("worker", Action.REFUSE)


def test_withdrawal_takes_two_people_and_a_head(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS, by="worker")
    small.do("worker", Action.WITHDRAW)
    assert small.status() is Status.IN_PROGRESS
    with pytest.raises(DomainError, match="另一个人"):
        small.do("worker", Action.WITHDRAW)
    small.do("head", Action.WITHDRAW)
    assert small.status() is Status.IN_PROGRESS, "checked, but not yet agreed to"
    small.do("head", Action.WITHDRAW)
    assert small.status() is Status.WITHDRAWN
    assert small.running() == {}


def test_a_withdrawal_that_is_not_agreed_to_changes_nothing(small: Desk) -> None:
    small.register()
    small.do("worker", Action.WITHDRAW)
    small.do("head", Action.WITHDRAW, decision="disagree")
    assert small.status() is Status.PENDING
    small.do("head", Action.WITHDRAW)  # asked for anew, by the head
    with pytest.raises(DomainError, match="另一个人"):
        small.do("head", Action.WITHDRAW)


def test_voiding_takes_two_people_one_of_them_a_head(small: Desk) -> None:
    small.register()
    small.do("worker", Action.VOID)
    with pytest.raises(DomainError, match="另一个人"):
        small.do("worker", Action.VOID)
    small.do("head", Action.VOID)
    assert small.status() is Status.VOIDED


def test_a_head_who_asks_for_voiding_needs_anybody_else(small: Desk) -> None:
    small.register()
    small.do("head", Action.VOID)
    small.do("worker", Action.VOID)
    assert small.status() is Status.VOIDED


def test_two_without_a_head_cannot_void(desk: Desk) -> None:
    desk.register()
    desk.do("worker", Action.VOID)
    with pytest.raises(DomainError, match="股室负责人或分管领导"):
        desk.do("clerk_only", Action.VOID)


def test_only_a_head_names_somebody_else(small: Desk) -> None:
    small.register()
    with pytest.raises(DomainError, match="只有股室负责人"):
        small.do("worker", Action.ACCEPT, handler="head")
    small.do("head", Action.ACCEPT, handler="worker")
    with pytest.raises(DomainError, match="没有可以承办"):
        small.do("head", Action.ASSIGN, handler="other_worker")
    assert small.ticket().handler_id == person("worker").id


def test_whoever_once_handled_it_does_not_call_back(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS, by="worker")
    small.do("head", Action.ASSIGN, handler="head")
    small.do("head", Action.REPORT_DONE)
    small.do("leader", Action.APPROVE)
    small.do("head", Action.ANSWERED)
    with pytest.raises(DomainError, match="经办过"):
        small.do("worker", Action.CALLED_BACK)


def test_standing_in_ends_with_the_stage_it_was_asked_for(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS)
    small.do("worker", Action.SEND_ON, duty="review", section="")
    small.do("leader", Action.SUSPEND)
    with pytest.raises(NotAllowed):
        small.do("leader", Action.RESUME)


def test_where_only_the_head_is_left_the_other_sections_head_agrees_to_voiding(small: Desk) -> None:
    small.register()
    small.do("head", Action.VOID)
    with transaction() as session:
        session.execute(sa.update(Account).where(Account.username == "worker").values(disabled_at=now()))
    assert {each.username for each in whose_turn(small, Action.VOID).people} >= {"leader"}
    small.do("head", Action.SEND_ON, duty="review", section=THERE)
    small.do("other_head", Action.VOID)
    assert small.status() is Status.VOIDED


def test_a_short_extension_is_the_heads_or_the_deputys_never_the_applicants(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS, by="head")
    small.do("head", Action.EXTEND, days="3")
    with pytest.raises(DomainError, match=r"另一个人"):
        small.do("head", Action.EXTEND)
    small.do("leader", Action.EXTEND)
    assert small.running()["resolve"] == "2026-12-10"
    _stands_in("worker", "head")
    small.do("head", Action.EXTEND, days="1")
    small.do("worker", Action.EXTEND)
    assert small.running()["resolve"] == "2026-12-11"


def test_a_long_extension_is_the_leaders_alone(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS, by="worker")
    small.do("worker", Action.EXTEND, days="8")
    with pytest.raises(DomainError, match="分管领导"):
        small.do("head", Action.EXTEND)
    small.do("leader", Action.EXTEND)
    assert small.running()["resolve"] == "2026-12-17"


def test_what_nobody_handles_any_more_the_head_gives_to_somebody(small: Desk) -> None:
    small.register()
    small.until(Status.IN_PROGRESS, by="worker")
    with transaction() as session:
        session.execute(sa.update(Account).where(Account.username == "worker").values(disabled_at=now()))
    small.do("head", Action.ASSIGN, handler="head")
    small.do("head", Action.REPORT_DONE)
    assert [each.username for each in whose_turn(small, Action.APPROVE).people] == ["leader"]


def test_anybody_of_the_section_takes_a_case_on(small: Desk) -> None:
    small.register()
    small.do("worker", Action.ACCEPT, handler="worker")
    small.register()
    small.do("head", Action.ACCEPT, handler="head")
    assert small.status() is Status.ACCEPTED
