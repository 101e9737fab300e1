"""Mails as they come to a county office, written for these tests; built as bytes, because the faults are in the bytes."""

from __future__ import annotations

import base64


def mail(body: bytes | str = "食堂有虫。", *fields: bytes | str, charset: str = "utf-8") -> bytes:
    """A whole valid mail; the fields given replace those of the same name."""
    defaults: dict[bytes, bytes] = {
        b"from": b"From: Chen <chen@example.com>",
        b"subject": b"Subject: canteen",
        b"date": b"Date: Mon, 23 Nov 2026 09:00:00 +0800",
        b"message-id": b"Message-ID: <1@example.com>",
        b"content-type": f"Content-Type: text/plain; charset={charset}".encode(),
    }
    for field in fields:
        raw = field.encode("utf-8") if isinstance(field, str) else field
        defaults[raw.partition(b":")[0].lower()] = raw
    content = body.encode(charset) if isinstance(body, str) else body
    return (
        b"\r\n".join(value for value in defaults.values() if not value.endswith(b":-"))
        + b"\r\n\r\n"
        + content
    )


def without(name: str) -> str:
    """A field that a sample is to do without."""
    return f"{name}:-"


def b64(text: str, charset: str = "utf-8") -> str:
    return base64.b64encode(text.encode(charset)).decode("ascii")


def word(text: str, charset: str = "utf-8") -> str:
    """An encoded word (RFC 2047)."""
    return f"=?{charset}?B?{b64(text, charset)}?="


def part(content: bytes | str, *fields: str) -> bytes:
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return "\r\n".join(fields).encode("utf-8") + b"\r\n\r\n" + raw


def text_part(text: str, kind: str = "plain", charset: str = "utf-8") -> bytes:
    return part(text.encode(charset), f"Content-Type: text/{kind}; charset={charset}")


def file_part(content: bytes, disposition: str, kind: str = "application/octet-stream") -> bytes:
    encoded = base64.encodebytes(content)
    return part(
        encoded,
        f"Content-Type: {kind}",
        f"Content-Disposition: {disposition}",
        "Content-Transfer-Encoding: base64",
    )


def multipart(
    *parts: bytes, kind: str = "mixed", boundary: str = "=_b", closed: bool = True
) -> tuple[bytes, str]:
    """The body and the Content-Type field of a multipart mail."""
    delimiter = b"\r\n--" + boundary.encode()
    body = b"".join(delimiter + b"\r\n" + one for one in parts) + (delimiter + b"--\r\n" if closed else b"")
    return body, f'Content-Type: multipart/{kind}; boundary="{boundary}"'


def nested(body: tuple[bytes, str]) -> bytes:
    """A multipart as a part of another one."""
    return part(body[0], body[1])
