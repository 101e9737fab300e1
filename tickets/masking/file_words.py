"""What a file says of itself without being opened: author, title, comments, place; read without running anything in it. Pure."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_ABOUT = re.compile(
    r"(?:docProps/(?:core|app|custom)|(?:word|xl|ppt)/(?:comments\d*|people|persons/person))\.xml"
)
_TEXT = re.compile(r">([^<>]{1,2000})<")
_AUTHOR = re.compile(r"""(?:author|userId|displayName|initials)="([^"]{1,200})\"""")
_PDF = re.compile(
    rb"/(?:Author|Title|Subject|Keywords|Creator)\s*(\((?:\\.|[^\\()]){1,500}\)|<[0-9A-Fa-f\s]{2,2000}>)"
)
_XMP = re.compile(rb"<x:xmpmeta.{0,65536}?</x:xmpmeta>", re.DOTALL)
_EXIF_TEXT = re.compile(rb"[\x20-\x7e\x80-\xff]{4,200}")
_PART_AT_MOST = 1024 * 1024
_HEAD = 128 * 1024


def words_of(content: bytes) -> list[str]:
    """Everything of the kind that was found; empty for a file of another kind, or a broken one."""
    if content.startswith(b"PK"):
        return list(_of_office_file(content))
    if content.startswith(b"%PDF"):
        return list(_of_pdf(content))
    if content.startswith((b"\xff\xd8", b"\x89PNG")):
        return list(_of_picture(content))
    return []


def _of_office_file(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for entry in packed.infolist()[:2000]:
                if not _ABOUT.fullmatch(entry.filename):
                    continue
                with packed.open(entry) as part:
                    text = part.read(_PART_AT_MOST).decode("utf-8", "replace")
                yield from _TEXT.findall(text)
                yield from _AUTHOR.findall(text)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, ValueError):
        return  # a broken file, or one with a password: nothing in it can be read by the receiver either


def _of_pdf(content: bytes) -> Iterator[str]:
    for found in _PDF.findall(content):
        raw = found[1:-1]
        if found.startswith(b"<"):
            digits = re.sub(rb"\s", b"", raw)
            raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        yield _decoded(raw)
    for block in _XMP.findall(content):
        yield from _TEXT.findall(block.decode("utf-8", "replace"))


def _of_picture(content: bytes) -> Iterator[str]:
    head = content[:_HEAD]
    place = head.find(b"Exif\x00\x00")
    if place >= 0:
        yield from (_decoded(each) for each in _EXIF_TEXT.findall(head[place : place + 8192]))
    for block in _XMP.findall(head):
        yield from _TEXT.findall(block.decode("utf-8", "replace"))
    if content.startswith(b"\x89PNG"):
        for chunk in re.findall(rb"(?:tEXt|iTXt)([^\x00]{1,79}\x00[^\x00]{0,2000})", head):
            yield _decoded(chunk)


def _decoded(raw: bytes) -> str:
    if raw.startswith(b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
