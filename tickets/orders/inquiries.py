"""Direct inquiry (直接核查): the office looks for itself, alone or beside an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import vault
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from tickets import handling, history, messages
from tickets.actions import Asker, heads
from tickets.deadlines import ledger
from tickets.handling import filling, loading
from tickets.messages import NewAttachment, NewMessage
from tickets.models import Inquiry, Ticket
from tickets.models.people import random_id
from tickets.orders.rules import INQUIRY_STEP
from tickets.orders.words import InquiryWay
from tickets.policy import Permission, may
from tickets.search.index import put_into_index
from tickets.vocabulary import Action, Channel, Direction, Status

_WHILE = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.SUSPENDED})


def record(
    session: Session,
    number: str,
    *,
    actor: Actor,
    fields: Mapping[str, str],
    ways: Sequence[str],
    files: Sequence[NewAttachment] = (),
) -> Inquiry:
    """Notes an inquiry that took place; the first one starts the work on an accepted ticket."""
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None or not may(actor, Permission.VIEW, loading.facts_of(session, ticket)):
        raise NotFound("没有这一件，或者它不归您查看。")
    state = loading.state_of(session, ticket)
    asker = Asker(actor=actor, principals=loading.principals_of(session, actor))
    if not asker.may(INQUIRY_STEP, state):
        raise NotAllowed("直接核查由本股室的经办人或负责人登记。")
    if ticket.status not in _WHILE:
        raise DomainError(f"这一件现在是“{ticket.status.label}”；受理之后、报请办结之前才能登记直接核查。")
    named = ticket.handler_id
    if named is not None and named != actor.id and not heads(asker, state):
        raise DomainError("这件已经指定了经办人，直接核查由经办人登记，或请股室负责人改派。")
    chosen = [way for way in InquiryWay if way.value in ways]
    if not chosen:
        raise DomainError("请选核查的方式，至少一种。")
    if ticket.status is Status.ACCEPTED:
        handling.begin(session, ticket, asker)
    return _write(session, ticket, actor, fields, ways=chosen, files=tuple(files))


def _write(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    fields: Mapping[str, str],
    *,
    ways: Sequence[InquiryWay],
    files: tuple[NewAttachment, ...],
) -> Inquiry:
    position = history.next_position(session, ticket)
    filled = filling.fill(session, ticket, INQUIRY_STEP, fields, position=position)
    at = filled.moment("at")
    if at > now():
        raise DomainError("核查时间不能晚于现在。")
    if at < ticket.received_at.replace(second=0, microsecond=0):
        raise DomainError("核查时间填得太早：要在来件之后。")
    said = "、".join(way.label for way in ways)
    added = messages.add_message(
        session,
        ticket,
        vault.data_key(session, ticket.data_key_id),
        messages.open_masker(session, ticket),
        NewMessage(subject=f"直接核查（{said}）", text=filled.said["findings"], sender="", attachments=files),
        occurred_at=at,
        direction=Direction.NOTE,
        channel=Channel.OTHER,
        author=actor.display_name,
    )
    inquiry = Inquiry(
        id=random_id(),
        ticket_id=ticket.id,
        message_id=added.id,
        ways=",".join(ways),
        at=at,
        people=filled.text("people"),
        place=filled.text("place"),
        recorded_by=actor.display_name,
        recorded_at=now(),
    )
    session.add(inquiry)
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.INQUIRE,
        actor=actor,
        from_status=ticket.status,
        reason=f"{said}：{filled.text('findings')}",
        occurred_at=at,
        people=inquiry.people,
        place=inquiry.place,
        inquiry=inquiry.id,
        **ledger.for_history(session, ticket),
    )
    put_into_index(session, ticket)
    return inquiry
