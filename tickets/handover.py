"""《工作交接单》: what one person gave to another, frozen as it stood that day, with the orders that are under way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import AccountSection
from accounts.vocabulary import Role
from core import audit
from core.clock import now
from core.db import db
from core.errors import NotFound
from core.registry import Banner
from core.text import clean_line
from tickets.models import Deadline, HandOver, Order, Ticket
from tickets.orders.words import OPEN_ORDER_STATES
from tickets.vocabulary import OPEN_STATUSES

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Line:
    """One case on the sheet."""

    number: str
    title: str
    status: str
    due: str  # the day of the first deadline that runs
    orders: str  # those that are not finished, each with where it stands


def lines_of(session: Session, numbers: Sequence[str]) -> list[Line]:
    """How the cases stand before they change hands."""
    tickets = session.scalars(sa.select(Ticket).where(Ticket.number.in_(numbers)).order_by(Ticket.id)).all()
    ids = [ticket.id for ticket in tickets]
    due = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(Deadline.ticket_id, sa.func.min(Deadline.last_day))
            .where(Deadline.ticket_id.in_(ids), Deadline.met_at.is_(None), Deadline.ended_at.is_(None))
            .group_by(Deadline.ticket_id)
        )
    }
    orders: dict[int, list[str]] = {}
    for order in session.scalars(
        sa.select(Order)
        .where(Order.ticket_id.in_(ids), Order.state.in_(OPEN_ORDER_STATES))
        .order_by(Order.issued_at)
    ):
        orders.setdefault(order.ticket_id, []).append(
            f"{order.called} {order.school_name}（{order.state.label}）"
        )
    return [
        Line(
            number=ticket.number,
            title=ticket.title,
            status=ticket.status.label,
            due=due[ticket.id].isoformat() if ticket.id in due else "",
            orders="；".join(orders.get(ticket.id, [])),
        )
        for ticket in tickets
    ]


def keep(
    session: Session,
    *,
    giver: tuple[int, str],
    taker: tuple[int, str],
    by: Actor,
    reason: str,
    lines: Sequence[Line],
) -> HandOver:
    """Freezes the sheet; giver and taker by id and name."""
    assert by.id is not None  # noqa: S101 - a person is signed in
    row = HandOver(
        giver_id=giver[0],
        giver=giver[1],
        taker_id=taker[0],
        taker=taker[1],
        done_by_id=by.id,
        done_by=by.display_name,
        at=now(),
        reason=clean_line(reason),
        lines=json.dumps([asdict(line) for line in lines], ensure_ascii=False),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "ticket.desk_handed_over",
        actor=by.username,
        object_ref=f"hand_over/{row.id}",
        giver=giver[0],
        taker=taker[0],
        numbers=[line.number for line in lines],
    )
    return row


def printed(session: Session, hand_over_id: int, actor: Actor) -> HandOver:
    """The sheet for whoever gave, took or arranged it, and for the heads and leaders of the one who took it."""
    row = session.get(HandOver, hand_over_id)
    if row is None or not _may_see(session, row, actor):
        raise NotFound("没有这张交接单，或者它不归您查看。")
    audit.record(
        session, "ticket.hand_over_printed", actor=actor.username, object_ref=f"hand_over/{hand_over_id}"
    )
    return row


def lines_in(row: HandOver) -> list[Line]:
    return [Line(**each) for each in json.loads(row.lines)]


def before(session: Session, actor: Actor) -> Sequence[HandOver]:
    """The latest sheets this person may see."""
    rows = session.scalars(sa.select(HandOver).order_by(HandOver.id.desc()).limit(SHOWN * 5))
    return [row for row in rows if _may_see(session, row, actor)][:SHOWN]


def left_behind(account_id: int, actor: Actor) -> Banner | None:
    """What stands on the page of an account that is disabled or moved: how much open work it has."""
    count = db.session.execute(
        sa.select(sa.func.count())
        .select_from(Ticket)
        .where(Ticket.handler_id == account_id, Ticket.status.in_(OPEN_STATUSES))
    ).scalar_one()
    if not count:
        return None
    may = actor.has(Role.HEAD, Role.LEADER)
    who = "" if may else "，请股室负责人先在“在办件移交”里交给别人"
    text = f"此人名下还有 {count} 件在办（含待回访）。停用、调岗前要移交{who}。"
    return Banner(level="warning", text=text, url=url_for("tickets.hand_over_all") if may else "")


def _may_see(session: Session, row: HandOver, actor: Actor) -> bool:
    if actor.id in {row.giver_id, row.taker_id, row.done_by_id}:
        return True
    if not actor.has(Role.HEAD, Role.LEADER):
        return False
    shared = sa.select(AccountSection.account_id).where(
        AccountSection.account_id == row.taker_id, AccountSection.section_id.in_(actor.section_ids)
    )
    return session.execute(shared).first() is not None
