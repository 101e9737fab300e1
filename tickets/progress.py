"""A question for the progress of a case: answered to number and query code, never by a number or name the caller says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from core import audit
from core.audit import AuditEntry
from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError
from tickets import identity
from tickets.models import Complainant, Ticket
from tickets.vocabulary import Status

WRONG_CODES_A_DAY = 10
_WRONG = "ticket.code_wrong"
_NO_MATCH = "编号和查询码对不上。请对方再念一遍；仍不对的，不说有没有这一件，改为拨打登记时留的号码回复。"
# What may be said: that somebody works on it, never whom it waits for or what was found.
_SAID = {
    Status.PENDING: "已经登记，正在核对，会在 15 日内告知是否受理。",
    Status.ACCEPTED: "已经受理，正在安排办理。",
    Status.IN_PROGRESS: "正在办理，还没有办结。",
    Status.PENDING_REVIEW: "正在办理，还没有办结。",
    Status.SUSPENDED: "办理暂停，等待必要的材料或结论，恢复后会继续。",
    Status.PENDING_CALLBACK: "已有办理结果，正在答复。",
    Status.CLOSED: "已经办结。",
    Status.REJECTED: "没有受理，原因已经或即将告知。",
    Status.TRANSFERRED: "已转有权处理的单位办理。",
    Status.MERGED: "与同一事项合并办理，还没有单独办结。",
    Status.WITHDRAWN: "已按本人意愿撤回。",
    Status.VOIDED: "登记有误，已作废；如有事项请重新反映。",
}


def said_of(status: Status) -> str:
    """How far a case has come, in words for whoever may ask."""
    return _SAID[status]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What may be read aloud to whoever knows number and code."""

    number: str
    section: str
    received_at: datetime
    closed_at: datetime | None
    said: str


def ask(session: Session, number: str, code: str, *, actor: Actor) -> Progress:
    """The progress of a case, for a number with its code; DomainError if they do not fit, whatever the reason.

    Ten wrong codes a day and number, then the number is silent until tomorrow: 1 in 10⁸ a day for a chosen ticket. Asking
    is in the audit log, with neither code nor caller.
    """
    number = number.strip().upper()
    digits = "".join(letter for letter in code if letter.isdigit())
    ref = f"ticket/{number}"
    if _wrong_today(session, ref) >= WRONG_CODES_A_DAY:
        raise DomainError("这个编号今天试错太多次，明天才能再查。请拨打登记时留的号码回复对方。")
    row = session.execute(
        sa.select(Ticket, Section.name)
        .join(Section, Section.id == Ticket.section_id)
        .where(Ticket.number == number)
    ).one_or_none()
    hashes = session.scalars(
        sa.select(Complainant.query_code_hash)
        .join(Ticket, Ticket.id == Complainant.ticket_id)
        .where(Ticket.number == number)
    ).all()
    # Every hash is compared, so that the time tells nothing.
    fits = [identity.query_code_fits(each, number, digits) for each in hashes]
    if row is None or not any(fits):
        audit.record(session, _WRONG, actor=actor.username, object_ref=ref)
        raise WrongCode(_NO_MATCH)
    ticket: Ticket = row[0]
    audit.record(session, "ticket.progress_told", actor=actor.username, object_ref=ref)
    return Progress(
        number=number,
        section=row[1],
        received_at=ticket.received_at,
        closed_at=ticket.closed_at,
        said=said_of(ticket.status),
    )


class WrongCode(DomainError):
    """Number and code do not fit; the try has been recorded and has to be kept."""


def _wrong_today(session: Session, ref: str) -> int:
    midnight = datetime.combine(office_day(now()), time.min, OFFICE_ZONE)
    return session.execute(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.object_ref == ref, AuditEntry.action == _WRONG, AuditEntry.recorded_at >= midnight)
    ).scalar_one()
