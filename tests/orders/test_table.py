"""Who may do what with an order, in which state: every verb × state × person, written down here a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

from core.db import transaction
from core.errors import DomainError, NotAllowed, NotFound
from tests.life.support import PEOPLE, person
from tests.orders.support import FIELDS, SMALL, OrderDesk
from tickets.orders.perform import perform
from tickets.orders.rules import TABLE
from tickets.orders.words import OrderState, OrderVerb
from tickets.vocabulary import Action, CallerKind, TargetKind

D, IS, L, S, R, B, V, C = (
    OrderState.DRAFT,
    OrderState.ISSUED,
    OrderState.DELIVERED,
    OrderState.SIGNED,
    OrderState.REPORTED,
    OrderState.RETURNED,
    OrderState.VERIFIED,
    OrderState.CANCELLED,
)
HEADS = {"head", "head_only"}
# The ticket is in the hands of "worker"; "handler_only" works beside him, but it is not his.
OWN = {"worker", *HEADS}
DESK = {"worker", "handler_only", "clerk_only", *HEADS}
ALLOWED: Mapping[OrderVerb, tuple[set[OrderState], set[str]]] = {
    OrderVerb.CHANGE: ({D}, OWN),
    OrderVerb.ISSUE: ({D}, OWN | {"leader"}),
    OrderVerb.DISCARD: ({D}, OWN),
    OrderVerb.DELIVER: ({IS}, DESK),
    OrderVerb.SIGN: ({L}, DESK),
    OrderVerb.REPORT: ({L, S, B}, DESK),
    OrderVerb.REMIND: ({L, S, B}, DESK),
    OrderVerb.EXTEND: ({L, S, B}, HEADS | {"leader"}),
    OrderVerb.VERIFY: ({R}, OWN),
    OrderVerb.RETURN: ({R}, OWN),
    OrderVerb.CANCEL: ({IS, L, S, R, B}, HEADS | {"leader"}),
}
ENDS: Mapping[OrderVerb, OrderState | None] = {
    OrderVerb.CHANGE: None,
    OrderVerb.ISSUE: IS,
    OrderVerb.DISCARD: C,
    OrderVerb.DELIVER: L,
    OrderVerb.SIGN: S,
    OrderVerb.REPORT: R,
    OrderVerb.REMIND: None,
    OrderVerb.EXTEND: None,
    OrderVerb.VERIFY: V,
    OrderVerb.RETURN: B,
    OrderVerb.CANCEL: C,
}
STRANGERS = {"other_head", "other_worker", "supervisor", "admin"}


class _Tried(Exception):
    """Takes back what was only tried."""


def _take_back() -> NoReturn:
    raise _Tried


def outcome(desk: OrderDesk, username: str, verb: OrderVerb) -> str:
    """What a person gets who presses the button, nothing of it kept: the new state, or the kind of refusal."""
    order = desk.order()
    version, order_id = order.version, order.id
    actor = person(username)
    found = ""
    try:
        with transaction() as session:
            done = perform(
                session,
                desk.number,
                verb,
                actor=actor,
                fields=FIELDS.get(verb, {}),
                order_id=order_id,
                version=version,
            )
            found = done.order.state.value
            _take_back()
    except _Tried:
        return found
    except NotFound:
        return "not found"
    except NotAllowed:
        return "not allowed"
    except DomainError:
        return "not now"


def test_the_table_here_has_a_line_for_every_verb() -> None:
    assert set(ALLOWED) == set(ENDS) == set(TABLE) - {OrderVerb.DRAFT, OrderVerb.JUSTIFY}


@pytest.mark.parametrize("state", list(OrderState), ids=str)
def test_who_may_do_what(desk: OrderDesk, state: OrderState) -> None:
    desk.open_ticket()
    desk.order_until(state)
    expected, found = {}, {}
    for verb, (states, people) in ALLOWED.items():
        for username in PEOPLE:
            found[verb, username] = outcome(desk, username, verb)
            target = ENDS[verb] or state
            if username in STRANGERS:
                expected[verb, username] = "not found"
            elif username in people and state in states:
                expected[verb, username] = target.value
            elif username in _of_the_role(verb):
                expected[verb, username] = "not now"
            else:
                expected[verb, username] = "not allowed"
    assert found == expected


def _of_the_role(verb: OrderVerb) -> set[str]:
    """Whose button it is at all; that it is somebody else's ticket is said in a sentence."""
    _, people = ALLOWED[verb]
    by_handler = verb in {OrderVerb.CHANGE, OrderVerb.ISSUE, OrderVerb.DISCARD}
    return people | ({"handler_only"} if by_handler else set())


