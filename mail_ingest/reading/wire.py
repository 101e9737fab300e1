"""A parsed mail as JSON and back, for the way between the reader and its parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mail_ingest.reading.parsed import Address, Attachment, CloudAttachment, ParsedMail
from mail_ingest.vocabulary import MailKind

_PLAIN = (
    "kind_rule",
    "message_id",
    "in_reply_to",
    "from_name",
    "from_address",
    "reply_to",
    "subject",
    "text",
    "html_sanitised",
    "quote_start",
    "contents_sha256",
    "wants_no_reply",
    "needs_reading",
)
_KINDS = {kind.value: kind for kind in MailKind}
_TUPLES = ("references", "about_message_ids", "failed_recipients", "notes")


def to_head(mail: ParsedMail) -> dict[str, Any]:
    """Everything but the contents of the attachments, of which the sizes are told."""
    head: dict[str, Any] = {name: getattr(mail, name) for name in (*_PLAIN, *_TUPLES)}
    head["kind"] = mail.kind.value
    head["date"] = _moment(mail.date)
    head["to"] = [(one.name, one.address) for one in mail.to]
    head["cc"] = [(one.name, one.address) for one in mail.cc]
    head["attachments"] = [
        (a.filename, a.content_type, a.size, a.sha256, a.inline_cid) for a in mail.attachments
    ]
    head["cloud"] = [(c.filename, c.size_text, _moment(c.expires_at), c.url) for c in mail.cloud_attachments]
    return head


def from_head(head: Mapping[str, Any], content: Callable[[int], bytes]) -> ParsedMail:
    """The mail again; `content` hands out the next so many bytes. Raises on a head that is not of this form."""
    plain: dict[str, Any] = {name: head[name] for name in _PLAIN}
    lists: dict[str, Any] = {name: tuple(head[name]) for name in _TUPLES}
    return ParsedMail(
        **plain,
        **lists,
        kind=_KINDS[head["kind"]],
        date=_from_moment(head["date"]),
        to=tuple(Address(*one) for one in head["to"]),
        cc=tuple(Address(*one) for one in head["cc"]),
        attachments=tuple(
            Attachment(name, kind, size, digest, content(size), cid)
            for name, kind, size, digest, cid in head["attachments"]
        ),
        cloud_attachments=tuple(
            CloudAttachment(name, size, _from_moment(expires), url)
            for name, size, expires, url in head["cloud"]
        ),
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _from_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
