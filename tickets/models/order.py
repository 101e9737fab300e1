"""Orders to schools, what a complainant agreed to disclose, inquiries without an order.

The history of an order stands in its ticket's history: one line a step, in the audit chain like every other.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.db import Base
from tickets.models.people import Message, random_id
from tickets.models.register import School
from tickets.models.ticket import Ticket
from tickets.orders.words import ConsentGiven, DeliveryWay, Finding, OrderState, PaperKind


class Order(Base):
    """An order (交办单) to one school. Names and texts are frozen when it is issued; a draft has no number yet.

    `text` and `requirement` are working texts. What the school reads lies sealed beside them: by consent it may name a child.
    """

    __tablename__ = "school_order"
    __table_args__ = (sa.Index(None, "ticket_id"), sa.Index(None, "school_id", "state"))

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    number: Mapped[str | None] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_hex(8))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    state: Mapped[OrderState]
    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id))
    school_name: Mapped[str]
    unit: Mapped[str]  # 承办单位: the school itself or the central school it belongs to
    text: Mapped[str]
    text_sealed: Mapped[bytes] = mapped_column(deferred=True)
    requirement: Mapped[str]
    requirement_sealed: Mapped[bytes] = mapped_column(deferred=True)
    due_day: Mapped[date]

    drafted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    # Why an order goes to the school although the complainant could be known by it: two people have to say so.
    head_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    head_reason: Mapped[str] = mapped_column(default="")
    leader_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id))
    leader_reason: Mapped[str] = mapped_column(default="")
    issued_by: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime | None]

    delivery_way: Mapped[DeliveryWay | None]
    delivered_at: Mapped[datetime | None]
    delivered_to: Mapped[str] = mapped_column(default="")
    delivered_by: Mapped[str] = mapped_column(default="")
    signed_by: Mapped[str] = mapped_column(default="")
    signed_title: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]
    finding: Mapped[Finding | None]
    reported_at: Mapped[datetime | None]
    returns: Mapped[int] = mapped_column(default=0)
    reminders: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        """How deadlines, outbox and audit refer to an order that was issued."""
        return f"order/{self.number or self.id}"

    @property
    def called(self) -> str:
        return self.number or "草稿"


class OrderMessage(Base):
    """A message of the ticket's course that belongs to an order: the order itself, a proof, the school's feedback."""

    __tablename__ = "school_order_message"

    order_id: Mapped[str] = mapped_column(sa.ForeignKey(Order.id), primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey(Message.id), primary_key=True, index=True)
    kind: Mapped[PaperKind]


class DisclosureConsent(Base):
    """A complainant agreed that one school may know some words (同意披露); the words lie sealed."""

    __tablename__ = "disclosure_consent"
    __table_args__ = (sa.Index(None, "ticket_id", "school_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    school_id: Mapped[int] = mapped_column(sa.ForeignKey(School.id))
    school_name: Mapped[str]
    what: Mapped[str]  # values of Disclosed, with commas
    words_sealed: Mapped[bytes] = mapped_column(deferred=True)
    how: Mapped[ConsentGiven]
    agreed_at: Mapped[datetime]
    note: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Inquiry(Base):
    """The office looked for itself (直接核查); what it found is a message of the ticket's course."""

    __tablename__ = "inquiry"
    __table_args__ = (sa.Index(None, "ticket_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    message_id: Mapped[str] = mapped_column(sa.ForeignKey(Message.id))
    ways: Mapped[str]  # values of InquiryWay, with commas
    at: Mapped[datetime]
    people: Mapped[str]
    place: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
