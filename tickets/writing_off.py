"""销号: what was found true and is rectified is written off by the month, one decision for the whole batch.

The head of the section proposes, the leader decides, here or on paper. Only matters of the ledger of rectification have
anything to write off: closed, and true at least in part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts.actor import Actor, actor_of
from accounts.models import Account
from accounts.vocabulary import Role
from core import audit, vault
from core.clock import now, office_day
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.text import clean_line
from tickets import history, messages
from tickets.calendar.office_time import OFFICE_ZONE
from tickets.deadlines import ledger
from tickets.messages import NewAttachment, NewMessage
from tickets.models import PaperApproval, Ticket, WriteOff, WriteOffTicket
from tickets.visibility import visible_to
from tickets.vocabulary import Action, Channel, Decision, Direction, Outcome, Status, WriteOffState

RECTIFIED = (Outcome.TRUE, Outcome.PARTLY_TRUE)
_DESK = (Role.CLERK, Role.HANDLER, Role.HEAD)
LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision said; `approver_id` and `scans` where it was signed on paper and somebody else enters it."""

    decision: Decision
    opinion: str = ""
    reference: str = ""
    approver_id: int | None = None
    on: date | None = None
    scans: Sequence[NewAttachment] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """How many were written off, and the numbers that were left out because they had been taken up again."""

    written_off: int
    left_out: tuple[str, ...] = ()


def month_of(text: str) -> date:
    """The first day of a month written 2026-11; DomainError if it is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise DomainError("月份要写成 2026-11 这样。") from None


def ready(session: Session, actor: Actor, month: date) -> Sequence[Ticket]:
    """What this person's sections can write off: closed by the end of the month and in no other batch."""
    return session.scalars(
        sa.select(Ticket)
        .where(_ready(month), visible_to(actor), Ticket.section_id.in_(actor.section_ids))
        .order_by(Ticket.section_id, Ticket.id)
    ).all()


def _ready(month: date) -> sa.ColumnElement[bool]:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    before = datetime.combine(following, time.min, OFFICE_ZONE).astimezone(UTC)
    waiting = (
        sa.select(WriteOffTicket.ticket_id)
        .join(WriteOff, WriteOff.id == WriteOffTicket.write_off_id)
        .where(WriteOff.state == WriteOffState.PROPOSED)
    )
    return sa.and_(_rectified(), Ticket.closed_at < before, Ticket.id.not_in(waiting))


def _rectified() -> sa.ColumnElement[bool]:
    return sa.and_(
        Ticket.status == Status.CLOSED, Ticket.outcome.in_(RECTIFIED), Ticket.written_off_at.is_(None)
    )


def propose(
    session: Session, *, actor: Actor, section_id: int, month: date, numbers: Sequence[str], reason: str
) -> WriteOff:
    """The head puts the month's batch together; what is no longer ready names itself."""
    if not actor.has(Role.HEAD) or section_id not in actor.section_ids:
        raise NotAllowed("销号由本股室负责人提出。")
    if not numbers:
        raise DomainError("请至少勾选一件。")
    if not reason.strip():
        raise DomainError("请写销号理由，例如“问题已整改到位，反映人已答复”。")
    rows = session.scalars(
        sa.select(Ticket)
        .where(Ticket.number.in_(numbers), Ticket.section_id == section_id, _ready(month), visible_to(actor))
        .order_by(Ticket.id)
        .with_for_update()
    ).all()
    missing = sorted(set(numbers) - {row.number for row in rows})
    if missing:
        raise DomainError(f"这些件现在不能销号（不是属实的已办结件，或已在另一批里）：{'、'.join(missing)}。")
    assert actor.id is not None  # noqa: S101 - only people propose
    batch = WriteOff(
        section_id=section_id,
        month=f"{month:%Y-%m}",
        reason=clean_line(reason, LONGEST),
        state=WriteOffState.PROPOSED,
        proposed_by_id=actor.id,
        proposed_by=actor.display_name,
        proposed_at=now(),
    )
    session.add(batch)
    session.flush()
    session.add_all(WriteOffTicket(write_off_id=batch.id, ticket_id=row.id) for row in rows)
    session.flush()
    _audit(session, "proposed", batch, actor, tickets=len(rows))
    return batch


