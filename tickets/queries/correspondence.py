"""What was said and written in a ticket's course, with its files; what a letter quotes is folded away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.models import Attachment, Message, Ticket


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """One thing said or written, with what it quotes folded away."""

    id: str
    direction: Any
    channel: Any
    occurred_at: datetime
    recorded_at: datetime
    author: str
    subject: str
    text: str
    quoted: str
    notes: Sequence[str]
    attachments: Sequence[Attachment]


def messages(session: Session, ticket: Ticket) -> list[MessageLine]:
    """All of them with their files, oldest first, in one question."""
    rows = session.execute(
        sa.select(Message, Attachment)
        .outerjoin(Attachment, Attachment.message_id == Message.id)
        .where(Message.ticket_id == ticket.id)
        .order_by(Message.occurred_at, Message.id, Attachment.position)
    ).all()
    found: dict[str, tuple[Message, list[Attachment]]] = {}
    for message, file in rows:
        _, files = found.setdefault(message.id, (message, []))
        if file is not None:
            files.append(file)
    return [_message_line(message, files) for message, files in found.values()]


def _message_line(row: Message, files: Sequence[Attachment]) -> MessageLine:
    cut = _line_start(row.text, row.quote_start) if row.quote_start is not None else len(row.text)
    return MessageLine(
        id=row.id,
        direction=row.direction,
        channel=row.channel,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        author=row.author,
        subject=row.subject,
        text=row.text[:cut].rstrip(),
        quoted=row.text[cut:].strip("\n"),
        notes=[str(note) for note in json.loads(row.notes)],
        attachments=files,
    )


def _line_start(text: str, place: int) -> int:
    """The beginning of the line nearest to a place: what was quoted begins with a line, whatever masking did to lengths."""
    if place <= 0 or place >= len(text) or text[place - 1] == "\n":
        return min(max(place, 0), len(text))
    before, after = text.rfind("\n", 0, place) + 1, text.find("\n", place) + 1 or len(text)
    return before if place - before < after - place else after
