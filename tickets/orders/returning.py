"""What comes back from the school: its feedback, verified or returned; and the end of an order that was wrong."""

from __future__ import annotations

from core.clock import office_day
from core.errors import DomainError
from tickets import registers
from tickets.deadlines.rules import DeadlineKind, DeadlineRule
from tickets.orders.texts import short_day
from tickets.orders.words import Finding, PaperKind
from tickets.orders.work import OrderWork
from tickets.vocabulary import Channel, Direction

_LABELS = (
    ("facts", "核查过程和事实经过"),
    ("measures", "整改措施和完成时间"),
    ("responsible", "责任人"),
    ("numbers", "涉及人数、金额"),
)


def report(held: OrderWork) -> str:
    """The school's answer, with its papers, in the ticket's course. An order that is answered was received."""
    order, filled = held.order, held.filled
    at = held.happened_at(not_before=order.delivered_at, so="反馈要在送达之后")
    finding = filled.choice("finding", Finding)
    if finding in {Finding.TRUE, Finding.PARTLY_TRUE} and not filled.text("measures"):
        raise DomainError("学校认为属实或部分属实的，要有整改措施和完成时间；没有写的，请退给学校补充。")
    order.finding, order.reported_at = finding, at
    lines = [f"是否属实：{finding.label}"]
    lines += [f"{label}：{filled.said[name]}" for name, label in _LABELS if filled.said.get(name)]
    held.file(
        PaperKind.FEEDBACK,
        "\n".join(lines),
        at=at,
        direction=Direction.SCHOOL_IN,
        channel=Channel.LETTER,
    )
    held.meet(DeadlineKind.SIGN_OFF, DeadlineKind.FEEDBACK, at=at)
    return f"：学校认为{finding.label}"


def verify(held: OrderWork) -> str:
    if held.files:
        held.file(PaperKind.FEEDBACK, held.filled.said["reason"], at=held.at, direction=Direction.NOTE)
    return f"：{held.filled.text('reason')}"


def send_back(held: OrderWork) -> str:
    """Not good enough: the same order, another round of its feedback."""
    day = held.filled.day("due")
    assert day is not None  # noqa: S101 - the field is required
    if day <= office_day(held.at) or not registers.working_calendar(held.session).is_working_day(day):
        raise DomainError("重新反馈的期限要填明天以后的工作日。")
    held.order.returns += 1
    held.order.due_day = day
    held.start(DeadlineRule.on(DeadlineKind.FEEDBACK, day), held.at)
    return f"：{held.filled.text('reason')}；{short_day(day)}前重报"


def cancel(held: OrderWork) -> str:
    held.end(DeadlineKind.SIGN_OFF, DeadlineKind.FEEDBACK)
    return f"：{held.filled.text('reason')}"