@pytest.mark.parametrize("username", [*PEOPLE])
def test_who_may_draft(desk: OrderDesk, username: str) -> None:
    desk.open_ticket()
    if username in OWN:
        desk.step(username, OrderVerb.DRAFT)
        assert desk.order().state is D
        return
    refusals = {"handler_only": "已经指定了经办人", **dict.fromkeys(STRANGERS, "没有这一件")}
    with pytest.raises(DomainError, match=refusals.get(username, "您的岗位")):
        desk.step(username, OrderVerb.DRAFT)


@pytest.mark.parametrize("allowed", [True, False])
def test_orders_are_for_tickets_that_were_accepted(desk: OrderDesk, allowed: bool) -> None:
    desk.register()
    if allowed:
        desk.do("worker", Action.ACCEPT, handler="worker")
        desk.step("worker", OrderVerb.DRAFT)
        return
    with pytest.raises(DomainError, match="待受理"):
        desk.step("worker", OrderVerb.DRAFT)


EXPOSING: tuple[dict[str, Any], ...] = (
    {"caller_kind": CallerKind.TEACHER},
    {"target_kind": TargetKind.HEADMASTER},
    {"target_kind": TargetKind.BUREAU},
)


@pytest.mark.parametrize("kinds", EXPOSING, ids=["teacher", "headmaster", "bureau"])
def test_such_an_order_takes_head_and_leader_each_with_a_reason(
    desk: OrderDesk, kinds: dict[str, Any]
) -> None:
    desk.open_ticket(by="head", **kinds)
    desk.order_until(D, by="head")
    with pytest.raises(DomainError, match="现在还缺股室负责人、分管领导的理由"):
        desk.step("head", OrderVerb.ISSUE)
    desk.step("head", OrderVerb.JUSTIFY)
    with pytest.raises(DomainError, match="现在还缺分管领导的理由"):
        desk.step("leader", OrderVerb.ISSUE)
    with pytest.raises(DomainError, match="另一半要由另一个人写"):
        desk.step("head", OrderVerb.JUSTIFY)
    desk.step("leader", OrderVerb.JUSTIFY)
    desk.step("head", OrderVerb.ISSUE)
    assert desk.order().number


def test_another_school_takes_the_reasons_anew(desk: OrderDesk) -> None:
    desk.open_ticket(by="head", target_kind=TargetKind.HEADMASTER)
    desk.order_until(D, by="head")
    desk.step("head", OrderVerb.JUSTIFY)
    desk.step("leader", OrderVerb.JUSTIFY)
    desk.step("head", OrderVerb.CHANGE, school=SMALL)
    with pytest.raises(DomainError, match="现在还缺"):
        desk.step("head", OrderVerb.ISSUE)


def test_a_teacher_s_complaint_merged_into_a_parent_s_is_guarded_as_well(desk: OrderDesk) -> None:
    main = desk.open_ticket(by="head")
    desk.later(minutes=5)
    teacher = desk.register(caller_kind=CallerKind.TEACHER)
    desk.do("head", Action.MERGE, number=teacher, into=main)
    desk.number = main
    desk.order_until(D, by="head")
    with pytest.raises(DomainError, match="现在还缺"):
        desk.step("head", OrderVerb.ISSUE)


def test_what_the_merged_parents_said_is_no_order_s_text_either(desk: OrderDesk) -> None:
    main = desk.open_ticket()
    desk.later(minutes=5)
    said = "食堂托管班每天下午三点半就把孩子锁在教室里不让出来"
    other = desk.register(matter=said)
    desk.do("worker", Action.MERGE, number=other, into=main)
    desk.number = main
    with pytest.raises(DomainError, match="原话连续相同"):
        desk.step("worker", OrderVerb.DRAFT, text=f"据反映，{said}。")
