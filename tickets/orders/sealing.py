"""What a school reads, sealed: by consent it may name a child, so it never stands readable in the database."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import vault
from tickets.models import Order, Ticket


@dataclass(frozen=True, kw_only=True, repr=False)
class OrderTexts:
    """The texts as the school gets them; no repr, so that they cannot slip into a log."""

    text: str
    requirement: str


def seal_texts(key: vault.DataKeyInHand, order: Order, *, text: str, requirement: str) -> None:
    order.text_sealed = vault.seal(key, text, place=_place("text", order.id))
    order.requirement_sealed = vault.seal(key, requirement, place=_place("requirement", order.id))


def open_texts(session: Session, ticket: Ticket, order: Order) -> OrderTexts:
    """What the school reads. For who may see the order; printing it is recorded."""
    row = session.execute(
        sa.select(Order.text_sealed, Order.requirement_sealed).where(Order.id == order.id)
    ).one()
    key = vault.data_key(session, ticket.data_key_id)
    return OrderTexts(
        text=vault.unseal(key, row.text_sealed, place=_place("text", order.id)),
        requirement=vault.unseal(key, row.requirement_sealed, place=_place("requirement", order.id)),
    )


def _place(field: str, order_id: str) -> str:
    return f"school_order|{field}|{order_id}"
