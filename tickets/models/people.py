"""Who complained and what was really said: sealed, apart from the working texts, opened only through the vault.

Ids are random, so that a sealed field is bound to its owner before the row has met the database.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Account
from core.db import Base
from tickets.models.ticket import Ticket
from tickets.vocabulary import Anonymity, Channel, Direction


def random_id() -> str:
    return secrets.token_hex(16)


class Complainant(Base):
    """A person behind a ticket (反映人), with wishes of their own; nothing readable stands here."""

    __tablename__ = "complainant"
    __table_args__ = (
        sa.Index(None, "phone_index"),
        sa.Index(None, "email_index"),
        sa.Index(None, "ticket_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    position: Mapped[int]
    anonymity: Mapped[Anonymity]
    name_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    email_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    address_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    contact_note_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    phone_index: Mapped[str | None]
    email_index: Mapped[str | None]
    wants_callback: Mapped[bool] = mapped_column(default=False)
    query_code_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class Message(Base):
    """One thing said or written in a ticket's course (往来记录); subject and text are working texts."""

    __tablename__ = "message"
    __table_args__ = (sa.Index(None, "ticket_id", "occurred_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    direction: Mapped[Direction]
    channel: Mapped[Channel]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    quote_start: Mapped[int | None]
    notes: Mapped[str] = mapped_column(
        default="[]"
    )  # JSON: what was repaired in reading, sentences for the screen


class Verbatim(Base):
    """What was really written or said, field by field, sealed with the ticket's data key."""

    __tablename__ = "verbatim"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "field"),
        sa.Index(None, "ticket_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    message_id: Mapped[str | None] = mapped_column(sa.ForeignKey(Message.id))
    field: Mapped[str]  # title, matter, request of the ticket; subject, sender, text, html of a message
    sealed: Mapped[bytes] = mapped_column(deferred=True)


class Attachment(Base):
    """A file that came with a message or was added by staff; its own name may tell who wrote, so it is sealed."""

    __tablename__ = "attachment"
    __table_args__ = (sa.Index(None, "ticket_id"), sa.Index(None, "message_id"))

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    message_id: Mapped[str] = mapped_column(sa.ForeignKey(Message.id))
    position: Mapped[int]
    label: Mapped[str]  # what the screen calls it: 附件1.jpg
    name_sealed: Mapped[bytes] = mapped_column(deferred=True)
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    blob: Mapped[str]
    with_answer: Mapped[bool] = mapped_column(default=False)  # goes along with the answer once it is approved


class Reveal(Base):
    """Somebody opened a complainant's contact data (查看联系方式): why, what, and until when it stays open."""

    __tablename__ = "reveal"
    __table_args__ = (sa.Index(None, "ticket_id", "until"), sa.Index(None, "account_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    reason: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime]
