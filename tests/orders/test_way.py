"""The way of an order: from the draft to the verified feedback, with numbers, deadlines and history."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import DomainError, NotFound, StaleVersion
from tests.life.support import person
from tests.orders.support import CENTRAL, CHILD, DUE, LATER, PHONE, SCHOOL, SMALL, SUMMARY, OrderDesk
from tickets.deadlines.rules import DeadlineKind
from tickets.handling import loading
from tickets.messages import NewAttachment
from tickets.models import Attachment, Extension, Message, OrderMessage, TicketEvent
from tickets.orders import answering
from tickets.orders.perform import perform
from tickets.orders.words import OrderState, OrderVerb, PaperKind
from tickets.replay import verify_replay
from tickets.vocabulary import Action, Direction, Status


def test_an_order_goes_from_draft_to_verified(desk: OrderDesk) -> None:
    desk.open_ticket()
    order = desk.order_until(OrderState.VERIFIED)
    assert order.number == "安教交〔2026〕1号"
    assert (order.school_name, order.unit) == (SCHOOL, SCHOOL)
    assert order.signed_title == "校长"
    assert order.closed_at is not None
    assert desk.owed() == {}
    assert verify_replay(db.session()).ok


def test_a_draft_has_no_number_so_that_one_given_up_leaves_no_gap(desk: OrderDesk) -> None:
    desk.open_ticket()
    assert desk.order_until(OrderState.DRAFT).number is None
    desk.step("worker", OrderVerb.DISCARD)
    assert desk.order_until(OrderState.ISSUED).number == "安教交〔2026〕1号"
    assert desk.order_until(OrderState.ISSUED).number == "安教交〔2026〕2号"


def test_the_numbers_of_a_new_year_begin_anew(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.ISSUED)
    desk.later(days=45)
    desk.step("worker", OrderVerb.DRAFT, due="2027-01-20")
    desk.step("worker", OrderVerb.ISSUE)
    assert desk.order().number == "安教交〔2027〕1号"


def test_the_first_order_starts_the_ticket_and_names_who_handles_it(desk: OrderDesk) -> None:
    desk.open_ticket(accepted_only=True)
    assert desk.status() is Status.ACCEPTED
    desk.order_until(OrderState.DRAFT)
    assert desk.status() is Status.ACCEPTED
    assert desk.step("worker", OrderVerb.ISSUE).began
    assert desk.status() is Status.IN_PROGRESS
    assert verify_replay(db.session()).ok


def test_the_feedback_is_due_by_its_own_date_and_the_sign_off_a_working_day_after_delivery(
    desk: OrderDesk,
) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.ISSUED)
    assert desk.owed() == {"feedback": DUE}
    desk.step("worker", OrderVerb.DELIVER)
    assert desk.owed() == {"feedback": DUE, "sign_off": "2026-11-24"}
    desk.step("worker", OrderVerb.SIGN)
    assert desk.owed() == {"feedback": DUE}
    desk.step("worker", OrderVerb.REPORT)
    assert desk.owed() == {}
    desk.step("worker", OrderVerb.RETURN)
    assert desk.owed() == {"feedback": LATER}
    assert verify_replay(db.session()).ok


def test_who_answers_has_received_it(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.DELIVERED)
    desk.step("worker", OrderVerb.REPORT)
    assert desk.owed() == {}


@pytest.mark.parametrize(
    "state", [OrderState.ISSUED, OrderState.DELIVERED, OrderState.REPORTED, OrderState.RETURNED]
)
def test_nothing_is_reported_done_while_an_order_is_open(desk: OrderDesk, state: OrderState) -> None:
    desk.open_ticket()
    desk.order_until(state)
    with pytest.raises(DomainError, match="还有交办单没有办完"):
        desk.do("worker", Action.REPORT_DONE)


@pytest.mark.parametrize("state", [OrderState.DRAFT, OrderState.VERIFIED, OrderState.CANCELLED])
def test_it_is_reported_done_when_no_order_is_open(desk: OrderDesk, state: OrderState) -> None:
    desk.open_ticket()
    desk.order_until(state)
    desk.do("worker", Action.REPORT_DONE)
    assert desk.status() is Status.PENDING_REVIEW


def test_a_draft_cannot_be_issued_any_more_once_the_ticket_is_under_review(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.DRAFT)
    desk.do("worker", Action.REPORT_DONE)
    with pytest.raises(DomainError, match="待审核"):
        desk.step("worker", OrderVerb.ISSUE)


def test_an_order_is_not_issued_before_the_released_text_is_confirmed(desk: OrderDesk) -> None:
    desk.register()
    desk.do("worker", Action.ACCEPT, handler="worker")
    desk.order_until(OrderState.DRAFT)
    with pytest.raises(DomainError, match="脱敏摘要"):
        desk.step("worker", OrderVerb.ISSUE)


def test_the_central_school_takes_the_order_of_a_school_that_belongs_to_it(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.step("worker", OrderVerb.DRAFT, school=SMALL)
    assert (desk.order().unit, desk.order().school_name) == (CENTRAL, SMALL)


def test_a_school_nobody_knows_gets_no_order(desk: OrderDesk) -> None:
    desk.open_ticket()
    with pytest.raises(DomainError, match="登记册里没有"):
        desk.step("worker", OrderVerb.DRAFT, school="城东")


@pytest.mark.parametrize("due", ["2026-11-23", "2026-11-28"])
def test_the_feedback_is_due_on_a_working_day_to_come(desk: OrderDesk, due: str) -> None:
    desk.open_ticket()
    with pytest.raises(DomainError, match=r"反馈期限要填明天以后|不上班"):
        desk.step("worker", OrderVerb.DRAFT, due=due)


def test_the_school_gets_more_time_by_the_head_and_the_first_day_stays_on_record(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.SIGNED)
    desk.step("head", OrderVerb.EXTEND)
    assert desk.owed() == {"feedback": "2026-12-04"}
    extension = db.session.scalars(sa.select(Extension)).one()
    assert (extension.asked_by, extension.approved_by) == (f"{SCHOOL}陈校长", "head")
    assert desk.deadline("feedback").original_last_day.isoformat() == DUE
    assert verify_replay(db.session()).ok


def test_the_school_gets_no_more_time_than_the_ticket_has(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.SIGNED)
    with pytest.raises(DomainError, match="晚于本件的办理时限"):
        desk.step("head", OrderVerb.EXTEND, days="5")


def test_no_more_time_is_given_after_the_day(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.SIGNED)
    desk.later(days=12)
    with pytest.raises(DomainError, match="已经过了反馈期限"):
        desk.step("head", OrderVerb.EXTEND)


def test_while_the_ticket_stands_still_the_school_s_clock_stands_still_too(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.ISSUED)
    desk.do("head", Action.SUSPEND, until="2026-11-25")
    desk.step("worker", OrderVerb.DELIVER)
    assert desk.owed() == {"feedback": "2026-12-07", "sign_off": "2026-11-26"}
    assert verify_replay(db.session()).ok


def test_reminding_is_written_down_with_the_answer(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.SIGNED)
    desk.step("clerk_only", OrderVerb.REMIND)
    desk.step("clerk_only", OrderVerb.REMIND)
    assert desk.order().reminders == 2
    last = db.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert last is not None
    assert "第 2 次，电话，陈主任：明天送来" in last.reason


def test_two_people_at_one_order_the_second_is_told(desk: OrderDesk) -> None:
    desk.open_ticket()
    seen = desk.order_until(OrderState.ISSUED).version
    desk.step("worker", OrderVerb.DELIVER)
    with pytest.raises(StaleVersion), transaction() as session:
        perform(
            session,
            desk.number,
            OrderVerb.CANCEL,
            actor=person("head"),
            fields={"reason": "重开"},
            order_id=desk.order_id,
            version=seen,
        )


def test_an_order_of_another_ticket_does_not_exist_here(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.DRAFT)
    foreign = desk.order_id
    desk.open_ticket()
    desk.order_id = foreign
    with pytest.raises(NotFound):
        desk.step("worker", OrderVerb.ISSUE)


@pytest.mark.parametrize("stranger", ["other_head", "other_worker", "supervisor", "admin"])
def test_another_section_s_order_does_not_exist(desk: OrderDesk, stranger: str) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.ISSUED)
    with pytest.raises(NotFound):
        desk.step(stranger, OrderVerb.DELIVER)


def test_papers_of_an_order_stand_in_the_ticket_s_course(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.SIGNED)
    proof = NewAttachment(name="退费签领表-张小明.pdf", content_type="application/pdf", size=9, blob="0" * 64)
    desk.step("worker", OrderVerb.REPORT, files=(proof,), facts=f"已向{CHILD}家长（{PHONE}）退还。")
    rows = db.session.execute(
        sa.select(OrderMessage.kind, Message.direction, Message.text)
        .join(Message, Message.id == OrderMessage.message_id)
        .order_by(Message.recorded_at)
    ).all()
    assert {(row.kind, row.direction) for row in rows} == {
        (PaperKind.ORDER, Direction.SCHOOL_OUT),
        (PaperKind.FEEDBACK, Direction.SCHOOL_IN),
    }
    assert PHONE not in "".join(row.text for row in rows)
    assert db.session.scalars(sa.select(Attachment.label)).all() == ["附件1.pdf"]


def test_an_inquiry_starts_the_ticket_as_an_order_does(desk: OrderDesk) -> None:
    desk.open_ticket(accepted_only=True)
    desk.inquire()
    assert desk.status() is Status.IN_PROGRESS
    assert verify_replay(db.session()).ok


def test_who_drafted_an_order_has_handled_the_ticket(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.step("head", OrderVerb.DRAFT)
    desk.step("head", OrderVerb.DISCARD)
    desk.do("worker", Action.REPORT_DONE)
    desk.do("leader", Action.APPROVE)
    with pytest.raises(DomainError, match="经办过"):
        desk.do("head", Action.CALLED_BACK)


def test_history_tells_every_step_and_keeps_no_text_of_a_draft(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.VERIFIED)
    rows = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.ORDER)).all()
    assert [json.loads(row.data)["verb"] for row in rows] == [
        "draft", "issue", "deliver", "sign", "report", "verify",
    ]  # fmt: skip
    assert SUMMARY not in rows[0].data


def test_a_school_s_mail_finds_its_order_by_the_token_or_by_our_letter(desk: OrderDesk) -> None:
    desk.open_ticket()
    order = desk.order_until(OrderState.ISSUED)
    assert answering.order_of_token(db.session(), order.token) == order.id
    assert answering.order_of_token(db.session(), "0" * 16) is None
    assert answering.order_of_token(db.session(), "") is None
    desk.step("head", OrderVerb.CANCEL)
    assert answering.order_of_token(db.session(), order.token) == order.id


def test_a_draft_s_token_opens_nothing(desk: OrderDesk) -> None:
    desk.open_ticket()
    order = desk.order_until(OrderState.DRAFT)
    assert answering.order_of_token(db.session(), order.token) is None


def test_deadlines_of_two_orders_are_kept_apart(desk: OrderDesk) -> None:
    desk.open_ticket()
    desk.order_until(OrderState.ISSUED)
    desk.step("worker", OrderVerb.DRAFT, due=LATER)
    desk.step("worker", OrderVerb.ISSUE)
    rows = loading.deadlines_of(db.session(), desk.ticket())
    owners = [row.owner_ref for row in rows if row.kind is DeadlineKind.FEEDBACK]
    assert owners == ["order/安教交〔2026〕1号", "order/安教交〔2026〕2号"]
