"""Reading a mail: bytes in, words and files out. Standard library and nh3 only; no database, no key, no network."""

from __future__ import annotations

from mail_ingest.reading.parsed import Address, Attachment, CloudAttachment, ParsedMail
from mail_ingest.reading.read import fingerprint, read_mail

__all__ = ["Address", "Attachment", "CloudAttachment", "ParsedMail", "fingerprint", "read_mail"]
