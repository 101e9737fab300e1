"""A mail with files, as it goes over the wire: a Chinese name as RFC 2231 says, and once more for programs that never learned it.

The library writes only the former, and joins the two into one. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.header import Header
from urllib.parse import quote

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}", re.IGNORECASE)
_ANY_TYPE = "application/octet-stream"
_NOT_IN_A_NAME = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\"\\/:*?<>|\u202a-\u202e\u2066-\u2069]+"
)
_LONGEST_NAME = 120
_LINE = 76


@dataclass(frozen=True)
class Enclosure:
    """One file of a mail."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


def enclosed(headers: bytes, text_part: bytes, files: Sequence[Enclosure], *, seed: str) -> bytes:
    """Headers (without those of the text), text part and files as one multipart mail; `seed` makes the same bytes every time."""
    boundary = f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    lines = [
        headers,
        b"MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/mixed;\r\n boundary="{boundary}"\r\n\r\n'.encode(),
    ]
    for part in (text_part, *(_part(file) for file in files)):
        lines.append(f"--{boundary}\r\n".encode())
        lines.append(part)
        lines.append(b"" if part.endswith(b"\r\n") else b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def safe_name(name: str) -> str:
    """A file name no program takes for a path or a header; its ending is kept."""
    clean = _NOT_IN_A_NAME.sub("_", name).strip(" ._\u3000") or "附件"
    stem, dot, ending = clean.rpartition(".")
    if len(clean) <= _LONGEST_NAME:
        return clean
    return (
        f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
        if dot and len(ending) < 10
        else clean[:_LONGEST_NAME]
    )


def _part(file: Enclosure) -> bytes:
    name = safe_name(file.name)
    kind = file.content_type.lower() if _TYPE.fullmatch(file.content_type) else _ANY_TYPE
    if kind.startswith(("multipart/", "message/")):
        kind = _ANY_TYPE  # a file stays a file, whatever it says of itself
    if name.isascii():
        in_words, in_full = name, f'filename="{name}"'
    else:
        in_words = Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
        in_full = f"filename*=UTF-8''{quote(name, safe='')}"
    head = (
        f'Content-Type: {kind};\r\n name="{in_words}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {in_full}\r\n\r\n"
    )
    text = base64.b64encode(file.content).decode("ascii")
    body = "\r\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))
    return f"{head}{body}\r\n".encode("ascii")
