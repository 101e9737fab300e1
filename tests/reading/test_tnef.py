"""winmail.dat: the files that Outlook packs into it come out with their long names and their bytes."""

from __future__ import annotations

import struct

from mail_ingest.reading import read_mail, tnef
from tests.reading.samples import file_part, mail, multipart, text_part

_BEGIN, _TITLE, _DATA, _PROPERTIES, _CODE_PAGE, _BODY = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007, 0x800C


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("<BII", 2, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _long_name(name: str) -> bytes:
    """A property list: a number, a named property of bytes, then PR_ATTACH_LONG_FILENAME in UTF-16."""
    text = (name + "\0").encode("utf-16-le")
    named = (
        struct.pack("<HH", 0x102, 0x8001)
        + bytes(16)
        + struct.pack("<II", 1, 6)
        + "ab\0".encode("utf-16-le")
        + b"\0\0"
    )
    named += struct.pack("<II", 1, 3) + b"xyz\0"
    padding = b"\0" * (-len(text) % 4)
    wanted = struct.pack("<HHII", 0x1F, 0x3707, 1, len(text)) + text + padding
    return struct.pack("<I", 3) + struct.pack("<HHI", 0x03, 0x0E20, 7) + named + wanted


def _winmail() -> bytes:
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + _attribute(_CODE_PAGE, struct.pack("<II", 936, 0))
        + _attribute(_BODY, "信里的话\0".encode("gbk"))
        + _attribute(_BEGIN, bytes(14))
        + _attribute(_TITLE, "收费通~1.DOC\0".encode("gbk"))
        + _attribute(_DATA, b"\xd0\xcf\x11\xe0 one")
        + _attribute(_PROPERTIES, _long_name("收费通知.doc"))
        + _attribute(_BEGIN, bytes(14))
        + _attribute(_TITLE, "照片.jpg\0".encode("gbk"))
        + _attribute(_DATA, b"\xff\xd8\xff two")
    )


def test_files_come_out_with_their_long_names() -> None:
    unpacked = tnef.unpack(_winmail())
    assert unpacked.files == [("收费通知.doc", b"\xd0\xcf\x11\xe0 one"), ("照片.jpg", b"\xff\xd8\xff two")]
    assert unpacked.body == "信里的话"


def test_any_cut_gives_what_came_before_it() -> None:
    whole = _winmail()
    counts = [len(tnef.unpack(whole[:length]).files) for length in range(len(whole))]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == 2


def test_in_a_mail_they_stand_beside_the_packet_itself() -> None:
    packet = file_part(_winmail(), "attachment; filename=winmail.dat", "application/ms-tnef")
    parsed = read_mail(mail(*multipart(text_part(" "), packet)))
    assert [file.filename for file in parsed.attachments] == ["winmail.dat", "收费通知.doc", "照片.jpg"]
    assert parsed.text == "信里的话"
    assert parsed.notes == ("附件 winmail.dat 内含 2 个文件，已拆出。",)
