"""The tree of a mail: where each part begins and ends, and the bytes behind its transfer encoding.

Parts are positions in the one block of bytes, found without recursion and within limits: a forwarded mail comes out
byte for byte, 25 MB stay 25 MB, and a thousand nested parts are as harmless as one. (The standard library's parser
copies every line as text, eight times the size in memory, gives up at a few hundred levels and cannot hand back the
original bytes of an attached mail.)
"""

from __future__ import annotations

import binascii
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail_ingest.reading import uuencode
from mail_ingest.reading.headers import Headers, read_block

DEEPEST = 50
MOST_PARTS = 200
_SHORTEST_BLOCK = 16

_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+")
_CTE = re.compile(r"[a-z0-9-]+")
_BLANKS = b" \t\r\n"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_ANY_DELIMITER = re.compile(rb"^--(\S{1,200})[ \t]*\r?\n(?:content-|\r?\n)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Part:
    """One node: its fields and the place of its body within the mail."""

    headers: Headers
    raw: bytes
    start: int
    end: int
    depth: int
    default_type: str = "text/plain"
    children: list[Part] = field(default_factory=list)
    broken: bool = False  # calls itself multipart and shows no part

    @property
    def content_type(self) -> str:
        if self.broken:
            return "text/plain"
        declared = self.headers.token("content-type")
        if declared in ("text", "plain", "text/", "html"):
            return "text/html" if declared == "html" else "text/plain"
        match = _TYPE.match(declared)
        return match[0] if match else self.default_type

    @property
    def encoding(self) -> str:
        match = _CTE.search(self.headers.token("content-transfer-encoding"))
        return match[0] if match else ""

    @property
    def charset(self) -> str | None:
        return self.headers.parameter("content-type", "charset")

    @property
    def body(self) -> bytes:
        return self.raw[self.start : self.end]

    def head(self, size: int) -> bytes:
        return self.raw[self.start : min(self.end, self.start + size)]

    def content(self) -> bytes:
        """The bytes behind the transfer encoding; what is damaged is read as far as it goes."""
        return decoded(self.body, self.encoding)

    def leaves(self) -> Iterator[Part]:
        """The parts that hold something, in their order; what lies inside an attached mail is not among them."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                yield part


@dataclass
class Tree:
    root: Part
    notes: list[str] = field(default_factory=list)


def read_tree(raw: bytes) -> Tree:
    """The whole mail as a tree; deeper than 50 and more than 200 parts are left in the original mail, with a note."""
    headers, body = read_block(raw, 0, len(raw), outermost=True)
    tree = Tree(Part(headers, raw, body, len(raw), 0))
    if headers.damaged:
        tree.notes.append("邮件头有损坏，已按能辨认的部分读取。")
    if headers.cut:
        tree.notes.append("邮件头过长，超出部分未读取，可查看原始邮件。")
    waiting, count = [tree.root], 1
    while waiting:
        part = waiting.pop(0)
        if not part.content_type.startswith("multipart/"):
            continue
        if part.depth >= DEEPEST:
            part.headers.fields = [(k, v) for k, v in part.headers.fields if k != "content-type"]
            part.headers.fields.append(("content-type", b"application/octet-stream"))
            tree.notes.append("邮件嵌套层数过多，更深的内容未展开，可查看原始邮件。")
            continue
        places = _places(part, room=MOST_PARTS - count)
        if places is None:
            tree.notes.append("邮件的分段太多，只列出前 200 个，其余可查看原始邮件。")
            places = _places(part, room=MOST_PARTS - count, cut=True) or []
        part.children = [_child(part, start, end) for start, end in places]
        part.broken = not part.children
        count += len(part.children)
        waiting.extend(part.children)
    return tree


def _child(parent: Part, start: int, end: int) -> Part:
    headers, body = read_block(parent.raw, start, end)
    default = "message/rfc822" if parent.content_type == "multipart/digest" else "text/plain"
    return Part(headers, parent.raw, body, end, parent.depth + 1, default)


def _places(part: Part, *, room: int, cut: bool = False) -> list[tuple[int, int]] | None:
    """Where the parts of a multipart lie; None when there are more than there is room for and they are not to be cut."""
    boundary = part.headers.parameter("content-type", "boundary")
    wanted = boundary.rstrip().encode("utf-8", "surrogateescape") if boundary else b""
    places = _between(part, wanted, room) if wanted else []
    if not places:
        # No boundary named, or another one than is used: the first line that looks like one decides.
        match = _ANY_DELIMITER.search(part.raw, part.start, min(part.end, part.start + 20_000))
        if match and match[1] != wanted and match.end() <= part.end:
            places = _between(part, match[1], room)
    if len(places) <= room:
        return places
    return places[:room] if cut else None


def _between(part: Part, boundary: bytes, room: int) -> list[tuple[int, int]]:
    delimiter = b"--" + boundary
    raw = part.raw
    places: list[tuple[int, int]] = []
    opened: int | None = None
    position = part.start
    while len(places) <= room:
        found = raw.find(delimiter, position, part.end)
        if found < 0:
            break
        line_end = raw.find(b"\n", found, part.end)
        following = part.end if line_end < 0 else line_end + 1
        rest = raw[found + len(delimiter) : following].strip()
        position = found + len(delimiter)
        if (found > part.start and raw[found - 1 : found] != b"\n") or rest not in (b"", b"--"):
            continue
        if opened is not None:
            places.append((opened, _before_line_end(raw, opened, found)))
        opened, position = (None if rest else following), following
        if rest:
            break
    if opened is not None and len(places) <= room and opened < part.end:
        # Cut off in transit: the last part has no end, or its end does not stand on a line of its own.
        rest = raw[opened : part.end].rstrip()
        end = opened + len(rest) - len(delimiter) - 2 if rest.endswith(delimiter + b"--") else part.end
        places.append((opened, end))
    return places


def _before_line_end(raw: bytes, start: int, end: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
        if end > start and raw[end - 1 : end] == b"\r":
            end -= 1
    return end


def decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return _from_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return uuencode.first_file(body)
    return body


def _from_base64(body: bytes) -> bytes:
    """Base64 as it really comes: without padding, with padding in the middle, with a list's footer behind it."""
    compact = body.translate(None, _BLANKS)
    padding = len(compact) - len(compact.rstrip(b"="))
    if len(compact) % 4 == 0 and padding <= 2 and len(compact.translate(None, _BASE64)) == padding:
        return binascii.a2b_base64(compact)
    if len(compact.translate(None, _NOT_BASE64)) % 4 == 1 and b"\n" not in body.strip():
        return body  # one line of which no base64 can be made: plain words under a wrong label
    unbroken = b"".join(line for line in io.BytesIO(body) if b" " not in line.strip())
    out = bytearray()
    # Two encoded blocks one after the other: the padding in the middle must not end the reading, a word behind it must.
    for number, block in enumerate(re.finditer(rb"[^=]+=*", unbroken or body)):
        characters = block[0].translate(None, _NOT_BASE64)
        if number and len(characters) < _SHORTEST_BLOCK:
            break
        usable = characters[:-1] if len(characters) % 4 == 1 else characters
        out += binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    return bytes(out)
