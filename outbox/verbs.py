"""Putting a mail into the outbox, in the transaction of its cause; sending is another's business."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit, vault
from core.clock import now
from core.db import insert_later, write_gathered
from core.errors import DomainError, NotFound
from core.keys import keys_in_use
from outbox import pace
from outbox.models import OutboxFile, OutboxMessage, OutboxSender
from outbox.vocabulary import CancelReason, OutboxKind, OutboxState

# What must go first when a day's limit is near: an answer is owed to a person, a reminder is not.
PRIORITY = {
    OutboxKind.ANSWER: pace.OWED,
    OutboxKind.NOTICE: pace.OWED,
    OutboxKind.ACKNOWLEDGEMENT: pace.ACKNOWLEDGED,
    OutboxKind.REPORT: 3,
    OutboxKind.STAFF: pace.STAFF,
    OutboxKind.HEARTBEAT: pace.LOWEST,
}

# What a person may still send again or take back; what has left, or is leaving at this moment, stays.
RESENDABLE = frozenset({OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.RETRY, OutboxState.CANCELLED})
CANCELLABLE = frozenset({OutboxState.QUEUED, OutboxState.RETRY, OutboxState.FAILED, OutboxState.UNKNOWN})

_FIRST = "outbox.first"  # whom this transaction has written to by `enqueue_first`
_COUNT = (
    sa.select(sa.func.count())
    .select_from(OutboxMessage)
    .where(
        OutboxMessage.recipient_index == sa.bindparam("to"),
        OutboxMessage.kind == sa.bindparam("of", type_=OutboxMessage.kind.type),
        OutboxMessage.created_at >= sa.bindparam("since", type_=OutboxMessage.created_at.type),
        OutboxMessage.state != OutboxState.CANCELLED,
    )
)

Followed = Callable[[Session, OutboxMessage, datetime], None]
_ON_SENT = "outbox_on_sent"


@dataclass(frozen=True, kw_only=True, repr=False)
class OutgoingFile:
    """A file already in the blob store that is to go along with a mail."""

    name: str
    content_type: str
    size: int
    blob: str


def on_sent(app: Flask, kind: OutboxKind, follow: Followed) -> None:
    """Has `follow(session, mail, at)` called when a mail of the kind has left, in the transaction that says so.

    The mail itself is still marked as leaving then: a ticket is locked before the outbox.
    """
    app.extensions.setdefault(_ON_SENT, {}).setdefault(kind, []).append(follow)


def followers(kind: OutboxKind) -> list[Followed]:
    """Who wants to know that a mail of the kind has left."""
    table: dict[OutboxKind, list[Followed]] = current_app.extensions.get(_ON_SENT, {})
    return table.get(kind, [])


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
    urgent: bool = False,
    files: Sequence[OutgoingFile] = (),
    text_used: str = "",
) -> OutboxMessage | None:
    """Adds a finished mail; None if its cause put one in before (equal `dedupe`). `urgent`: an alarm, past limits and quiet hours.

    The Message-ID is made here and never again: whatever happens in sending, a repeat carries the same one, and an answer
    to it is known to belong to `object_ref`. The recipient and the text are sealed.
    """
    if session.execute(sa.select(OutboxMessage.id).where(OutboxMessage.dedupe == dedupe)).first():
        return None
    key = vault.new_data_key(session)
    row = OutboxMessage(
        dedupe=dedupe,
        object_ref=object_ref,
        text_used=text_used,
        next_at=not_before or now(),
        **_sealed(
            key,
            kind,
            sender=sender,
            recipient=recipient,
            subject=subject,
            body=body,
            headers=headers or {},
        ),
    )
    if urgent:
        row.priority = pace.URGENT
    session.add(row)
    session.flush()
    session.add_all(
        OutboxFile(
            message_id=row.id,
            position=position,
            name_sealed=vault.seal(key, file.name, place=f"outbox|file{position}|{key.id}"),
            content_type=file.content_type,
            size=file.size,
            blob=file.blob,
        )
        for position, file in enumerate(files, start=1)
    )
    return row


def enqueue_first(
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
    text_used: str = "",
) -> None:
    """The same for a cause that was made in this transaction, so that nothing can have put one in before.

    The row is written with its like (`insert_later`); `sent_to_since` counts it all the same.
    """
    key = vault.new_data_key(session, later=True)
    insert_later(
        session,
        OutboxMessage,
        dedupe=dedupe,
        object_ref=object_ref,
        text_used=text_used,
        next_at=now(),
        **_sealed(
            key,
            kind,
            sender=sender,
            recipient=recipient,
            subject=subject,
            body=body,
            headers=headers or {},
        ),
    )
    session.info.setdefault(_FIRST, set()).add(recipient_index(recipient))


def _sealed(
    key: vault.DataKeyInHand,
    kind: OutboxKind,
    *,
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    headers: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "kind": kind,
        "priority": PRIORITY[kind],
        "sender": sender,
        "recipient_sealed": vault.seal(key, recipient, place=f"outbox|recipient|{key.id}"),
        "recipient_index": recipient_index(recipient),
        "subject": subject,
        "body_sealed": vault.seal(key, body, place=f"outbox|body|{key.id}"),
        "headers": json.dumps(dict(headers), ensure_ascii=False),
        "message_id": f"<{secrets.token_urlsafe(24)}@{sender.rpartition('@')[2]}>",
        "data_key_id": key.id,
        "state": OutboxState.QUEUED,
        "created_at": now(),
    }


def rewrite(session: Session, dedupe: str, change: Callable[[str], str]) -> bool:
    """Changes the text of a mail that has not been tried yet; False if there is none.

    Only for a mail whose time has not come: the sender reads a text before it claims the mail.
    """
    row = session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.dedupe == dedupe, OutboxMessage.state == OutboxState.QUEUED)
        .with_for_update()
    ).one_or_none()
    if row is None or row.next_at <= now():
        return False
    key, place = vault.data_key(session, row.data_key_id), f"outbox|body|{row.data_key_id}"
    row.body_sealed = vault.seal(key, change(vault.unseal(key, row.body_sealed, place=place)), place=place)
    return True


def recipient_index(address: str) -> str:
    """The keyed hash by which mails to one address are counted."""
    return keys_in_use().blind_index("email", "".join(address.split()).casefold())


def sent_to_since(session: Session, address: str, kind: OutboxKind, since: datetime) -> int:
    """How many mails of a kind were put in for an address since a moment."""
    wanted = recipient_index(address)
    if wanted in session.info.get(_FIRST, ()):
        write_gathered(session)
    found: int = session.execute(_COUNT, {"to": wanted, "of": kind, "since": since}).scalar_one()
    return found


def send_again(session: Session, message_id: int, *, actor: Actor) -> OutboxMessage:
    """Puts a mail that did not leave back into the queue, with its old Message-ID; DomainError if it cannot be."""
    row = _for_change(session, message_id)
    if row.state not in RESENDABLE:
        raise DomainError(f"这封信现在是“{row.state.label}”，不用再发。")
    row.state, row.attempts, row.unconfirmed = OutboxState.QUEUED, 0, 0
    row.last_code = row.last_error = ""
    row.next_at = now()
    audit.record(
        session, "outbox.send_again", actor=actor.username, object_ref=row.object_ref, message=row.message_id
    )
    return row


def cancel(session: Session, message_id: int, reason: CancelReason, *, actor: Actor) -> OutboxMessage:
    """Takes a mail back that has not left; it stays in the list with the reason."""
    row = _for_change(session, message_id)
    if row.state not in CANCELLABLE:
        raise DomainError(f"这封信现在是“{row.state.label}”，不能取消。")
    row.state = OutboxState.CANCELLED
    row.last_code, row.last_error = f"cancelled:{reason}", f"已取消：{reason.label}"
    audit.record(
        session,
        "outbox.cancelled",
        actor=actor.username,
        object_ref=row.object_ref,
        message=row.message_id,
        reason=str(reason),
    )
    return row


def release_sender(session: Session, address: str) -> None:
    """Lets an address that was stopped try again at once, with all that waits: its code was renewed, or a person asks."""
    sender = session.get(OutboxSender, address.lower(), with_for_update=True)
    if sender is not None:
        clear_trouble(sender)
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.sender == address.lower(), OutboxMessage.state == OutboxState.RETRY)
        .values(next_at=now())
    )


def clear_trouble(sender: OutboxSender) -> None:
    """The address works, or is to be tried as if it did."""
    sender.blocked_until = sender.down_since = None
    sender.failures, sender.alarm = 0, False
    sender.last_code = sender.last_message = ""


def _for_change(session: Session, message_id: int) -> OutboxMessage:
    row = session.get(OutboxMessage, message_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这封信。")
    return row
