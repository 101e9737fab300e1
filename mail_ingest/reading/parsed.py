"""What the reader hands over: a mail in words and files, nothing in it to be decoded any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mail_ingest.vocabulary import MailKind


@dataclass(frozen=True)
class Address:
    """Whom a header names; either half may be empty."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """A file of the mail. The name is for the eye only: never a path, never trusted for its type."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content: bytes = field(repr=False)
    inline_cid: str | None = None


@dataclass(frozen=True)
class CloudAttachment:
    """A file that the mail only points to (网易/QQ 超大附件) and that is gone after its expiry; never fetched by us."""

    filename: str
    size_text: str
    expires_at: datetime | None
    url: str


@dataclass(frozen=True)
class ParsedMail:
    """A mail as far as it could be read; what was mended on the way stands in the notes."""

    kind: MailKind = MailKind.ORDINARY
    kind_rule: str = ""
    message_id: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    from_name: str = ""
    from_address: str = ""
    reply_to: str | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html_sanitised: str | None = None
    quote_start: int | None = None
    attachments: tuple[Attachment, ...] = ()
    cloud_attachments: tuple[CloudAttachment, ...] = ()
    contents_sha256: str = ""  # over what the parts hold, however they were encoded on the way
    about_message_ids: tuple[
        str, ...
    ] = ()  # of machine mail: the Message-IDs of the mail it reports on or answers
    failed_recipients: tuple[str, ...] = ()  # of a bounce: whom the mail did not reach
    wants_no_reply: bool = (
        False  # machine mail, null senders, no-reply addresses: an acknowledgement would loop or bounce
    )
    needs_reading: bool = (
        False  # nothing, or too little, could be made of it: a person has to look at the raw mail
    )
    notes: tuple[str, ...] = ()
