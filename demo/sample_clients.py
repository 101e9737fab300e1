"""How the mail programs of Chinese senders write a mail: the bytes, not what email.message would make of them.

Headers are put together by hand because the standard library cannot write what these programs write: GBK encoded words,
raw GBK bytes, a gb2312 label over characters that gb2312 does not have.
"""

from __future__ import annotations

import base64
import hashlib
import html
import quopri
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from core.clock import OFFICE_ZONE

_WORD_BYTES = 42  # raw bytes in one encoded word, so that a header line keeps below 76 characters


@dataclass(frozen=True)
class Answered:
    """A mail of the office that a sample mail answers."""

    message_id: str
    subject: str
    sender: str


@dataclass(frozen=True)
class Occasion:
    """To whom a sample mail is written, in which of their mailboxes this copy arrives, when, and what it answers."""

    to: tuple[str, ...]
    mailbox: str
    sent_at: datetime
    answered: Answered | None = None


@dataclass(frozen=True)
class Person:
    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


Headers = Sequence[tuple[str, str | bytes]]


def webmail_163(who: Person, subject: str, text: str, at: Occasion, *attached: Attachment) -> bytes:
    """The web page of 163.com: GBK everywhere, text beside HTML, and headers that tell where the sender sat."""
    page = (
        f'<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial">{_as_html(text)}</div>'
    )
    body = _multipart("alternative", at, who, subject, _text(text, "GBK"), _text(page, "GBK", "text/html"))
    if attached:
        parts = (body, *(_attachment(one, "GBK") for one in attached))
        body = _multipart("mixed", at, who, subject, *parts)
    own = (
        ("X-Originating-IP", "[192.0.2.77]"),
        ("X-Priority", "3"),
        ("X-Mailer", "Coremail Webmail Server Version XT5.0.14 build 20260801"),
        ("X-CM-TRANSID", "pSkvCgD3X1" + _digest(who, subject, at)[:10]),
        ("X-Coremail-Antispam", "1Uf129KBjDUn29KB7ZKAUJUUUUU529EdanIXcx71UUUUU7v73VFW2AGmfu7bjvjm3"),
    )
    return _mail(who, subject, at, "GBK", body, own=own, id_tail=f".Coremail.{who.address}")


def qq_mail(who: Person, subject: str, text: str, at: Occasion, *attached: Attachment) -> bytes:
    """QQ mail: GB18030 under that name, and its own marks."""
    body = _multipart(
        "alternative", at, who, subject, _text(text, "gb18030"), _text(_as_html(text), "gb18030", "text/html")
    )
    if attached:
        parts = (body, *(_attachment(one, "gb18030") for one in attached))
        body = _multipart("mixed", at, who, subject, *parts)
    own = (
        ("X-Mailer", "QQMail 2.x"),
        ("X-QQ-mid", "webmail" + _digest(who, subject, at)[:12]),
        ("X-Priority", "3"),
    )
    return _mail(who, subject, at, "gb18030", body, own=own, id_tail="@qq.example", id_start="tencent_")


def iphone(who: Person, subject: str, text: str, at: Occasion, *attached: Attachment) -> bytes:
    """Apple's mail on a telephone: UTF-8, quoted-printable, its line below the text."""
    body: bytes = _text(text + "\n\n发自我的iPhone", "utf-8", quoted=True)
    if attached:
        body = _multipart("mixed", at, who, subject, body, *(_attachment_2231(one) for one in attached))
    own = (("X-Mailer", "iPhone Mail (22F76)"),)
    return _mail(who, subject, at, "utf-8", body, own=own, id_tail="@icloud.example")


def plain_gb2312(who: Person, subject: str, text: str, at: Occasion) -> bytes:
    """An old program that says gb2312 whatever the characters: 镕, 堃 and 喆 are in GBK only."""
    return _mail(
        who, subject, at, "gbk", _text(text, "gbk", label="gb2312"), own=(("X-Mailer", "Foxmail 6, 15, 201, 26 [cn]"),),
        id_tail="@foxmail.example", label="gb2312",
    )  # fmt: skip


def raw_gbk(who: Person, subject: str, text: str, at: Occasion) -> bytes:
    """Headers and text as bare GBK bytes, with no word about the encoding."""
    body = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    body += _crlf(text).encode("gbk") + b"\r\n"
    return _mail(who, subject, at, "gbk", body, id_tail="@sohu.example", label="")


def html_only(who: Person, subject: str, page: str, at: Occasion) -> bytes:
    """A program that sends HTML and no text beside it."""
    return _mail(who, subject, at, "utf-8", _text(page, "utf-8", "text/html"), id_tail="@139.example")


def without_message_id(who: Person, subject: str, text: str, at: Occasion) -> bytes:
    return _mail(who, subject, at, "utf-8", _text(text, "utf-8"), id_tail="")


def forwarded(who: Person, subject: str, text: str, at: Occasion, inner: bytes) -> bytes:
    """A mail with another one inside as an attachment."""
    inside = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + inner
    body = _multipart("mixed", at, who, subject, _text(text, "utf-8"), inside)
    return _mail(who, subject, at, "utf-8", body, id_tail="@outlook.example")


