"""The files that go along with an answer: chosen where it is written, reviewed with it, sent when it is approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import vault
from core.clock import now
from core.errors import DomainError
from outbox.verbs import OutgoingFile
from tickets import identity, messages
from tickets.messages import NewAttachment, NewMessage
from tickets.models import Attachment, Ticket
from tickets.vocabulary import Channel, Direction

TOGETHER_AT_MOST = 15 * 1024 * 1024  # what free mailboxes take, in base64 a third more
_ON = "on"


def choose(
    session: Session,
    ticket: Ticket,
    files: Sequence[NewAttachment],
    fields: Mapping[str, str],
    *,
    actor: Actor,
) -> None:
    """Keeps the files for the answer that was just written. New ones take the place of those chosen for an earlier draft."""
    if sum(file.size for file in files) > TOGETHER_AT_MOST:
        raise DomainError("附件合计最大 15 MB，再大对方邮箱不收。请压缩，或改为当面、邮寄提供。")
    if not files and fields.get("no_files") != _ON:
        return
    session.execute(sa.update(Attachment).where(Attachment.ticket_id == ticket.id).values(with_answer=False))
    if not files:
        return
    key = vault.data_key(session, ticket.data_key_id)
    added = messages.add_message(
        session,
        ticket,
        key,
        messages.open_masker(session, ticket),
        NewMessage(
            subject="拟随答复发给反映人的附件",
            text="审核通过后随答复邮件发出。",
            sender=actor.display_name,
            attachments=tuple(files),
        ),
        occurred_at=now(),
        direction=Direction.OUTBOUND,
        channel=Channel.MAIL,
        author=actor.display_name,
    )
    session.flush()
    session.execute(sa.update(Attachment).where(Attachment.message_id == added.id).values(with_answer=True))


def of_answer(session: Session, ticket: Ticket) -> tuple[OutgoingFile, ...]:
    """The files that go along with the answer, under their own names: these were checked when they were chosen."""
    rows = session.scalars(
        sa.select(Attachment)
        .where(Attachment.ticket_id == ticket.id, Attachment.with_answer)
        .order_by(Attachment.message_id, Attachment.position)
    ).all()
    names = identity.open_file_names(session, ticket, [row.id for row in rows])
    return tuple(
        OutgoingFile(name=names[row.id], content_type=row.content_type, size=row.size, blob=row.blob)
        for row in rows
    )
