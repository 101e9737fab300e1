"""An order until it leaves: drafted, changed, justified, issued, or given up."""

from __future__ import annotations

from datetime import date

from core import vault
from core.clock import OFFICE_ZONE, office_day
from core.errors import DomainError
from core.text import clean_line
from tickets import numbers, registers, released
from tickets.deadlines.rules import DeadlineKind, DeadlineRule
from tickets.masking.patterns import PLACEHOLDER
from tickets.models import Order
from tickets.models.people import random_id
from tickets.orders import sealing
from tickets.orders.consents import allowed_words
from tickets.orders.facts import facts_of
from tickets.orders.registers import school_named, unit_of
from tickets.orders.rules import REQUIREMENT_AT_MOST, TEXT_AT_MOST, speaks_as
from tickets.orders.texts import BEGINS, order_word, short_day
from tickets.orders.words import OrderState, PaperKind
from tickets.orders.work import OrderWork
from tickets.secrecy import leak_inquiries
from tickets.vocabulary import Direction


def draft(held: OrderWork) -> str:
    order = Order(
        id=random_id(),
        ticket_id=held.ticket.id,
        state=OrderState.DRAFT,
        drafted_by_id=held.work.actor.id,
        drafted_by=held.work.actor.display_name,
        drafted_at=held.at,
    )
    held.draft = order
    _fill_in(held)
    held.session.add(order)
    held.session.flush()
    return ""


def change(held: OrderWork) -> str:
    school = held.order.school_id
    _fill_in(held)
    if held.order.school_id != school:
        # What was said for one school was not said for another.
        held.order.head_id = held.order.leader_id = None
        held.order.head_reason = held.order.leader_reason = ""
    return ""


def justify(held: OrderWork) -> str:
    half = speaks_as(held.work.asker, held.work.state, facts_of(held.session, held.ticket, held.order))
    reason = held.filled.text("reason")
    if half == "head":
        held.order.head_id, held.order.head_reason = held.work.actor.id, reason
    else:
        held.order.leader_id, held.order.leader_reason = held.work.actor.id, reason
    return f"：{reason}"


def issue(held: OrderWork) -> str:
    """The text is checked once more, gets its number, and is frozen; the school's feedback is due from now on."""
    order, today = held.order, office_day(held.at)
    leak_inquiries.check_not_running(held.session, held.ticket)
    texts = sealing.open_texts(held.session, held.ticket, order)
    _check_texts(held, texts.text, texts.requirement)
    if held.ticket.released_at is None:
        raise DomainError("请先确认本件的脱敏摘要，再签发交办单。")
    _check_due(held, order.due_day)
    word = order_word(held.work.office_name)
    order.number = numbers.next_order_number(held.session, word, held.at.astimezone(OFFICE_ZONE).year)
    order.issued_by, order.issued_at = held.work.actor.display_name, held.at
    held.session.flush()
    held.start(DeadlineRule.on(DeadlineKind.FEEDBACK, order.due_day), held.at)
    held.file(
        PaperKind.ORDER,
        f"{texts.text}\n\n{texts.requirement}\n\n反馈期限：{short_day(order.due_day)}",
        at=held.at,
        direction=Direction.SCHOOL_OUT,
        with_files=False,
    )
    return f"：{short_day(order.due_day)}前反馈，由{today.month}月{today.day}日起"


def discard(held: OrderWork) -> str:
    return f"：{held.filled.text('reason')}"


def _fill_in(held: OrderWork) -> None:
    order, filled = held.order, held.filled
    school = school_named(held.session, filled.said["school"])
    order.school_id, order.school_name = school.id, school.name
    order.unit = clean_line(filled.said.get("unit", "")) or unit_of(held.session, school)
    order.text, order.requirement = filled.text("text"), filled.text("requirement")
    text, requirement = filled.said["text"], filled.said["requirement"]
    _check_texts(held, text, requirement)
    day = filled.day("due")
    assert day is not None  # noqa: S101 - the field is required
    _check_due(held, day)
    order.due_day = day
    key = vault.data_key(held.session, held.ticket.data_key_id)
    sealing.seal_texts(key, order, text=text, requirement=requirement)


def _check_texts(held: OrderWork, text: str, requirement: str) -> None:
    for label, value, most in (
        ("反映事项", text, TEXT_AT_MOST),
        ("办理要求", requirement, REQUIREMENT_AT_MOST),
    ):
        if len(value) > most:
            raise DomainError(
                f"“{label}”最多 {most} 字，现在是 {len(value)} 字；交办单要印在一张纸上，请精简。"
            )
        if PLACEHOLDER.search(value):
            raise DomainError(f"“{label}”里还有〔姓名1〕这样的标记，请改写成“反映人”“有关学生”等。")
    if not text.startswith(BEGINS):
        raise DomainError(f"“反映事项”请以“{BEGINS}”开头，不写来电、来信和时间。")
    words = allowed_words(held.session, held.ticket, held.order.school_id)
    released.check(held.session, held.ticket, text, requirement, held.order.unit, allowed=words)


def _check_due(held: OrderWork, day: date) -> None:
    if day <= office_day(held.at):
        raise DomainError("反馈期限要填明天以后的日期。")
    if not registers.working_calendar(held.session).is_working_day(day):
        raise DomainError(f"{short_day(day)}不上班，请改一个工作日。")
