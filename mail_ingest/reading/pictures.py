"""A mail's own pictures written anew out of the parts that draw: nothing that only tells, hides or follows is left.

No image library is among the dependencies, so the points themselves are not computed again; what a file may carry besides them
(EXIF with place and camera, comments, an author, a second file behind the end) is left out by writing only what the format needs.
A picture that is not exactly such a file, or would be larger than a desk can show, is none. Pure; runs in the reading child.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

MOST_POINTS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# What is needed to draw; text, time, place and colour profile are not.
_PNG_DRAWS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_GIF_HEADS = (b"GIF87a", b"GIF89a")
# Frames that hold no sizes of their own: tables, restart interval, and the scan.
_JPEG_TABLES = frozenset({0xDB, 0xC4, 0xDD})
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


class _NoPicture(Exception):
    """The bytes are not what they begin as."""


def rewritten(content: bytes) -> tuple[str, bytes] | None:
    """The kind and the bytes to be shown; None if it is no picture, a damaged one, or one too large to show."""
    try:
        if content.startswith(_PNG):
            return "image/png", _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return "image/jpeg", _jpeg(content)
        if content.startswith(_GIF_HEADS):
            return "image/gif", _gif(content)
    except (_NoPicture, IndexError, struct.error):
        return None
    return None


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_POINTS:
        raise _NoPicture


def _png(content: bytes) -> bytes:
    out = [_PNG]
    place = len(_PNG)
    seen: set[bytes] = set()
    while b"IEND" not in seen:
        (length,) = struct.unpack_from(">I", content, place)
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        if len(data) != length or (kind == b"IHDR") != (not seen):
            raise _NoPicture
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">II", data))
        if kind in _PNG_DRAWS:
            out.append(struct.pack(">I", length) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
        elif kind[:1].isupper():
            raise _NoPicture  # needed by whoever draws it, and unknown here
        seen.add(kind)
        place += 12 + length
    if b"IDAT" not in seen:
        raise _NoPicture
    return b"".join(out)


def _jpeg(content: bytes) -> bytes:
    out = [b"\xff\xd8", _JFIF]
    place, framed = 2, False
    while True:
        if content[place] != 0xFF:
            raise _NoPicture
        marker = content[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        segment = content[place : place + 2 + length]
        if length < 2 or len(segment) != length + 2:
            raise _NoPicture
        place += len(segment)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _check_size(width, height)
            framed = True
        if marker in _JPEG_FRAMES | _JPEG_TABLES:
            out.append(segment)
        elif marker == 0xDA:
            end = _end_of_scan(content, place)
            out.append(segment + content[place:end])
            place = end
        elif not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            raise _NoPicture
    if not framed:
        raise _NoPicture
    return b"".join([*out, b"\xff\xd9"])


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the drawn points end: at the next marker that is neither a stuffed zero nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise _NoPicture
        after = content[place + 1]
        if after != 0x00 and not 0xD0 <= after <= 0xD7:
            return place
        place += 2


def _gif(content: bytes) -> bytes:
    width, height, packed = struct.unpack_from("<HHB", content, 6)
    _check_size(width, height)
    place = 13 + _palette(packed)
    out = [content[:place]]
    while content[place] != 0x3B:
        begins = place
        if content[place] == 0x21:
            kind = content[place + 1]
            place = _after_blocks(content, place + 2)
            if kind == 0xF9:  # how a frame is shown; comments, texts and applications' own are left out
                out.append(content[begins:place])
        elif content[place] == 0x2C:
            _check_size(*struct.unpack_from("<HH", content, place + 5))
            place += 10 + _palette(content[place + 9])
            place = _after_blocks(content, place + 1)
            out.append(content[begins:place])
        else:
            raise _NoPicture
    return b"".join([*out, b"\x3b"])


def _palette(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _after_blocks(content: bytes, place: int) -> int:
    for size in _blocks(content, place):
        place += size + 1
    return place


def _blocks(content: bytes, place: int) -> Iterator[int]:
    """The sizes of the blocks of one run, the closing empty one last."""
    while True:
        size = content[place]
        yield size
        if size == 0:
            return
        place += size + 1
