"""督办: demands from above or from the office itself, what the section answers, and whether that was enough.

What comes by telephone or on paper is written down by the office; a supervisor with an account issues it here. Who answers
does not accept: the demand's own side says so, or whoever writes down what that side has said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core import audit
from core.clock import now, office_day
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.text import clean_line, clean_text
from reports.models import SupervisionOrder, SupervisionOrderTicket, SupervisionStep
from reports.order_facts import timeline
from reports.scans import Scan
from reports.vocabulary import DISCIPLINE_KINDS, OWN_KINDS, OrderKind, OrderState, ReceivedBy
from tickets import numbers, released
from tickets.models import Ticket
from tickets.visibility import visible_to

PREFIX = "DBD"
_ANSWERABLE = frozenset({OrderState.OPEN, OrderState.RETURNED})


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """What is known of a demand; `tickets` are numbers, and may be none if it is about the work as a whole."""

    kind: OrderKind
    received_by: ReceivedBy
    issuer: str
    issued_on: date
    demand: str
    section: str
    due_on: date | None = None
    paper_number: str = ""
    tickets: tuple[str, ...] = ()
    scan: Scan | None = None


def kinds_open_to(actor: Actor) -> list[OrderKind]:
    """What this person may issue or write down."""
    if actor.has(Role.HEAD, Role.LEADER):
        return list(OrderKind)
    return [kind for kind in OrderKind if kind in DISCIPLINE_KINDS] if actor.has(Role.SUPERVISOR) else []


def record_order(session: Session, new: NewOrder, *, actor: Actor) -> SupervisionOrder:
    """Registers a demand in the caller's transaction; DomainError with the sentence of the rule that says no."""
    if new.kind not in kinds_open_to(actor):
        raise NotAllowed("您的岗位不能登记这一种督办。")
    if new.received_by is ReceivedBy.SYSTEM and not may_issue(actor, new.kind):
        raise DomainError("上级的督办请按来的方式登记：电话或纸质。")
    demand = clean_text(new.demand).strip()
    if not demand:
        raise DomainError("请写明督办的要求。")
    if new.issued_on > office_day(now()):
        raise DomainError("来文日期不能晚于今天。")
    if new.due_on is not None and new.due_on < new.issued_on:
        raise DomainError("要求答复的日期不能早于来文日期。")
    tickets = _tickets(session, new.tickets, actor)
    section = _section(session, new.section, tickets)
    assert actor.id is not None  # noqa: S101 - only people may
    order = SupervisionOrder(
        number=numbers.next_number(session, PREFIX, office_day(now())),
        paper_number=clean_line(new.paper_number),
        kind=new.kind,
        issuer=clean_line(new.issuer) or actor.display_name,
        received_by=new.received_by,
        issued_on=new.issued_on,
        demand=demand,
        due_on=new.due_on,
        section_id=section.id,
        state=OrderState.OPEN,
        scan_blob=new.scan.blob if new.scan else None,
        scan_name=new.scan.name if new.scan else "",
        scan_type=new.scan.content_type if new.scan else "",
        recorded_by_id=actor.id,
        recorded_by=actor.display_name,
        recorded_at=now(),
    )
    session.add(order)
    session.flush()
    session.add_all(SupervisionOrderTicket(order_id=order.id, ticket_id=ticket.id) for ticket in tickets)
    audit.record(
        session,
        "supervision.recorded",
        actor=actor.username,
        object_ref=order.ref,
        kind=order.kind.value,
        received_by=order.received_by.value,
        tickets=[ticket.ref for ticket in tickets],
        digest=audit.digest({"demand": order.demand, "issuer": order.issuer, "due_on": str(order.due_on)}),
    )
    return order


def may_issue(actor: Actor, kind: OrderKind) -> bool:
    """Whether a person may give such an order in the system, in the own name."""
    if kind in OWN_KINDS:
        return actor.has(Role.HEAD, Role.LEADER)
    return kind in DISCIPLINE_KINDS and actor.has(Role.SUPERVISOR)


def sees(actor: Actor, order: SupervisionOrder) -> bool:
    """The supervisor sees every order from outside, the others those of their sections."""
    if actor.has(Role.SUPERVISOR) and order.kind not in OWN_KINDS:
        return True
    return order.section_id in actor.section_ids and actor.has(Role.HANDLER, Role.HEAD, Role.LEADER)


def may_answer(actor: Actor, order: SupervisionOrder) -> bool:
    return (
        order.state in _ANSWERABLE
        and order.section_id in actor.section_ids
        and actor.has(Role.HANDLER, Role.HEAD)
    )


