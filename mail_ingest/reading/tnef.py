"""The files inside a winmail.dat, in which Outlook packs a mail that leaves its own world ([MS-OXTNEF])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mail_ingest.reading import charset

_SIGNATURE = 0x223E9F78
_ATTACH_BEGINS = 0x9002
_ATTACH_TITLE = 0x8010
_ATTACH_DATA = 0x800F
_ATTACH_PROPERTIES = 0x9005
_CODE_PAGE = 0x9007
_BODY = 0x800C
_LONG_NAME, _NAME = 0x3707, 0x3704
_FIXED_SIZES = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_VARIABLE = {0x0D, 0x1E, 0x1F, 0x102}
_MOST_FILES = 200


@dataclass
class Unpacked:
    """What a winmail.dat held; a truncated one gives what came before the cut."""

    files: list[tuple[str, bytes]]
    body: str = ""


def unpack(data: bytes) -> Unpacked:
    unpacked = Unpacked([])
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return unpacked
    code_page: str | None = None
    title, content = "", b""
    open_file = False
    for attribute, value in _attributes(data):
        if attribute == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _BODY:
            unpacked.body = charset.decode(value.rstrip(b"\0"), code_page)
        elif attribute == _ATTACH_BEGINS:
            _close(unpacked, open_file, title, content)
            title, content, open_file = "", b"", True
        elif attribute == _ATTACH_TITLE and not title:
            title = charset.decode(value.rstrip(b"\0"), code_page)
        elif attribute == _ATTACH_DATA:
            content = value
        elif attribute == _ATTACH_PROPERTIES:
            title = _long_name(value, code_page) or title
    _close(unpacked, open_file, title, content)
    return unpacked


def _close(unpacked: Unpacked, open_file: bool, title: str, content: bytes) -> None:
    if open_file and (title or content) and len(unpacked.files) < _MOST_FILES:
        unpacked.files.append((title, content))


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        attribute, length = struct.unpack_from("<xII", data, position)
        value = data[position + 9 : position + 9 + length]
        if len(value) < length:
            return
        yield attribute & 0xFFFF, value
        position += 9 + length + 2  # a checksum follows


def _long_name(data: bytes, code_page: str | None) -> str:
    names: dict[int, str] = {}
    try:
        for kind, number, value in _properties(data):
            if number in (_LONG_NAME, _NAME):
                text = (
                    value.decode("utf-16-le", "replace")
                    if kind == 0x1F
                    else charset.decode(value.rstrip(b"\0"), code_page)
                )
                names[number] = text.rstrip("\0")
    except struct.error:
        pass  # cut off: what was read before counts
    return names.get(_LONG_NAME) or names.get(_NAME) or ""


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    count = struct.unpack_from("<I", data)[0]
    position = 4
    for _ in range(min(count, 1000)):
        kind, number = struct.unpack_from("<HH", data, position)
        position += 4
        if number >= 0x8000:  # a named property: its name stands before its value
            by_name = struct.unpack_from("<I", data, position + 16)[0]
            position += 20
            length = struct.unpack_from("<I", data, position)[0]
            position += 4 + (_padded(length) if by_name else 0)
        several = bool(kind & 0x1000)
        kind &= 0x0FFF
        values = 1
        if several or kind in _VARIABLE:
            values = struct.unpack_from("<I", data, position)[0]
            position += 4
        for _ in range(min(values, 1000)):
            if kind in _VARIABLE:
                length = struct.unpack_from("<I", data, position)[0]
                yield kind, number, data[position + 4 : position + 4 + length]
                position += 4 + _padded(length)
            elif kind in _FIXED_SIZES:
                position += _FIXED_SIZES[kind]
            else:
                return  # a kind nobody knows: its size is unknown too


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4
