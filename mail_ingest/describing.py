"""A stored mail in words, for `mail show`, `mail export` and its page: masked, unless the caller may see it as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.blobs import BlobMissing, blob_store
from core.errors import DomainError, NotFound
from mail_ingest.models import MailboxState, MailItem, MailLink
from mail_ingest.reader_process import Reader, ReaderFailed
from mail_ingest.reading.parsed import ParsedMail
from tickets import identity, messages, registers
from tickets.identity import Person
from tickets.masking.phones import mask_email
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True, repr=False)
class ReadMail:
    """The bytes of a stored mail and what they say; `trouble` when they could not be read or are gone."""

    raw: bytes = b""
    parsed: ParsedMail = field(default_factory=ParsedMail)
    trouble: str = ""


def read(item: MailItem, reader: Reader) -> ReadMail:
    """Reads a stored mail; never raises for its sake. Touches no database: call it outside a transaction."""
    try:
        raw = blob_store().get(item.blob)
    except BlobMissing:
        return ReadMail(trouble="原始邮件文件缺失或损坏，请管理员从备份恢复。")
    try:
        return ReadMail(raw=raw, parsed=reader.read(raw))
    except ReaderFailed as error:
        return ReadMail(raw=raw, trouble=f"系统没能读懂这封邮件：{error.reason}。")


def read_raw(item: MailItem) -> bytes:
    """The bytes as they came."""
    try:
        return blob_store().get(item.blob)
    except BlobMissing as error:
        raise DomainError("原始邮件文件缺失或损坏，请管理员从备份恢复。") from error


def item_by(session: Session, wanted: str) -> MailItem:
    """A mail by its id, or the mail that made the ticket of a number."""
    if wanted.isascii() and wanted.isdigit():
        item = session.get(MailItem, int(wanted)) if len(wanted) < 18 else None
    else:
        item = session.scalars(
            sa.select(MailItem)
            .join(MailLink, MailLink.item_id == MailItem.id)
            .join(Ticket, Ticket.id == MailLink.ticket_id)
            .where(Ticket.number == wanted.strip().upper())
            .order_by(sa.case((MailLink.role == "origin", 0), else_=1), MailItem.id)
            .limit(1)
        ).one_or_none()
    if item is None:
        raise NotFound(f"没有编号为 {wanted} 的邮件，也没有由邮件登记的这个诉求件。")
    return item


def described(
    session: Session,
    item: MailItem,
    mail: ReadMail,
    *,
    mailbox: str,
    ticket: str | None,
    with_identity: bool,
) -> dict[str, Any]:
    """The mail as the commands print it."""
    parsed = mail.parsed
    words = as_it_came(parsed) if with_identity else masked(session, parsed)
    return {
        "id": item.id,
        "raw_sha256": sha256(mail.raw).hexdigest() if mail.raw or not mail.trouble else None,
        "ticket": ticket,
        "kind": item.kind.value if item.kind else None,
        "state": item.state.value,
        "reason": item.reason.value if item.reason else None,
        "mailbox": mailbox,
        "received_at": moment(item.received_at),
        "from": words["from"],
        "subject": words["subject"],
        "date": moment(parsed.date),
        "text": words["text"],
        "attachments": words["attachments"],
    }


def masked(session: Session, parsed: ParsedMail) -> dict[str, Any]:
    """Sender, subject, text and files without what tells who wrote."""
    sender = Person(name=parsed.from_name, email=parsed.from_address)
    masker = identity.masker_for((sender,), registers.public_words(session))
    name, subject, text = (
        each.text for each in masker.mask_all(parsed.from_name, parsed.subject, parsed.text)
    )
    return {
        "from": {"name": name, "address": mask_email(parsed.from_address)},
        "subject": subject,
        "text": text,
        "attachments": [
            _file(file, messages.file_label(position, file.filename))
            for position, file in enumerate(parsed.attachments, start=1)
        ],
    }


def as_it_came(parsed: ParsedMail) -> dict[str, Any]:
    """The same with everything in it."""
    return {
        "from": {"name": parsed.from_name, "address": parsed.from_address},
        "subject": parsed.subject,
        "text": parsed.text,
        "attachments": [_file(file, file.filename) for file in parsed.attachments],
    }


def numbers_of(session: Session, item_ids: list[int] | None = None) -> Mapping[int, str]:
    """The ticket each mail belongs to, by the mail's id: the one it made, else the first it was joined to."""
    query = (
        sa.select(MailLink.item_id, Ticket.number)
        .join(Ticket, Ticket.id == MailLink.ticket_id)
        .order_by(sa.case((MailLink.role == "origin", 1), else_=0), Ticket.id.desc())
    )
    if item_ids is not None:
        query = query.where(MailLink.item_id.in_(item_ids))
    return {row.item_id: row.number for row in session.execute(query)}


def address_of(session: Session, item: MailItem) -> str:
    return session.get_one(MailboxState, item.mailbox_id).address


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _file(file: Any, name: str) -> dict[str, Any]:
    return {
        "filename": name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }
