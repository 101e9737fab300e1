"""Small pictures for tests, made by hand."""

from __future__ import annotations

import struct
import zlib


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 1, height: int = 1, *, further: bytes = b"", behind: bytes = b"") -> bytes:
    """One grey point, whatever size its head claims; `further` stands before the points, `behind` after the end."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    points = zlib.compress(b"\x00\x80")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + further
        + chunk(b"IDAT", points)
        + chunk(b"IEND", b"")
        + behind
    )
