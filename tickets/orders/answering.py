"""A school's mail that belongs to an order: found by the order's token or by our own letter, joined to it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from outbox.models import OutboxMessage
from tickets.models import Order, OrderMessage
from tickets.orders.words import PaperKind

TOKEN_LENGTH = 16


def order_of_token(session: Session, token: str) -> str | None:
    """The id of the order that carries this token; a draft has shown its token to nobody, so nobody can know it."""
    if len(token) != TOKEN_LENGTH:
        return None
    return session.scalars(
        sa.select(Order.id).where(Order.token == token, Order.number.is_not(None))
    ).one_or_none()


def order_of_letter(session: Session, message_ids: Sequence[str]) -> str | None:
    """The id of the order a letter of ours was about, known by the letter's own Message-ID."""
    if not message_ids:
        return None
    refs = session.scalars(
        sa.select(OutboxMessage.object_ref)
        .where(OutboxMessage.message_id.in_(list(message_ids)), OutboxMessage.object_ref.startswith("order/"))
        .order_by(OutboxMessage.id)
    ).all()
    if not refs:
        return None
    return session.scalars(
        sa.select(Order.id).where(Order.number == refs[-1].removeprefix("order/"))
    ).one_or_none()


def join(session: Session, order_id: str, message_id: str) -> None:
    """Puts a mail under the order it answers to. It changes no state: a person reads it and enters the feedback."""
    session.add(OrderMessage(order_id=order_id, message_id=message_id, kind=PaperKind.MAIL))
