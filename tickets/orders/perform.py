"""The one verb that changes an order: it also writes the ticket's history, the deadlines and the course of messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts.actor import Actor
from core.clock import now
from core.errors import NotAllowed, NotFound, StaleVersion
from tickets import handling, history
from tickets.actions import Asker
from tickets.deadlines import ledger
from tickets.handling import filling, loading
from tickets.handling.work import Work
from tickets.messages import NewAttachment
from tickets.models import Order, Ticket
from tickets.orders import drafting, returning, sending
from tickets.orders.facts import facts_of
from tickets.orders.rules import TABLE, OrderRule, check
from tickets.orders.words import OPEN_ORDER_STATES, OrderState, OrderVerb
from tickets.orders.work import OrderWork
from tickets.policy import Permission, may
from tickets.search.index import put_into_index
from tickets.vocabulary import Action, Status

_EFFECTS: Mapping[OrderVerb, Callable[[OrderWork], str]] = MappingProxyType(
    {
        OrderVerb.DRAFT: drafting.draft,
        OrderVerb.CHANGE: drafting.change,
        OrderVerb.JUSTIFY: drafting.justify,
        OrderVerb.ISSUE: drafting.issue,
        OrderVerb.DISCARD: drafting.discard,
        OrderVerb.DELIVER: sending.deliver,
        OrderVerb.SIGN: sending.sign,
        OrderVerb.REMIND: sending.remind,
        OrderVerb.EXTEND: sending.extend,
        OrderVerb.REPORT: returning.report,
        OrderVerb.VERIFY: returning.verify,
        OrderVerb.RETURN: returning.send_back,
        OrderVerb.CANCEL: returning.cancel,
    }
)


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What `perform` gives back: the order as it stands now, and whether the work on the ticket began with it."""

    order: Order
    ticket: Ticket
    began: bool


def perform(
    session: Session,
    number: str,
    verb: OrderVerb,
    *,
    actor: Actor,
    fields: Mapping[str, str],
    order_id: str | None = None,
    version: int = 0,
    files: Sequence[NewAttachment] = (),
) -> Performed:
    """Does one step of one order for a person, in the caller's transaction. Files are in the blob store already.

    NotFound if this person must not know of it, NotAllowed if it is not one of the person's roles, StaleVersion if somebody
    was faster, released.Leaking if the text could tell who complained, DomainError with the sentence of the rule that says no.
    """
    rule = TABLE[verb]
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None or not may(actor, Permission.VIEW, loading.facts_of(session, ticket)):
        raise NotFound("没有这一件，或者它不归您查看。")
    order = _order(session, ticket, rule, order_id)
    state = loading.state_of(session, ticket)
    asker = Asker(actor=actor, principals=loading.principals_of(session, actor))
    if not asker.may(rule.step, state):
        raise NotAllowed(f"您的岗位不能对这一件的交办单办理“{verb.label}”。")
    if order is not None and order.version != version:
        raise StaleVersion("刚才有人已经办理了这张交办单。请对照现在的情况再办。")
    check(rule, asker, state, facts_of(session, ticket, order))
    began = verb is OrderVerb.ISSUE and ticket.status is Status.ACCEPTED
    if began:
        handling.begin(session, ticket, asker)
    position = history.next_position(session, ticket)
    filled = filling.fill(session, ticket, rule.step, fields, position=position)
    work = Work(session=session, ticket=ticket, state=state, asker=asker, filled=filled, at=now())
    held = OrderWork(work=work, rule=rule, ticket=ticket, draft=order, files=tuple(files))
    sentence = _EFFECTS[verb](held)
    _write_down(held, sentence)
    return Performed(order=held.order, ticket=ticket, began=began)


def _order(session: Session, ticket: Ticket, rule: OrderRule, order_id: str | None) -> Order | None:
    if not rule.sources:
        return None
    order = session.scalars(
        sa.select(Order)
        .where(Order.id == (order_id or ""), Order.ticket_id == ticket.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        raise NotFound("没有这张交办单，或者它不归您查看。")
    return order


def _write_down(held: OrderWork, sentence: str) -> None:
    session, order, ticket = held.session, held.order, held.ticket
    if held.rule.target is not None:
        order.state = held.rule.target
    if order.state in {OrderState.VERIFIED, OrderState.CANCELLED}:
        order.closed_at = held.at
    flag_modified(order, "state")  # every step counts as a new version, also one that changes no column
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.ORDER,
        actor=held.work.actor,
        from_status=ticket.status,
        reason=f"{held.rule.verb.label} {order.called}（{order.school_name}）{sentence}",
        occurred_at=held.work.occurred_at,
        **{**held.for_history(), **held.work.data},
        verb=held.rule.verb.value,
        order=order.id,
        open=order.state in OPEN_ORDER_STATES,
        state=order.state.value,
        handled=held.rule.verb in {OrderVerb.DRAFT, OrderVerb.CHANGE, OrderVerb.VERIFY, OrderVerb.RETURN},
        **ledger.for_history(session, ticket),
    )
    if held.texts_changed:
        put_into_index(session, ticket)
