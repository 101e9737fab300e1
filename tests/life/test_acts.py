"""What single acts ask for and leave behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, NotFound
from tests.life.support import MAIL, NOBODY, THERE, Desk
from tests.support.app import clock_of
from tickets import handling, identity
from tickets.models import TicketCategory, TicketSearch
from tickets.vocabulary import Action, Alarm, Outcome, Satisfaction, Secrecy, Status


def test_only_questions_praise_and_other_offices_matters_are_answered_at_once(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match="只有咨询"):
        desk.do("clerk_only", Action.ANSWER_NOW, category="B2")
    desk.do("clerk_only", Action.ANSWER_NOW, category="X20")
    ticket = desk.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.NOT_APPLICABLE)
    assert ticket.answered_at == ticket.closed_at == now()


def test_a_new_main_category_leaves_the_old_one_as_a_further_one(desk: Desk) -> None:
    desk.register(category="B2")
    desk.do("clerk_only", Action.CORRECT, category="C1")
    rows = db.session.scalars(sa.select(TicketCategory).order_by(TicketCategory.category_code))
    assert [(row.category_code, row.main) for row in rows] == [("B2", False), ("C1", True)]


def test_a_refusal_for_want_of_particulars_needs_that_nobody_can_be_asked(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match="先联系补充"):
        desk.do("head", Action.REFUSE, why="incomplete")
    desk.register(NOBODY)
    desk.do("head", Action.REFUSE, why="incomplete")
    assert desk.running() == {}
    assert desk.letters == []


def test_a_refusal_has_to_be_told_within_the_laws_days(desk: Desk) -> None:
    desk.register(MAIL)
    desk.do("head", Action.REFUSE)
    assert desk.letters == ["refused"]
    assert desk.running() == {"notice": "2026-12-08"}
    with transaction() as session:
        handling.notice_reached(session, desk.number, now())
    assert desk.running() == {}


def test_what_is_told_before_anything_is_decided_is_not_the_laws_notice(desk: Desk) -> None:
    desk.register()
    desk.do("worker", Action.NOTIFY)
    assert "notice" in desk.running()
    desk.do("worker", Action.ACCEPT)
    desk.do("worker", Action.NOTIFY)
    assert "notice" not in desk.running()


@pytest.mark.parametrize(("username", "decision"), [("worker", Action.ACCEPT), ("head", Action.REFUSE)])
def test_a_late_decision_is_not_told_in_time_by_naming_an_earlier_day(
    desk: Desk, username: str, decision: Action
) -> None:
    desk.register()
    clock_of(desk.app).moment += timedelta(days=20)
    desk.do(username, decision)

    desk.do("worker", Action.NOTIFY, at="2026-12-01T10:00")
    assert "notice" in desk.running()

    desk.do("worker", Action.NOTIFY)
    assert "notice" not in desk.running()


def test_a_transfer_is_followed_until_its_feedback(desk: Desk) -> None:
    desk.register()
    desk.do("head", Action.TRANSFER_OUT, feedback_by="2026-12-04", discipline="on")
    assert desk.letters == ["passed_on"]
    assert desk.running() == {"feedback": "2026-12-04", "notice": "2026-12-08"}
    desk.do("worker", Action.FEEDBACK)
    assert desk.running() == {"notice": "2026-12-08"}
    with pytest.raises(DomainError, match="登记过反馈"):
        desk.do("worker", Action.FEEDBACK)


def test_a_transfer_without_a_day_is_out_of_our_hands(desk: Desk) -> None:
    desk.register(NOBODY)
    with pytest.raises(DomainError, match="没有留下联系方式"):
        desk.do("head", Action.TRANSFER_OUT, contact_data="with_consent")
    desk.do("head", Action.TRANSFER_OUT)
    assert desk.running() == {}


def test_thirty_parents_are_one_matter_and_each_gets_an_answer(desk: Desk) -> None:
    main = desk.register()
    desk.do("worker", Action.ACCEPT)
    others = [desk.register(MAIL) for _ in range(3)]
    for number in others:
        desk.do("worker", Action.MERGE, number=number, into=main)
        assert desk.running(number) == {"notice": "2026-12-08"}, "each is told by itself"
    desk.number = main
    desk.do("worker", Action.START)
    desk.do("worker", Action.REPORT_DONE)
    done = desk.do("head", Action.APPROVE)
    assert sorted(letter.number for letter in done.letters) == sorted([main, *others])
    with transaction() as session:
        handling.answer_reached(session, others[0], now())
    child = desk.ticket(others[0])
    assert (child.status, child.answered_at) == (Status.MERGED, now())
    assert desk.running(others[0]) == {}


def test_a_merge_is_no_extension(desk: Desk) -> None:
    early = desk.register()
    desk.later(days=1)
    late = desk.register()
    with pytest.raises(DomainError, match="先收到的"):
        desk.do("worker", Action.MERGE, number=early, into=late)
    desk.do("worker", Action.MERGE, number=late, into=early.lower())
    assert desk.ticket(late).status is Status.MERGED


@pytest.mark.parametrize("wrong", ["ZJ20200101-0001", "", "itself", "elsewhere"])
def test_what_cannot_be_merged_into(desk: Desk, wrong: str) -> None:
    elsewhere = desk.register()
    desk.do("head", Action.HAND_OVER)
    number = desk.register()
    into = {"itself": number, "elsewhere": elsewhere}.get(wrong, wrong)
    with pytest.raises((DomainError, NotFound)):
        desk.do("worker", Action.MERGE, into=into)
    assert desk.status() is Status.PENDING


def test_taken_out_of_a_merge_its_deadlines_go_on_as_if_nothing_had_been(desk: Desk) -> None:
    main = desk.register()
    desk.register()
    before = desk.running()
    desk.do("worker", Action.MERGE, into=main)
    desk.later(days=1)
    desk.do("worker", Action.UNMERGE)
    assert desk.running() == before
    assert desk.ticket().merged_into_id is None


def test_a_main_ticket_does_not_take_the_others_along_when_it_goes(desk: Desk) -> None:
    main = desk.register()
    child = desk.register()
    desk.do("worker", Action.MERGE, into=main)
    for action in (Action.VOID, Action.WITHDRAW):
        with pytest.raises(DomainError, match="1 件并入本件"):
            desk.do("worker", action, number=main)
    with pytest.raises(DomainError, match="以本件为主件"):
        desk.do("worker", Action.MERGE, number=main, into=child)


def test_a_part_that_is_another_matter_becomes_a_ticket_with_the_same_people(desk: Desk) -> None:
    number = desk.register()
    desk.later(days=1)
    done = desk.do("worker", Action.SPLIT, section=THERE)
    assert done.split_off is not None
    part = desk.ticket(done.split_off.ticket.number)
    assert part.number.startswith("CY")
    assert part.received_at == desk.ticket(number).received_at
    assert part.matter == "另外食堂的饭菜是凉的。"
    with transaction() as session:
        assert identity.open_complainants(session, part) == identity.open_complainants(
            session, desk.ticket(number)
        )
    assert [letter.number for letter in done.letters] == [part.number]
    assert len(done.split_off.query_codes) == 1


def test_an_answer_is_written_before_it_is_reviewed(desk: Desk) -> None:
    desk.register()
    desk.until(Status.IN_PROGRESS)
    with pytest.raises(DomainError, match="拟答复"):
        desk.do("worker", Action.REPORT_DONE, answer="")


def test_three_tries_on_different_days_before_nobody_can_be_reached(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    desk.do("worker", Action.ANSWERED)
    for _ in range(2):
        desk.do("clerk_only", Action.CALLED_BACK, satisfaction="unreachable")
    desk.later(days=1)
    desk.do("clerk_only", Action.CALLED_BACK, satisfaction="unreachable")
    assert desk.status() is Status.PENDING_CALLBACK, "twice on one day is one try"
    desk.later(days=1)
    desk.do("clerk_only", Action.CALLED_BACK, satisfaction="unreachable")
    assert desk.status() is Status.CLOSED


def test_tries_before_it_was_done_again_do_not_count(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    for _ in range(2):
        desk.do("clerk_only", Action.CALLED_BACK, satisfaction="unreachable")
        desk.later(days=1)
    desk.do("head", Action.REDO)
    desk.do("worker", Action.REPORT_DONE)
    desk.do("head_only", Action.APPROVE)
    desk.do("clerk_only", Action.CALLED_BACK, satisfaction="unreachable")
    assert desk.status() is Status.PENDING_CALLBACK


def test_who_is_not_satisfied_is_done_again_or_explained_to(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    desk.do("worker", Action.ANSWERED)
    desk.do("clerk_only", Action.CALLED_BACK, satisfaction="dissatisfied")
    assert desk.status() is Status.PENDING_CALLBACK
    assert set(desk.running()) == {"call_back"}, "the head has days for it too"
    desk.do("head", Action.UPHOLD)
    assert desk.status() is Status.PENDING_CALLBACK
    desk.do("leader", Action.UPHOLD)
    assert desk.status() is Status.CLOSED
    assert desk.running() == {}


def test_a_call_back_can_be_the_telling(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_CALLBACK)
    with pytest.raises(DomainError, match="先登记答复送达"):
        desk.do("clerk_only", Action.CALLED_BACK, satisfaction="not_sampled")
    desk.do("clerk_only", Action.CALLED_BACK, satisfaction=Satisfaction.MOSTLY.value)
    assert desk.deadline("resolve").met_at == now()
    assert desk.ticket().answered_at == now()


def test_telling_is_not_dated_back_before_it_was_approved(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    desk.later(days=10)
    desk.do("head", Action.APPROVE)
    with pytest.raises(DomainError, match="审核通过之后"):
        desk.do("worker", Action.ANSWERED, at="2026-11-30T10:00")
    with pytest.raises(DomainError, match="不能晚于现在"):
        desk.do("worker", Action.ANSWERED, at="2026-12-30T10:00")
    desk.later(hours=2)
    done = desk.do("worker", Action.ANSWERED, at="2026-12-03T10:00")
    assert done.event.occurred_at < done.event.recorded_at


@pytest.mark.parametrize("why", ["Y1", "restricted"])
def test_what_is_grave_is_not_withdrawn(desk: Desk, why: str) -> None:
    desk.register(secrecy=Secrecy.RESTRICTED if why == "restricted" else Secrecy.ORDINARY)
    with transaction() as session:
        ticket = session.merge(desk.ticket())
        ticket.alarm = Alarm.Y1 if why == "Y1" else None
    with pytest.raises(DomainError, match="不能按反映人撤回"):
        desk.do("head", Action.WITHDRAW)


def test_what_is_typed_is_masked_for_work_and_kept_as_it_was(desk: Desk) -> None:
    desk.register()
    desk.until(Status.IN_PROGRESS)
    said = "林小雅家长，已退还材料费，有事请打13905951234。"
    done = desk.do("worker", Action.REPORT_DONE, answer=said)
    ticket = desk.ticket()
    assert "13905951234" not in ticket.answer + done.event.data
    assert "林小雅" not in ticket.answer + done.event.data
    with transaction() as session:
        kept = identity.open_verbatim(session, ticket)
        assert handling.answer_in_full(session, ticket) == said, "the letter says it as it was written"
    assert kept[f"answer@{done.event.position}"] == said
    grams = db.session.scalars(sa.select(TicketSearch.grams)).one()
    assert "退还" in grams
    assert "3905951234" not in grams


def test_an_answer_without_names_is_the_same_in_the_letter(desk: Desk) -> None:
    desk.register()
    desk.until(Status.PENDING_REVIEW)
    with transaction() as session:
        assert handling.answer_in_full(session, desk.ticket()) == desk.ticket().answer


def test_secrecy_is_raised_by_anybody_and_lowered_by_a_head(desk: Desk) -> None:
    desk.register()
    desk.do("worker", Action.CORRECT, secrecy="strict")
    with pytest.raises(DomainError, match="降低保密程度"):
        desk.do("worker", Action.CORRECT, secrecy="ordinary")
    desk.do("head", Action.CORRECT, secrecy="ordinary")
    desk.do("worker", Action.CORRECT, target_kind="headmaster")
    assert desk.ticket().secrecy is Secrecy.RESTRICTED


def test_a_correction_corrects_something(desk: Desk) -> None:
    desk.register()
    with pytest.raises(DomainError, match="没有要更正"):
        desk.do("worker", Action.CORRECT, title="")


def test_every_act_is_a_new_version_and_one_only(desk: Desk) -> None:
    desk.register()
    versions = [desk.ticket().version]
    for username, action in (
        ("worker", Action.ACCEPT),
        ("worker", Action.START),
        ("worker", Action.WITHDRAW),
        ("head", Action.SUSPEND),
    ):
        desk.do(username, action)
        versions.append(desk.ticket().version)
    assert versions == list(range(versions[0], versions[0] + 5))


def test_who_left_nothing_cannot_be_told(desk: Desk) -> None:
    desk.register(NOBODY)
    with pytest.raises(DomainError, match="没有留下联系方式"):
        desk.do("worker", Action.NOTIFY)
