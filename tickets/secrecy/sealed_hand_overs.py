"""密封移交: the lawful way by which an authority learns who complained. Asked with its paper, approved by two, on one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from core import audit
from core.clock import OFFICE_ZONE, now
from core.errors import DomainError, NotFound, StaleVersion
from tickets import identity, numbers
from tickets.identity import Person
from tickets.models import SealedHandOver, Ticket
from tickets.opening_rules import Opening
from tickets.policy import TicketFacts
from tickets.secrecy import at_hand, notices
from tickets.secrecy.rules import (
    APPROVAL_STEP,
    HANDED_OVER_STEP,
    REFUSAL_STEP,
    SEALED_STEP,
    approves_as,
)
from tickets.secrecy.words import NoticeKind, SealedContent, SealedState, SealedVerb
from tickets.vocabulary import Action

_WORD = "密移"


@dataclass(frozen=True, kw_only=True, repr=False)
class Sheet:
    """What is printed for the envelope; has no repr, so that it cannot slip into a log."""

    hand_over: SealedHandOver
    people: list[Person]
    words: dict[str, str]


def ask(session: Session, number: str, *, actor: Actor, fields: Mapping[str, str]) -> SealedHandOver:
    """Asks for a hand-over on the strength of an authority's paper; nothing is opened by it."""
    ticket, _ = at_hand.ticket_for(
        session, number, actor, SEALED_STEP, "密封移交由本件的经办人、股室负责人或分管领导提出。"
    )
    filled = at_hand.fill(session, ticket, SEALED_STEP, fields)
    row = SealedHandOver(
        number=numbers.next_order_number(session, _WORD, now().astimezone(OFFICE_ZONE).year),
        ticket_id=ticket.id,
        state=SealedState.ASKED,
        content=filled.choice("envelope", SealedContent),
        authority=filled.text("authority"),
        paper_number=filled.text("paper_number"),
        basis=filled.text("basis"),
        asked_by_id=actor.id,
        asked_by=actor.display_name,
        asked_at=now(),
    )
    session.add(row)
    session.flush()
    _note(session, ticket, actor, row, "提出申请", content=row.content.value)
    notices.tell(session, NoticeKind.SEALED, ticket, f"{row.number} 等您批准。")
    return row


def decide(
    session: Session,
    number: str,
    row_id: str,
    verb: SealedVerb,
    *,
    version: int,
    actor: Actor,
    fields: Mapping[str, str],
) -> SealedHandOver:
    """One of the two approvals, a refusal, or that the envelope was handed over."""
    if verb is SealedVerb.HAND_OVER:
        ticket, facts = at_hand.ticket_for(
            session, number, actor, HANDED_OVER_STEP, "移交由股室负责人当面办理并登记。"
        )
    else:
        ticket, facts = at_hand.ticket_for(
            session, number, actor, APPROVAL_STEP, "密封移交由股室负责人和分管领导两人批准。"
        )
    row = _row(session, ticket, row_id)
    if row.version != version:
        raise StaleVersion("刚才有人已经办过这一步，请看现在的情况。")
    if verb is SealedVerb.APPROVE:
        _approve(session, ticket, facts, row, actor)
    elif verb is SealedVerb.REFUSE:
        _refuse(session, ticket, row, actor, fields)
    else:
        _hand_over(session, ticket, row, actor, fields)
    return row


def print_sheet(session: Session, number: str, row_id: str, *, actor: Actor) -> Sheet:
    """The one sheet, after both approvals and once; printed again only by asking again."""
    ticket, _ = at_hand.ticket_for(
        session, number, actor, HANDED_OVER_STEP, "密封移交单由股室负责人打印、装封。"
    )
    row = _row(session, ticket, row_id)
    if row.state is not SealedState.APPROVED:
        raise DomainError(
            "已经打印过一份。需要另一份的，请重新申请，两人批准。"
            if row.printed_at is not None
            else "还没有两人批准，不能打印。"
        )
    row.state, row.printed_by, row.printed_at = SealedState.PRINTED, actor.display_name, now()
    audit.record(
        session, Opening.SEALED_PRINTED.value, actor=actor.username, object_ref=ticket.ref, label=row.number
    )
    _note(session, ticket, actor, row, "打印装封一份")
    with_words = row.content is SealedContent.WITH_WORDS
    return Sheet(
        hand_over=row,
        people=identity.open_complainants(session, ticket),
        words=identity.open_verbatim(session, ticket) if with_words else {},
    )


def _row(session: Session, ticket: Ticket, row_id: str) -> SealedHandOver:
    row = session.get(SealedHandOver, row_id, with_for_update=True)
    if row is None or row.ticket_id != ticket.id:
        raise NotFound("没有这次密封移交。")
    return row


def _approve(session: Session, ticket: Ticket, facts: TicketFacts, row: SealedHandOver, actor: Actor) -> None:
    role = approves_as(
        actor,
        facts,
        state=row.state,
        asked_by_id=row.asked_by_id,
        head_id=row.head_id,
        leader_id=row.leader_id,
    )
    if role is None:
        if row.state is not SealedState.ASKED:
            raise DomainError(f"这次移交现在是“{row.state.label}”，不用再批准。")
        raise DomainError("股室负责人和分管领导各批准一次，须是两个人；提出申请的领导不能自己批准。")
    if role is Role.HEAD:
        row.head_id, row.head, row.head_at = actor.id, actor.display_name, now()
    else:
        row.leader_id, row.leader, row.leader_at = actor.id, actor.display_name, now()
    if row.head_id is not None and row.leader_id is not None:
        row.state = SealedState.APPROVED
    _note(session, ticket, actor, row, f"{role.label}批准", role=role.value)


def _refuse(
    session: Session, ticket: Ticket, row: SealedHandOver, actor: Actor, fields: Mapping[str, str]
) -> None:
    if row.state not in {SealedState.ASKED, SealedState.APPROVED}:
        raise DomainError(f"这次移交现在是“{row.state.label}”，不能再否决。")
    filled = at_hand.fill(session, ticket, REFUSAL_STEP, fields)
    row.state, row.refused_by, row.refusal = SealedState.REFUSED, actor.display_name, filled.text("reason")
    _note(session, ticket, actor, row, "不予移交")


def _hand_over(
    session: Session, ticket: Ticket, row: SealedHandOver, actor: Actor, fields: Mapping[str, str]
) -> None:
    if row.state is not SealedState.PRINTED or row.printed_at is None:
        raise DomainError("先两人批准、打印装封，再登记移交。")
    filled = at_hand.fill(session, ticket, HANDED_OVER_STEP, fields)
    at_hand.check_past(filled)
    if filled.moment("at") < row.printed_at.replace(second=0, microsecond=0):
        raise DomainError("移交时间不能早于打印装封。")
    row.state, row.taken_by = SealedState.HANDED_OVER, filled.text("taken_by")
    row.handed_over_by, row.handed_over_at = actor.display_name, filled.moment("at")
    _note(session, ticket, actor, row, "已当面移交")


def _note(
    session: Session, ticket: Ticket, actor: Actor, row: SealedHandOver, said: str, **data: Any
) -> None:
    """The history says that it was done and by whom; to whom stands in the row alone, for those who decide."""
    at_hand.note(
        session,
        ticket,
        Action.SEALED,
        actor,
        f"{row.number} {said}",
        hand_over=row.id,
        state=row.state.value,
        **data,
    )