def may_judge(session: Session, actor: Actor, order: SupervisionOrder) -> bool:
    """Whoever gave it in the system judges; of the others a head or leader writes down what was said. Never the answerer."""
    if order.state is not OrderState.ANSWERED or answered_by(session, order) == actor.id:
        return False
    if order.received_by is ReceivedBy.SYSTEM and order.kind in DISCIPLINE_KINDS:
        return actor.has(Role.SUPERVISOR)
    return actor.has(Role.HEAD, Role.LEADER) and order.section_id in actor.section_ids


def answered_by(session: Session, order: SupervisionOrder) -> int | None:
    """Who gave the newest answer."""
    return session.scalars(
        sa.select(SupervisionStep.by_id)
        .where(SupervisionStep.order_id == order.id, SupervisionStep.state == OrderState.ANSWERED)
        .order_by(SupervisionStep.id.desc())
        .limit(1)
    ).one_or_none()


def answer(
    session: Session, number: str, *, version: int, reason: str, measures: str, actor: Actor
) -> SupervisionOrder:
    """书面说明: the system tells facts and timeline, the section why, and what is done about it by whom."""
    order = for_change(session, number, version, actor)
    if not may_answer(actor, order):
        raise NotAllowed("这份督办现在不能由您说明。")
    why, what = clean_text(reason).strip(), clean_text(measures).strip()
    if not why or not what:
        raise DomainError("请写明未按期办理的原因，以及整改措施和责任人。")
    for ticket in _tickets_of(session, order):
        released.check(session, ticket, why, what)
    return _step(
        session,
        order,
        OrderState.ANSWERED,
        actor,
        reason=why,
        measures=what,
        timeline=timeline(session, order),
    )


def judge(
    session: Session, number: str, *, version: int, accept: bool, note: str, actor: Actor
) -> SupervisionOrder:
    """The answer was enough, or goes back with what is missing."""
    order = for_change(session, number, version, actor)
    if not may_judge(session, actor, order):
        raise NotAllowed("这份书面说明不能由您审核。")
    words = clean_text(note).strip()
    if not accept and not words:
        raise DomainError("退回补充要写明还缺什么。")
    if accept:
        order.settled_at = now()
    return _step(session, order, OrderState.ACCEPTED if accept else OrderState.RETURNED, actor, note=words)


def for_change(session: Session, number: str, version: int, actor: Actor) -> SupervisionOrder:
    """The order, locked; NotFound for whom it is none of the business, StaleVersion if it has gone on."""
    order = session.scalars(
        sa.select(SupervisionOrder).where(SupervisionOrder.number == number).with_for_update()
    ).one_or_none()
    if order is None or not sees(actor, order):
        raise NotFound("没有这份督办。")
    if order.version != version:
        raise StaleVersion("刚才有人已经办理了这份督办，请刷新后再看。")
    return order


def _tickets_of(session: Session, order: SupervisionOrder) -> Sequence[Ticket]:
    return session.scalars(
        sa.select(Ticket)
        .join(SupervisionOrderTicket, SupervisionOrderTicket.ticket_id == Ticket.id)
        .where(SupervisionOrderTicket.order_id == order.id)
        .order_by(Ticket.id)
    ).all()


def _step(
    session: Session, order: SupervisionOrder, state: OrderState, actor: Actor, **texts: str
) -> SupervisionOrder:
    order.state = state
    session.add(
        SupervisionStep(
            order_id=order.id, state=state, by=actor.display_name, by_id=actor.id, at=now(), **texts
        )
    )
    session.flush()
    audit.record(
        session,
        f"supervision.{state.value}",
        actor=actor.username,
        object_ref=order.ref,
        digest=audit.digest(dict(texts)),
    )
    return order


def _tickets(session: Session, typed: tuple[str, ...], actor: Actor) -> list[Ticket]:
    wanted = list(dict.fromkeys(number.strip().upper() for number in typed if number.strip()))
    known = sa.true() if actor.has(Role.SUPERVISOR) else visible_to(actor)
    rows = session.scalars(
        sa.select(Ticket).where(Ticket.number.in_(wanted), known).order_by(Ticket.id)
    ).all()
    missing = set(wanted) - {row.number for row in rows}
    if missing:
        raise DomainError(f"没有编号是 {'、'.join(sorted(missing))} 的件，请核对。")
    return list(rows)


def _section(session: Session, slug: str, tickets: list[Ticket]) -> Section:
    sections = {ticket.section_id for ticket in tickets}
    if len(sections) > 1:
        raise DomainError("所列的件分属两个股室，请分别登记。")
    if sections:
        return session.get_one(Section, sections.pop())
    found = session.scalars(sa.select(Section).where(Section.slug == slug)).one_or_none()
    if found is None:
        raise DomainError("请选承办股室，或填写涉及的编号。")
    return found
