"""泄密核查 in one step: the circle is drawn close, nothing more goes to the school, and who knew of the ticket is frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account
from core import audit
from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError, NotFound
from tickets.models import InformedSection, LeakInquiry, Order, Reveal, Ticket, TicketEvent
from tickets.queries import contacts
from tickets.secrecy import at_hand, notices
from tickets.secrecy.rules import CONCLUSION_STEP, INQUIRY_STEP
from tickets.secrecy.words import InquiryResult, NoticeKind
from tickets.vocabulary import Action, Secrecy

_STEP = "泄密核查由本股室负责人或分管领导启动和办理。"


def start(session: Session, number: str, *, actor: Actor, fields: Mapping[str, str]) -> LeakInquiry:
    """Freezes who opened, printed, exported and sent what of the ticket; from now on head and leader alone know of it.

    What is open is closed, informed sections know no more of it, nobody handles it until the head names somebody again,
    and no order goes to the school as long as the inquiry runs.
    """
    ticket, _ = at_hand.ticket_for(session, number, actor, INQUIRY_STEP, _STEP)
    if running(session, ticket):
        raise DomainError("这一件的泄密核查正在进行，先办结它。")
    filled = at_hand.fill(session, ticket, INQUIRY_STEP, fields)
    first_day = filled.day("since") or office_day(ticket.received_at)
    if first_day > office_day(now()):
        raise DomainError("从哪天查起，不能晚于今天。")
    inquiry = LeakInquiry(
        ticket_id=ticket.id,
        reason=filled.text("reason"),
        first_day=first_day,
        started_by_id=actor.id,
        started_by=actor.display_name,
        started_at=now(),
        record=json.dumps(collected(session, ticket, first_day), ensure_ascii=False, sort_keys=True),
    )
    session.add(inquiry)
    session.flush()
    handler = _draw_close(session, ticket)
    at_hand.note(
        session,
        ticket,
        Action.LEAK_INQUIRY,
        actor,
        f"启动泄密核查：{inquiry.reason}",
        inquiry=inquiry.id,
        digest=digest_of(inquiry),
        secrecy=ticket.secrecy.value,
        handler_before=handler,
    )
    notices.tell(session, NoticeKind.LEAK_INQUIRY, ticket, f"{actor.display_name}启动了泄密核查。")
    return inquiry


def conclude(
    session: Session, number: str, inquiry_id: str, *, actor: Actor, fields: Mapping[str, str]
) -> LeakInquiry:
    """Ends an inquiry with its result; the ticket stays 限制知悉 until the head decides otherwise."""
    ticket, _ = at_hand.ticket_for(session, number, actor, CONCLUSION_STEP, _STEP)
    inquiry = session.get(LeakInquiry, inquiry_id, with_for_update=True)
    if inquiry is None or inquiry.ticket_id != ticket.id:
        raise NotFound("没有这次核查。")
    if inquiry.concluded_at is not None:
        raise DomainError("这次核查已经办结。")
    filled = at_hand.fill(session, ticket, CONCLUSION_STEP, fields)
    inquiry.result = filled.choice("result", InquiryResult)
    inquiry.conclusion = filled.text("conclusion")
    inquiry.concluded_by, inquiry.concluded_at = actor.display_name, now()
    at_hand.note(
        session,
        ticket,
        Action.LEAK_INQUIRY,
        actor,
        f"泄密核查办结：{inquiry.result.label}。{inquiry.conclusion}",
        inquiry=inquiry.id,
        result=inquiry.result.value,
    )
    notices.tell(
        session,
        NoticeKind.LEAK_INQUIRY,
        ticket,
        f"泄密核查办结：{inquiry.result.label}（{actor.display_name}）。",
    )
    return inquiry


def running(session: Session, ticket: Ticket) -> bool:
    """Whether an inquiry goes on: nothing goes to the school meanwhile."""
    return session.execute(
        sa.select(sa.exists().where(LeakInquiry.ticket_id == ticket.id, LeakInquiry.concluded_at.is_(None)))
    ).scalar_one()


def check_not_running(session: Session, ticket: Ticket) -> None:
    """DomainError while an inquiry goes on."""
    if running(session, ticket):
        raise DomainError("这一件正在泄密核查，办结之前不向学校发出任何材料。")


def collected(session: Session, ticket: Ticket, first_day: date) -> dict[str, Any]:
    """Everybody who had to do with the ticket since that day, and everything that went to a school. No identity in it."""
    since = datetime.combine(first_day, time.min, OFFICE_ZONE)
    found = contacts.touches_since(session, ticket, since)
    acts = session.execute(
        sa.select(TicketEvent.recorded_at, TicketEvent.actor, TicketEvent.action)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.recorded_at >= since)
        .order_by(TicketEvent.position)
    ).all()
    orders = session.scalars(
        sa.select(Order)
        .where(Order.ticket_id == ticket.id, Order.issued_at.is_not(None))
        .order_by(Order.issued_at)
    ).all()
    return {
        "touches": [
            {"at": each.at.isoformat(), "who": each.who, "what": each.what, "about": each.about}
            for each in found
        ],
        "acts": [
            {"at": row.recorded_at.isoformat(), "who": row.actor, "what": row.action.label} for row in acts
        ],
        "to_school": [
            {
                "number": order.called,
                "school": order.school_name,
                "text": order.text,
                "issued_by": order.issued_by,
                "issued_at": order.issued_at.isoformat() if order.issued_at else "",
                "delivered_to": order.delivered_to,
                "signed_by": order.signed_by,
            }
            for order in orders
        ],
    }


def digest_of(inquiry: LeakInquiry) -> str:
    return audit.digest({"record": inquiry.record, "reason": inquiry.reason, "first_day": inquiry.first_day})


def trouble(session: Session) -> list[str]:
    """The inquiries whose frozen record is not the one their ticket's history vouches for."""
    vouched: dict[str, str] = {}
    for text in session.scalars(
        sa.select(TicketEvent.data).where(TicketEvent.action == Action.LEAK_INQUIRY).order_by(TicketEvent.id)
    ):
        data = json.loads(text)
        if "digest" in data:
            vouched[data["inquiry"]] = data["digest"]
    rows = session.execute(
        sa.select(LeakInquiry, Ticket.number)
        .join(Ticket, Ticket.id == LeakInquiry.ticket_id)
        .order_by(LeakInquiry.started_at)
    ).all()
    found = [
        f"{number}：泄密核查的记录被改动过"
        for inquiry, number in rows
        if vouched.get(inquiry.id) != digest_of(inquiry)
    ]
    there = {inquiry.id for inquiry, _ in rows}
    return [*found, *("有泄密核查的记录被删除" for each in vouched if each not in there)]


def _draw_close(session: Session, ticket: Ticket) -> str:
    """Head and leader alone from now on; who handled it until now."""
    ticket.secrecy = Secrecy.RESTRICTED
    handler = (
        session.execute(
            sa.select(Account.display_name).where(Account.id == ticket.handler_id)
        ).scalar_one_or_none()
        or ""
    )
    ticket.handler_id = None
    session.execute(sa.delete(InformedSection).where(InformedSection.ticket_id == ticket.id))
    session.execute(
        sa.update(Reveal).where(Reveal.ticket_id == ticket.id, Reveal.until > now()).values(until=now()),
        execution_options={"synchronize_session": False},
    )
    return handler
