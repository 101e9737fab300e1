"""Files written into the text of a mail as older programs do: `begin 644 name` … `end`."""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+(\S[^\r\n]{0,300})\r?$", re.MULTILINE)


def extract(body: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without its uuencoded files, and the files: raw name and content."""
    if b"begin " not in body:
        return body, []
    text: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    position = 0
    while match := _BEGIN.search(body, position):
        content, after = _lines(body, match.end() + 1)
        if content is None:
            text.append(body[position : match.end()])  # a sentence that begins with "begin 644"
            position = match.end()
            continue
        text.append(body[position : match.start()])
        files.append((match[1].strip(), content))
        position = after
    text.append(body[position:])
    return b"".join(text), files


def first_file(body: bytes) -> bytes:
    """The content of a part whose transfer encoding is uuencode; the body itself when it is not."""
    _, files = extract(body)
    return files[0][1] if files else body


def _lines(body: bytes, position: int) -> tuple[bytes | None, int]:
    """The decoded lines up to `end` and where the text goes on; None when these are not uuencoded lines."""
    out: list[bytes] = []
    while position < len(body):
        line_end = body.find(b"\n", position)
        following = len(body) if line_end < 0 else line_end + 1
        line = body[position:following].rstrip(b"\r\n")
        if line.strip() == b"end":
            return b"".join(out), following
        decoded = _line(line)
        if decoded is None:
            # A file cut off in transit keeps what came; a first line that does not fit was no file at all.
            return (b"".join(out) if out else None), position
        out.append(decoded)
        position = following
    return (b"".join(out) if out else None), position


def _line(line: bytes) -> bytes | None:
    if not line or line.strip() in (b"", b"`"):
        return b""
    length = (line[0] - 32) & 63
    needed = (length + 2) // 3 * 4
    if not 32 <= line[0] <= 96 or len(line) - 1 > needed + 2 or len(line) - 1 < needed - 2:
        return None
    try:
        return binascii.a2b_uu((line[:1] + line[1:].ljust(needed))[: needed + 1])
    except binascii.Error:
        return None
