"""Rows of what is to leave. They know text, recipient and priority; what they are about is an opaque reference."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from outbox.vocabulary import OutboxKind, OutboxState

__all__ = ["OutboxFile", "OutboxKind", "OutboxMessage", "OutboxSender", "OutboxState"]


class OutboxMessage(Base):
    """One mail to one recipient, finished when the row is made; its Message-ID never changes afterwards."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index(None, "state", "priority", "next_at"),
        sa.Index(None, "object_ref", "id"),
        sa.Index(None, "recipient_index", "created_at"),
        sa.Index(None, "sender", "tried_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OutboxKind]
    priority: Mapped[int]
    object_ref: Mapped[str]
    sender: Mapped[str]
    recipient_sealed: Mapped[bytes]
    recipient_index: Mapped[str]
    subject: Mapped[str]
    body_sealed: Mapped[bytes]
    headers: Mapped[str] = mapped_column(default="{}")
    text_used: Mapped[str] = mapped_column(default="")  # which text it was written from, and its version
    message_id: Mapped[str] = mapped_column(unique=True)
    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    unconfirmed: Mapped[int] = mapped_column(default=0)  # how often it may have left without a receipt
    tried_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_code: Mapped[str] = mapped_column(default="")
    last_error: Mapped[str] = mapped_column(default="")


class OutboxFile(Base):
    """A file that goes along with a mail. Its content lies in the blob store, where whoever chose it has put it."""

    __tablename__ = "outbox_file"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey(OutboxMessage.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name_sealed: Mapped[bytes]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    blob: Mapped[str]


class OutboxSender(Base):
    """How an address that sends is doing: when it sent last, and until when and why it must not."""

    __tablename__ = "outbox_sender"

    address: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime | None]
    blocked_until: Mapped[datetime | None]
    down_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    alarm: Mapped[bool] = mapped_column(
        default=False
    )  # waiting alone will not help: a person has to do something
    last_code: Mapped[str] = mapped_column(default="")
    last_message: Mapped[str] = mapped_column(default="")
