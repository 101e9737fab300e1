"""From the bytes of a mail to what it says: the one function that everything else here serves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core.text import clean_line, clean_text
from mail_ingest.reading import charset
from mail_ingest.reading.addresses import addresses, single
from mail_ingest.reading.body import Body, read_body
from mail_ingest.reading.headers import Headers
from mail_ingest.reading.machine import Signs, kind_of, wants_no_reply
from mail_ingest.reading.parsed import Address, ParsedMail
from mail_ingest.reading.parts import Tree, read_tree
from mail_ingest.reading.quotes import quote_start
from mail_ingest.reading.reports import reported_on
from mail_ingest.vocabulary import MailKind

LARGEST_WITH_ATTACHMENTS = 25 * 1024 * 1024
LONGEST_SUBJECT = 998
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_READABLE_HEAD = 200_000


def read_mail(raw: bytes) -> ParsedMail:
    """The mail as far as it can be read. Never raises: what defeats the reader is marked for a person to look at."""
    try:
        return _read(raw)
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's bytes provoke, the mail must not be lost
        return _unreadable(raw, type(problem).__name__)


def fingerprint(mail: ParsedMail) -> str:
    """What two copies of one mail have in common however they travelled; other content gives another one."""
    digest = hashlib.sha256()
    date = mail.date.isoformat() if mail.date else ""
    for value in (
        mail.message_id,
        mail.from_name,
        mail.from_address,
        date,
        mail.subject,
        mail.contents_sha256,
    ):
        digest.update(hashlib.sha256(value.encode("utf-8", "replace")).digest())
    return digest.hexdigest()


def _read(raw: bytes) -> ParsedMail:
    if b"\n" not in raw[:4000] and b"\r" in raw[:4000]:
        raw = raw.replace(b"\r", b"\n")  # line ends of an old Macintosh
    tree = read_tree(raw)
    headers = tree.root.headers
    _set_hints(tree)
    body = read_body(tree, with_attachments=len(raw) <= LARGEST_WITH_ATTACHMENTS)
    sender, notes = _sender(headers)
    subject = clean_line(headers.text("subject"), LONGEST_SUBJECT)
    signs = Signs(
        headers=headers,
        subject=subject,
        from_name=sender.name,
        from_address=sender.address,
        part_types=body.part_types,
        text=body.text,
    )
    kind, rule = kind_of(signs)
    about, failed = reported_on(tree, body) if kind is not MailKind.ORDINARY else ((), ())
    reply_to = single(headers, "reply-to")
    return ParsedMail(
        kind=kind,
        kind_rule=rule,
        message_id=_message_id(headers),
        in_reply_to=next(iter(_ids(headers, "in-reply-to")), None),
        references=_ids(headers, "references"),
        from_name=sender.name,
        from_address=sender.address,
        reply_to=reply_to.address if reply_to and reply_to.address else None,
        to=addresses(headers, "to"),
        cc=addresses(headers, "cc"),
        subject=subject,
        date=_date(headers),
        text=body.text,
        html_sanitised=body.html,
        quote_start=quote_start(body.text),
        attachments=tuple(body.attachments),
        cloud_attachments=body.cloud_attachments,
        contents_sha256=body.contents_sha256,
        about_message_ids=about,
        failed_recipients=failed,
        wants_no_reply=wants_no_reply(signs, kind),
        needs_reading=_says_nothing(subject, body),
        notes=tuple(dict.fromkeys([*tree.notes, *notes, *body.notes])),
    )


def _set_hints(tree: Tree) -> None:
    """Undeclared bytes of one mail are in one character set: guessed once, from all of them, a declared one preferred."""
    declared = [charset.known_charset(part.charset) for part in tree.root.leaves() if part.charset]
    known = next((name for name in declared if name and name not in ("utf-8", "cp1252")), None)
    if known is None:
        loose = [value for _, value in tree.root.headers.fields if not value.isascii()]
        loose += [
            part.head(4000)
            for part in tree.root.leaves()
            if not part.charset and part.content_type.startswith("text/")
        ]
        joined = b"\n".join(loose)
        known = charset.guess(joined) if joined and not joined.isascii() else None
    for part in tree.root.leaves():
        part.headers.suppose(known)
    tree.root.headers.suppose(known)


def _sender(headers: Headers) -> tuple[Address, list[str]]:
    """Who wrote: From; where it names no address, Reply-To, then Sender, with a note."""
    written = single(headers, "from")
    notes = ["邮件有多个发件人栏，按第一个登记。"] if len(headers.all_raw("from")) > 1 else []
    if written and written.address:
        return written, notes
    for name, label in (("reply-to", "回复地址"), ("sender", "代发地址")):
        other = single(headers, name)
        if other and other.address:
            notes.append(f"邮件没有有效的发件人地址，按{label}登记。")
            return Address(written.name if written and written.name else other.name, other.address), notes
    notes.append("邮件没有发件人地址，无法自动回信。")
    return written or Address("", ""), notes


def _message_id(headers: Headers) -> str:
    written = headers.text("message-id")
    match = _MESSAGE_ID.search(written)
    return clean_line(match[0] if match else written, 998)


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    found = [
        clean_line(one) for raw in headers.all_raw(name) for one in _MESSAGE_ID.findall(headers.words(raw))
    ]
    return tuple(dict.fromkeys(found))[:100]


def _date(headers: Headers) -> datetime | None:
    """When the sender says that he wrote; only for the eye, as anybody may write anything."""
    try:
        moment = parsedate_to_datetime(headers.text("date")[:200])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def _says_nothing(subject: str, body: Body) -> bool:
    if body.encrypted and not body.text.strip():
        return True
    return not (subject or body.text.strip() or body.attachments or body.cloud_attachments)


def _unreadable(raw: bytes, problem: str) -> ParsedMail:
    """What a person needs to begin: the head of the mail as plain characters."""
    try:
        text = clean_text(charset.decode(raw[:_READABLE_HEAD], None))
    except Exception:  # noqa: BLE001 - this is the last net
        text = ""
    note = f"邮件无法解析（{problem}），请查看原始邮件后人工登记。"
    return replace(ParsedMail(), text=text, needs_reading=True, wants_no_reply=True, notes=(note,))
