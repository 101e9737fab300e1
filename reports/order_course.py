"""What a ticket's orders to schools had come to by a moment, told out of its history. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reports.figures import Course
from tickets.orders.words import OrderState, OrderVerb
from tickets.vocabulary import Action, Status

_STATES = {state.value: state for state in OrderState}


@dataclass(frozen=True, kw_only=True)
class OrderCourse:
    """One order that was issued: when it was issued, delivered and answered, as far as it was."""

    id: str
    issued_at: datetime
    delivered_at: datetime | None = None
    reported_at: datetime | None = None
    state: OrderState = OrderState.ISSUED


def orders_of(course: Course) -> tuple[OrderCourse, ...]:
    """The orders issued and not cancelled, oldest first, by what was recorded before the cut-off."""
    found: dict[str, OrderCourse] = {}
    for event in course.ticket.events:
        if event.action is not Action.ORDER or event.recorded_at >= course.cut.before:
            continue
        told = event.data
        key, verb = str(told.get("order", "")), told.get("verb")
        if verb == OrderVerb.ISSUE.value:
            found[key] = OrderCourse(id=key, issued_at=event.occurred_at)
        if key not in found:
            continue
        order = replace(found[key], state=_STATES.get(str(told.get("state")), found[key].state))
        if verb == OrderVerb.DELIVER.value:
            order = replace(order, delivered_at=event.occurred_at)
        elif verb == OrderVerb.REPORT.value:
            order = replace(order, reported_at=event.occurred_at)
        found[key] = order
    return tuple(each for each in found.values() if each.state is not OrderState.CANCELLED)


def progress(course: Course, orders: tuple[OrderCourse, ...]) -> str:
    """整改进展: where the rectification stands."""
    status = course.closing.status
    if status in {Status.CLOSED, Status.PENDING_CALLBACK}:
        return "已核实"
    if status is Status.PENDING_REVIEW or (orders and all(_looked_for(each) for each in orders)):
        return "已整改，待核实"
    return "整改中" if orders or status in {Status.IN_PROGRESS, Status.SUSPENDED} else "未启动"


def _looked_for(order: OrderCourse) -> bool:
    return order.state in {OrderState.REPORTED, OrderState.VERIFIED}