def with_headers(who: Person, subject: str, body: bytes, at: Occasion, headers: Headers) -> bytes:
    """A mail whose kind lies in its headers: bounces and answering machines."""
    return _mail(who, subject, at, "utf-8", body, own=headers, id_tail="@" + who.address.partition("@")[2])


def text_part(text: str) -> bytes:
    return _text(text, "utf-8")


def report_part(kind: str, text_for_people: str, *parts: bytes) -> bytes:
    """A multipart/report (RFC 6522) around parts that bring their own headers."""
    boundary = "report-" + hashlib.sha256(text_for_people.encode()).hexdigest()[:20]
    return _joined(
        f'Content-Type: multipart/report; report-type={kind};\r\n boundary="{boundary}"', boundary,
        _text(text_for_people, "utf-8"), *parts,
    )  # fmt: skip


def _mail(
    who: Person, subject: str, at: Occasion, charset: str, body: bytes, *,
    own: Headers = (), id_tail: str, id_start: str = "", label: str | None = None,
) -> bytes:  # fmt: skip
    words = charset if label is None else label
    sent = at.sent_at.astimezone(OFFICE_ZONE)
    headers: list[tuple[str, str | bytes]] = [
        (
            "Received",
            f"from mail (unknown [192.0.2.25])\r\n\tby mx (Coremail) with SMTP for <{at.mailbox}>;\r\n\t{format_datetime(sent)} (CST)",
        ),
        ("From", _encoded(who.name, charset, words) + f" <{who.address}>".encode()),
        ("To", ",\r\n ".join(f"<{address}>" for address in at.to)),
        ("Subject", _encoded(subject, charset, words)),
        ("Date", format_datetime(sent)),
    ]
    if id_tail:
        headers.append(("Message-ID", f"<{id_start}{_digest(who, subject, at)}{id_tail}>"))
    if at.answered is not None:
        headers += [("In-Reply-To", at.answered.message_id), ("References", at.answered.message_id)]
    lines = b"".join(b"%s: %s\r\n" % (name.encode(), _bytes(value)) for name, value in (*headers, *own))
    version = b"" if body.startswith(b"MIME-Version") else b"MIME-Version: 1.0\r\n"
    return lines + version + body


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("ascii")


def _encoded(text: str, charset: str, label: str) -> bytes:
    """Encoded words of one label over the bytes of another charset; without a label the bare bytes."""
    data = text.encode(charset)
    if not label or text.isascii():
        return data
    chunks: list[bytes] = [b""]
    for character in text:
        one = character.encode(charset)
        if len(chunks[-1]) + len(one) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += one
    return b"\r\n ".join(b"=?%s?B?%s?=" % (label.encode(), base64.b64encode(chunk)) for chunk in chunks)


def _text(
    text: str,
    charset: str,
    content_type: str = "text/plain",
    *,
    label: str | None = None,
    quoted: bool = False,
) -> bytes:
    data = _crlf(text).encode(charset)
    encoded = (
        quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n") if quoted else _base64(data)
    )
    encoding = "quoted-printable" if quoted else "base64"
    head = f"Content-Type: {content_type}; charset={label or charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + encoded + b"\r\n"


def _attachment(one: Attachment, charset: str) -> bytes:
    """With the file name as an encoded word inside quotes, as 163 and QQ write it against the rules."""
    name = _encoded(one.name, charset, charset).replace(b"\r\n", b"").decode()
    head = f'Content-Type: {one.content_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
    head += f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    return head.encode() + _base64(one.content) + b"\r\n"


def _attachment_2231(one: Attachment) -> bytes:
    """With the file name by the rules (RFC 2231)."""
    name = "utf-8''" + "".join(f"%{byte:02X}" for byte in one.name.encode())
    head = f"Content-Type: {one.content_type}\r\nContent-Transfer-Encoding: base64\r\n"
    head += f"Content-Disposition: attachment;\r\n filename*={name}\r\n\r\n"
    return head.encode() + _base64(one.content) + b"\r\n"


def _multipart(kind: str, at: Occasion, who: Person, subject: str, *parts: bytes) -> bytes:
    boundary = f"----=_Part_{kind}_{_digest(who, subject, at)[:16]}"
    return _joined(f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"', boundary, *parts)


def _joined(head: str, boundary: str, *parts: bytes) -> bytes:
    line = f"--{boundary}".encode()
    return (
        head.encode()
        + b"\r\n\r\n"
        + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
        + line
        + b"--\r\n"
    )


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _crlf(text: str) -> str:
    return text.strip().replace("\n", "\r\n")


def _as_html(text: str) -> str:
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.strip().split("\n"))


def _digest(who: Person, subject: str, at: Occasion) -> str:
    """The same for one mail sent to two mailboxes, as a mail program writes one Message-ID for all recipients."""
    return hashlib.sha256(f"{who.address}|{subject}|{at.sent_at.isoformat()}".encode()).hexdigest()[:28]
