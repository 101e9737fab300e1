"""Writes a mail as it goes over the wire: headers that stop machines from answering, UTF-8 in base64. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime

from outbox.enclosing import Enclosure, enclosed
from outbox.vocabulary import OutboxKind

# RFC 3834. What a person has approved is no automatic answer, but nobody's holiday notice shall come back either. "All"
# would also hold back the bounce that tells us an answer has not arrived.
_ANSWERED_BY_A_PERSON = {"X-Auto-Response-Suppress": "OOF, AutoReply"}
_ANSWERED_BY_US = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
_MADE_BY_US = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
_AUTOMATIC: Mapping[OutboxKind, Mapping[str, str]] = {
    OutboxKind.ANSWER: _ANSWERED_BY_A_PERSON,
    OutboxKind.NOTICE: _ANSWERED_BY_A_PERSON,
    OutboxKind.ACKNOWLEDGEMENT: _ANSWERED_BY_US,
    OutboxKind.REPORT: _MADE_BY_US,
    OutboxKind.STAFF: _MADE_BY_US,
    OutboxKind.HEARTBEAT: _MADE_BY_US,
}

_THREADING = ("In-Reply-To", "References")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,400}@[^<>\s@]{1,400}>")
_REFERENCES_KEPT = 20
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[A-Za-z0-9.-]{1,255}")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything a mail is made of. `extra` are headers of the row that made it."""

    kind: OutboxKind
    sender: str
    sender_name: str
    recipient: str
    subject: str
    body: str
    message_id: str
    extra: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Enclosure, ...] = ()


def is_deliverable(address: str) -> bool:
    """Whether an address can be said to a mail server at all; no line ends, no second address."""
    return address.isascii() and address.isprintable() and _ADDRESS.fullmatch(address) is not None


def written(letter: Letter, at: datetime) -> bytes:
    """The mail, with CRLF line ends and the moment as given, zone and all. Whatever stands in subject or headers cannot add a header of its own."""
    mail = EmailMessage(policy=SMTP)
    user, _, domain = letter.sender.rpartition("@")
    mail["From"] = Address(_one_line(letter.sender_name), user, domain)
    mail["To"] = letter.recipient
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = letter.message_id
    mail["Content-Language"] = "zh-CN"
    extra = {name: _one_line(value) for name, value in letter.extra.items() if name not in _THREADING}
    for name, value in {**_AUTOMATIC[letter.kind], **extra}.items():
        mail[name] = value
    threading = _threading(letter.extra)
    if not letter.files:
        mail.set_content(_printable(letter.body), charset="utf-8", cte="base64")
        return threading + mail.as_bytes()
    text = MIMEPart(policy=SMTP)
    text.set_content(_printable(letter.body), charset="utf-8", cte="base64")
    headers = threading + mail.as_bytes().rstrip(b"\r\n") + b"\r\n"
    return enclosed(headers, text.as_bytes(), letter.files, seed=letter.message_id)


def _threading(headers: Mapping[str, str]) -> bytes:
    """The library would write a long message id as an encoded word, which no mail program takes for an id."""
    lines = []
    for name in _THREADING:
        ids = [each for each in _MESSAGE_ID.findall(headers.get(name, "")) if each.isascii()]
        if ids:
            lines.append(f"{name}: " + "\r\n ".join(ids[-_REFERENCES_KEPT:]) + "\r\n")
    return "".join(lines).encode("ascii")


def _one_line(text: str) -> str:
    return _NOT_PRINTED.sub(" ", text).strip()


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
