"""An order on its way to the school: delivered, signed for, reminded of, given more time."""

from __future__ import annotations

from core.errors import DomainError
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind
from tickets.deadlines.rules import extend as extended
from tickets.deadlines.standard import standard_rule
from tickets.handling import loading
from tickets.models import Extension
from tickets.orders.texts import short_day
from tickets.orders.words import DeliveryWay, PaperKind, ReminderWay
from tickets.orders.work import OrderWork
from tickets.vocabulary import Direction


def deliver(held: OrderWork) -> str:
    """From now on the school knows; it has a day to sign for it."""
    order, filled = held.order, held.filled
    at = held.happened_at(not_before=order.issued_at, so="送达要在签发之后")
    order.delivery_way, order.delivered_at = filled.choice("way", DeliveryWay), at
    order.delivered_to = filled.text("to")
    order.delivered_by = filled.text("by") or held.work.actor.display_name
    held.start(standard_rule(DeadlineKind.SIGN_OFF, held.work.settings), at)
    said = f"{order.delivery_way.label}送达{order.school_name}，交{order.delivered_to}"
    _file_proof(held, PaperKind.DELIVERY, said)
    return f"：{order.delivery_way.label}，交{order.delivered_to}"


def sign(held: OrderWork) -> str:
    order, filled = held.order, held.filled
    at = held.happened_at(not_before=order.delivered_at, so="签收要在送达之后")
    order.signed_by, order.signed_title, order.signed_at = filled.text("signer"), filled.text("title"), at
    held.meet(DeadlineKind.SIGN_OFF, at=at)
    who = f"{order.signed_title}{order.signed_by}"
    _file_proof(held, PaperKind.SIGN_OFF, f"{order.school_name}{who}签收")
    return f"：{who}签收"


def remind(held: OrderWork) -> str:
    """It was really said: to whom, how, and what the answer was."""
    order, filled = held.order, held.filled
    held.happened_at(not_before=order.delivered_at, so="催办要在送达之后")
    order.reminders += 1
    said = filled.text("reason")
    return f"：第 {order.reminders} 次，{filled.choice('way', ReminderWay).label}，{filled.text('to')}{'：' + said if said else ''}"


def extend(held: OrderWork) -> str:
    """The school asked in time; its day moves, never past the ticket's own unless that one has moved before."""
    row = held.running(DeadlineKind.FEEDBACK)
    assert row is not None  # noqa: S101 - the rule has asked for it
    days = held.filled.days("days")
    before = row.due_at
    pauses = ledger.pauses_of(loading.suspensions_of(held.session, held.ticket))
    later = extended(ledger.due_of(row, pauses), days, held.work.calendar)
    limit = next((each for each in held.work.own(DeadlineKind.RESOLVE)), None)
    if limit is not None and later.last_day > limit.last_day:
        raise DomainError(
            f"延长后是 {short_day(later.last_day)}，晚于本件的办理时限 {short_day(limit.last_day)}；请先给本件申请延期。"
        )
    held.work.move(row, later)
    held.order.due_day = later.last_day
    held.session.add(
        Extension(
            deadline_id=row.id,
            days=days,
            reason=held.filled.text("reason"),
            asked_by=f"{held.order.school_name}{held.filled.text('asked_by')}",
            asked_at=held.at,
            approved_by=held.work.actor.display_name,
            approved_at=held.at,
            due_before=before,
            due_after=row.due_at,
        )
    )
    _file_proof(held, PaperKind.MAIL, f"{held.order.school_name}书面申请延期：{held.filled.text('reason')}")
    return f"：延长 {days} 个工作日，到 {short_day(later.last_day)}；{held.filled.text('reason')}"


def _file_proof(held: OrderWork, kind: PaperKind, said: str) -> None:
    if held.files:
        direction = Direction.SCHOOL_OUT if kind is PaperKind.DELIVERY else Direction.SCHOOL_IN
        held.file(kind, said, at=held.work.occurred_at or held.at, direction=direction)
