"""Header blocks: where they end, what stands in them, and the words behind the encodings."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from mail_ingest.reading import charset

# A value longer than this was made to hurt: 16,000 encoded words in a subject cost seconds and gigabytes elsewhere.
LONGEST_VALUE = 64 * 998
MOST_HEADERS = 1000

_HEADER_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_KNOWN = re.compile(
    rb"(?:return-path|received|delivered-to|envelope-to|x-[a-z-]+|date|from|sender|reply-to|to|cc|subject|message-id|mime-version"
    rb"|content-type|content-transfer-encoding|content-disposition|in-reply-to|references|dkim-signature)[ \t]*:",
    re.IGNORECASE,
)
_FOLD = re.compile(r"\r?\n[ \t]+|[\r\n]+")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,75})\?([bBqQ])\?([^?]*(?:(?<!=)\?(?!=)[^?]*){0,8})\?=")
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})(\*?)")
_BARE_NAME = re.compile(r"^\s*(?:[\w.+-]+/[\w.+-]+|[\w-]+)[^;]*", re.DOTALL)


@dataclass
class Headers:
    """The fields of one block in their order; values are raw bytes until somebody asks for words."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    hint: str | None = None  # what undeclared bytes of this mail most likely are
    damaged: bool = False
    cut: bool = False
    _parameters: dict[str, dict[str, str]] = field(default_factory=dict)

    def suppose(self, hint: str | None) -> None:
        self.hint = hint
        self._parameters.clear()

    def all_raw(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key == name]

    def raw(self, name: str) -> bytes | None:
        return next((value for key, value in self.fields if key == name), None)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    def text(self, name: str) -> str:
        """The first field of that name that says anything, in words."""
        return next((words for raw in self.all_raw(name) if (words := self.words(raw))), "")

    def words(self, raw: bytes) -> str:
        return decode_words(self.characters(raw)).strip()

    def characters(self, raw: bytes) -> str:
        """The value as characters, unfolded, its encoded words still encoded."""
        return _FOLD.sub(" ", charset.decode(raw, None, hint=self.hint)).strip()

    def token(self, name: str) -> str:
        """The first word of a technical field in lower case: `text/plain`, `base64`, `attachment`."""
        raw = self.raw(name)
        if raw is None:
            return ""
        return self.characters(raw).split(";")[0].strip(" \t\"'").lower()

    def parameter(self, name: str, parameter: str) -> str | None:
        if name not in self._parameters:
            raw = self.raw(name)
            self._parameters[name] = {} if raw is None else parameters(self.characters(raw))
        return self._parameters[name].get(parameter)


def read_block(raw: bytes, start: int, end: int, *, outermost: bool = False) -> tuple[Headers, int]:
    """The fields from start on, and where the body begins.

    Only the outermost block is mended: a stray line before or between well-known fields is no reason to take the
    sender and the subject for text.
    """
    headers = Headers()
    position, body = start, None
    while position < end and len(headers.fields) < MOST_HEADERS:
        line_end = raw.find(b"\n", position, end)
        following = end if line_end < 0 else line_end + 1
        line = raw[position:following].rstrip(b"\r\n")
        if not line:
            first_words = _after_blank_lines(raw, following, end)
            if headers.fields or not outermost or not _known_field_follows(raw, first_words, end):
                body = following
                break
            headers.damaged = True  # blank lines before the first field
            following = first_words
        elif line[:1] in b" \t" and headers.fields:
            _continue_last(headers, line)
        elif match := _HEADER_LINE.match(line):
            headers.fields.append((match[1].decode("ascii").lower(), match[2].lstrip()[:LONGEST_VALUE]))
        elif position == start and line.lstrip(b">").startswith(b"From "):
            pass  # the separator line of an mbox file
        elif outermost and _known_field_follows(raw, following, end):
            headers.damaged = True
            if headers.fields:
                _continue_last(headers, b" " + line)
        else:
            headers.damaged = bool(headers.fields)
            body = position
            break
        position = following
    return headers, position if body is None else body


def _continue_last(headers: Headers, line: bytes) -> None:
    name, value = headers.fields[-1]
    if len(value) + len(line) > LONGEST_VALUE:
        headers.cut = True
        return
    headers.fields[-1] = (name, value + b"\n" + line)


def _after_blank_lines(raw: bytes, position: int, end: int) -> int:
    while position < end and raw[position : position + 1] in b"\r\n":
        position += 1
    return position


def _known_field_follows(raw: bytes, position: int, end: int) -> bool:
    """Whether a well-known field stands in the next lines, before the blank one."""
    for _ in range(20):
        line_end = raw.find(b"\n", position, end)
        following = end if line_end < 0 else line_end + 1
        line = raw[position:following].strip()
        if not line or line.startswith(b"--"):
            return False  # the fields of a part are not those of the mail
        if _KNOWN.match(line):
            return True
        position = following
    return False


def decode_words(value: str) -> str:
    """The value with its encoded words (RFC 2047) decoded.

    Neighbouring words of one character set are joined as bytes first: senders cut inside a character.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[bytes] = []
    pending_charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        name = match[1].split("*")[0].lower()
        if pending and (between.strip() or name != pending_charset):
            out.append(charset.decode(b"".join(pending), pending_charset))
            pending = []
        if between.strip() or not pending_charset:
            out.append(between)
        pending.append(_word_bytes(match[2], match[3]))
        pending_charset = name
        position = match.end()
    if pending:
        out.append(charset.decode(b"".join(pending), pending_charset))
    out.append(value[position:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return _lenient_base64(data)
    return _QUOTED_BYTE.sub(lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))


def _lenient_base64(data: bytes) -> bytes:
    data = _NOT_BASE64.sub(b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, RFC 2231 and its older ways resolved."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    start = value.find(";")
    if start < 0:
        return found
    for match in _PARAMETER.finditer(value, start):
        name = match[1].lower()
        text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip().strip('"')
        if continued := _CONTINUED.fullmatch(name):
            pieces.setdefault(continued[1], []).append((int(continued[2]), bool(continued[3]), text))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], []).append((0, True, text))
        else:
            found.setdefault(name, text)
    for name, parts in pieces.items():
        found[name] = _joined(sorted(parts))
    return found


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    declared = None
    first = parts[0][2]
    if parts[0][1] and first.count("'") >= 2:
        declared, _, first = first.split("'", 2)
    data: list[bytes] = []
    for index, (_, encoded, text) in enumerate(parts):
        piece = first if index == 0 else text
        data.append(unquote_to_bytes(piece) if encoded else piece.encode("utf-8", "surrogateescape"))
    return charset.decode(b"".join(data), declared)


def fields_of(headers: Headers, *names: str) -> Iterator[tuple[str, str]]:
    """Every field of these names, in their order, in words."""
    for name, raw in headers.fields:
        if name in names:
            yield name, headers.words(raw)