def decide(session: Session, batch_id: int, *, version: int, actor: Actor, decided: Decided) -> Result:
    """One decision for all of it: the leader's, here or on paper. Nobody decides what he has proposed himself."""
    batch = session.get(WriteOff, batch_id)
    if batch is None or batch.section_id not in actor.section_ids:
        raise NotFound("没有这一批销号，或者它不归您查看。")
    approver = _approver(session, batch, actor, decided)
    tickets = session.scalars(
        sa.select(Ticket)
        .join(WriteOffTicket, WriteOffTicket.ticket_id == Ticket.id)
        .where(WriteOffTicket.write_off_id == batch_id)
        .order_by(Ticket.id)
        .with_for_update()
    ).all()
    batch = session.get_one(WriteOff, batch_id, with_for_update=True, populate_existing=True)
    if batch.version != version or batch.state is not WriteOffState.PROPOSED:
        raise StaleVersion("刚才有人已经办了这一批销号，请看现在的情况。")
    agreed = decided.decision is Decision.AGREE
    if not agreed and not decided.opinion.strip():
        raise DomainError("不同意的，请写明理由。")
    moment = now()
    batch.state = WriteOffState.APPROVED if agreed else WriteOffState.DECLINED
    batch.decided_by_id, batch.decided_by, batch.decided_at = approver.id, approver.display_name, moment
    batch.decided_on = decided.on or office_day(moment)
    batch.opinion, batch.reference = clean_line(decided.opinion, LONGEST), clean_line(decided.reference, 100)
    session.flush()
    on_paper = approver.id != actor.id
    left_out = []
    for ticket in tickets if agreed else ():
        if not _still_rectified(ticket):
            left_out.append(ticket.number)
            continue
        _write_off(session, ticket, batch, approver, recorder=actor if on_paper else None)
        if on_paper:
            _file(session, ticket, batch, decided.scans, actor)
    if on_paper:
        _note_paper(session, batch, approver, actor)
    _audit(session, batch.state.value, batch, actor, approver=approver.username, left_out=left_out)
    return Result(written_off=len(tickets) - len(left_out) if agreed else 0, left_out=tuple(left_out))


def _still_rectified(ticket: Ticket) -> bool:
    return ticket.status is Status.CLOSED and ticket.outcome in RECTIFIED and ticket.written_off_at is None


def _approver(session: Session, batch: WriteOff, actor: Actor, decided: Decided) -> Actor:
    """Whose decision it is; DomainError or NotAllowed if that cannot be."""
    if decided.approver_id is None:
        if not actor.has(Role.LEADER):
            raise NotAllowed("销号由分管领导批准。")
        approver = actor
    else:
        if not actor.has(*_DESK):
            raise NotAllowed("书面审批由本股室的工作人员补录。")
        account = session.get(Account, decided.approver_id)
        if account is None or account.disabled_at is not None:
            raise DomainError("请选在《销号审批表》上签字的分管领导。")
        approver = actor_of(account)
        if approver.id == actor.id:
            raise DomainError("您本人的意见请直接办理，不用补录。")
        if not decided.scans:
            raise DomainError("请附上签了字的《销号审批表》扫描件。")
        if decided.on is None or not office_day(batch.proposed_at) <= decided.on <= office_day(now()):
            raise DomainError("签字日期要在提出之后、今天以前。")
    if not approver.has(Role.LEADER) or batch.section_id not in approver.section_ids:
        raise DomainError("请选分管本股室的领导。")
    if approver.id == batch.proposed_by_id:
        raise DomainError("这一批是您本人提出的，要由另一位领导批准。")
    return approver


def _write_off(
    session: Session, ticket: Ticket, batch: WriteOff, approver: Actor, *, recorder: Actor | None
) -> None:
    ticket.written_off_at = batch.decided_at
    flag_modified(ticket, "status")  # a new version: whoever has the page open is told
    session.flush()
    by = f"{batch.proposed_by}提出，{approver.display_name}批准"
    paper = f"，书面审批由{recorder.display_name}补录" if recorder else ""
    reference = f"，{batch.reference}" if batch.reference else ""
    history.add_event(
        session,
        ticket,
        Action.WRITE_OFF,
        actor=approver,
        recorder=recorder,
        from_status=ticket.status,
        reason=f"{batch.month} 批次：{batch.reason}（{by}{paper}{reference}）",
        batch=batch.id,
        proposed_by=batch.proposed_by,
        **ledger.for_history(session, ticket),
    )


def _file(
    session: Session, ticket: Ticket, batch: WriteOff, scans: Sequence[NewAttachment], recorder: Actor
) -> None:
    """The signed sheet lies in the file of every ticket it speaks of."""
    messages.add_message(
        session,
        ticket,
        vault.data_key(session, ticket.data_key_id),
        messages.open_masker(session, ticket),
        NewMessage(
            subject=f"销号审批表 {batch.month}",
            text=f"{batch.decided_by}：{batch.opinion or '同意'}",
            sender=recorder.display_name,
            attachments=tuple(scans),
        ),
        occurred_at=batch.decided_at or now(),
        direction=Direction.NOTE,
        channel=Channel.OTHER,
        author=recorder.display_name,
    )
    session.flush()


def _note_paper(session: Session, batch: WriteOff, approver: Actor, recorder: Actor) -> None:
    assert approver.id is not None and recorder.id is not None  # noqa: S101, PT018 - people, not the system
    session.add(
        PaperApproval(
            write_off_id=batch.id,
            what=f"{batch.month} 批次销号（{batch.state.label}）",
            words=batch.opinion or "同意",
            approver_id=approver.id,
            approver=approver.display_name,
            signed_on=batch.decided_on,
            recorded_by_id=recorder.id,
            recorded_by=recorder.display_name,
            recorded_at=now(),
            by_applicant=recorder.id == batch.proposed_by_id,
        )
    )
    session.flush()


def _audit(session: Session, what: str, batch: WriteOff, actor: Actor, **data: Any) -> None:
    audit.record(
        session,
        f"write_off.{what}",
        actor=actor.username,
        object_ref=f"write_off/{batch.id}",
        month=batch.month,
        **data,
    )
