"""Putting a mail into the outbox, in the transaction of its cause; sending is another's business."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import vault
from core.clock import now
from core.keys import keys_in_use
from outbox.models import OutboxKind, OutboxMessage, OutboxState

# What must go first when a day's limit is near: an answer is owed to a person, a reminder is not.
PRIORITY = {
    OutboxKind.ANSWER: 1,
    OutboxKind.NOTICE: 1,
    OutboxKind.ACKNOWLEDGEMENT: 2,
    OutboxKind.REPORT: 3,
    OutboxKind.STAFF: 4,
    OutboxKind.HEARTBEAT: 5,
}


def enqueue(
    session: Session,
    kind: OutboxKind,
    *,
    dedupe: str,
    object_ref: str,
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    headers: Mapping[str, str] | None = None,
    not_before: datetime | None = None,
) -> OutboxMessage | None:
    """Adds a finished mail; None if its cause put one in before (equal `dedupe`).

    The Message-ID is made here and never again: whatever happens in sending, a repeat carries the same one, and an answer
    to it is known to belong to `object_ref`. The recipient and the text are sealed.
    """
    if session.execute(sa.select(OutboxMessage.id).where(OutboxMessage.dedupe == dedupe)).first():
        return None
    key = vault.new_data_key(session)
    domain = sender.rpartition("@")[2]
    row = OutboxMessage(
        dedupe=dedupe,
        kind=kind,
        priority=PRIORITY[kind],
        object_ref=object_ref,
        sender=sender,
        recipient_sealed=vault.seal(key, recipient, place=f"outbox|recipient|{key.id}"),
        recipient_index=recipient_index(recipient),
        subject=subject,
        body_sealed=vault.seal(key, body, place=f"outbox|body|{key.id}"),
        headers=json.dumps(dict(headers or {}), ensure_ascii=False),
        message_id=f"<{secrets.token_urlsafe(24)}@{domain}>",
        data_key_id=key.id,
        state=OutboxState.QUEUED,
        next_at=not_before or now(),
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def recipient_index(address: str) -> str:
    """The keyed hash by which mails to one address are counted."""
    return keys_in_use().blind_index("email", "".join(address.split()).casefold())


def sent_to_since(session: Session, address: str, kind: OutboxKind, since: datetime) -> int:
    """How many mails of a kind were put in for an address since a moment."""
    return session.execute(
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.recipient_index == recipient_index(address),
            OutboxMessage.kind == kind,
            OutboxMessage.created_at >= since,
            OutboxMessage.state != OutboxState.CANCELLED,
        )
    ).scalar_one()
