"""What the pages about secrecy show: of one ticket, and of everything a head or leader has to look after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.errors import NotFound
from tickets.action_rules import Step
from tickets.models import LeakInquiry, Pressure, SealedHandOver, Ticket
from tickets.policy import held
from tickets.queries.contacts import Touch, may_see_touches, touches
from tickets.queries.detail import Seen
from tickets.secrecy.rules import (
    HANDED_OVER_STEP,
    INQUIRY_STEP,
    PRESSURE_STEP,
    SEALED_STEP,
    approves_as,
    decides,
    is_head,
)
from tickets.secrecy.words import SealedState
from tickets.visibility import visible_to

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class SealedLine:
    """A sealed hand-over, and what this person may do about it now."""

    row: SealedHandOver
    approves_as: Role | None
    may_refuse: bool
    may_print: bool
    may_hand_over: bool


@dataclass(frozen=True, kw_only=True)
class SecrecyPage:
    """The page 保密 of one ticket; None where it is not for this person."""

    touches: Sequence[Touch] | None
    pressures: Sequence[Pressure]
    inquiries: Sequence[LeakInquiry] | None
    sealed: Sequence[SealedLine] | None
    may_record: bool
    may_ask: bool

    @property
    def running(self) -> bool:
        return any(each.concluded_at is None for each in self.inquiries or ())


def page(session: Session, actor: Actor, seen: Seen) -> SecrecyPage:
    ticket, facts = seen.ticket, seen.facts
    deciding = decides(actor, facts)
    asking = _may(actor, SEALED_STEP, seen)
    return SecrecyPage(
        touches=touches(session, ticket) if may_see_touches(actor, facts) else None,
        pressures=session.scalars(
            sa.select(Pressure).where(Pressure.ticket_id == ticket.id).order_by(Pressure.recorded_at.desc())
        ).all(),
        inquiries=session.scalars(
            sa.select(LeakInquiry)
            .where(LeakInquiry.ticket_id == ticket.id)
            .order_by(LeakInquiry.started_at.desc())
        ).all()
        if _may(actor, INQUIRY_STEP, seen)
        else None,
        sealed=_sealed(session, actor, seen) if deciding or asking else None,
        may_record=_may(actor, PRESSURE_STEP, seen),
        may_ask=asking,
    )


def inquiry_of(session: Session, actor: Actor, seen: Seen, inquiry_id: str) -> tuple[LeakInquiry, Any]:
    """One inquiry with what was frozen; NotFound for anybody but head and leader."""
    row = session.get(LeakInquiry, inquiry_id)
    if row is None or row.ticket_id != seen.ticket.id or not decides(actor, seen.facts):
        raise NotFound("没有这次核查。")
    return row, json.loads(row.record)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What still runs or waits in the sections of a head or leader, each with its ticket's number."""

    inquiries: Sequence[tuple[LeakInquiry, str]]
    sealed: Sequence[tuple[SealedHandOver, str]]


def waiting(session: Session, actor: Actor) -> Waiting:
    """Nothing for anybody else."""
    if not actor.has(Role.HEAD, Role.LEADER):
        return Waiting(inquiries=(), sealed=())
    mine = (Ticket.section_id.in_(actor.section_ids), visible_to(actor))
    inquiries = session.execute(
        sa.select(LeakInquiry, Ticket.number)
        .join(Ticket, Ticket.id == LeakInquiry.ticket_id)
        .where(LeakInquiry.concluded_at.is_(None), *mine)
        .order_by(LeakInquiry.started_at)
        .limit(SHOWN)
    ).all()
    open_states = (SealedState.ASKED, SealedState.APPROVED, SealedState.PRINTED)
    sealed = session.execute(
        sa.select(SealedHandOver, Ticket.number)
        .join(Ticket, Ticket.id == SealedHandOver.ticket_id)
        .where(SealedHandOver.state.in_(open_states), *mine)
        .order_by(SealedHandOver.asked_at)
        .limit(SHOWN)
    ).all()
    return Waiting(
        inquiries=[(row[0], row[1]) for row in inquiries], sealed=[(row[0], row[1]) for row in sealed]
    )


def _sealed(session: Session, actor: Actor, seen: Seen) -> list[SealedLine]:
    rows = session.scalars(
        sa.select(SealedHandOver)
        .where(SealedHandOver.ticket_id == seen.ticket.id)
        .order_by(SealedHandOver.asked_at.desc())
    ).all()
    head, deciding = is_head(actor, seen.facts), decides(actor, seen.facts)
    return [
        SealedLine(
            row=row,
            approves_as=approves_as(
                actor,
                seen.facts,
                state=row.state,
                asked_by_id=row.asked_by_id,
                head_id=row.head_id,
                leader_id=row.leader_id,
            ),
            may_refuse=deciding and row.state in {SealedState.ASKED, SealedState.APPROVED},
            may_print=head and row.state is SealedState.APPROVED,
            may_hand_over=_may(actor, HANDED_OVER_STEP, seen) and row.state is SealedState.PRINTED,
        )
        for row in rows
    ]


def _may(actor: Actor, step: Step, seen: Seen) -> bool:
    return not held(actor, seen.facts).isdisjoint(step.who)
