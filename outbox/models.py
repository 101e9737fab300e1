"""Rows of what is to leave. They know text, recipient and priority; what they are about is an opaque reference."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.labels import Labelled


class OutboxState(Labelled):
    QUEUED = "queued", "待发送"
    INFLIGHT = "inflight", "发送中"
    SENT = "sent", "已发出"
    RETRY = "retry", "等待重发"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "是否送达不明"
    CANCELLED = "cancelled", "已取消"


class OutboxKind(Labelled):
    ANSWER = "answer", "答复"
    NOTICE = "notice", "告知"
    ACKNOWLEDGEMENT = "acknowledgement", "登记回执"
    REPORT = "report", "专报通知"
    STAFF = "staff", "工作提醒"
    HEARTBEAT = "heartbeat", "系统自检"


class OutboxMessage(Base):
    """One mail to one recipient, finished when the row is made; its Message-ID never changes afterwards."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index(None, "state", "priority", "next_at"),
        sa.Index(None, "object_ref", "id"),
        sa.Index(None, "recipient_index", "created_at"),
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
    message_id: Mapped[str] = mapped_column(unique=True)
    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_code: Mapped[str] = mapped_column(default="")
    last_error: Mapped[str] = mapped_column(default="")
