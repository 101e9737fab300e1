"""No mail takes more than seconds, whatever it was built to do; and no bytes at all make the reader raise."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from core.text import clean_text
from mail_ingest.reader_process import Reader
from mail_ingest.reading import ParsedMail, fingerprint, read_mail
from mail_ingest.reading.wire import from_head, to_head
from tests.reading.hostile import hostile_mails
from tests.reading.samples import file_part, mail, multipart, nested, text_part, word
from tests.support.corpora import corpora_dir

SLOWEST_SECONDS = 5.0
_TOKENS = (b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"=?", b"?=", b"--", b"<", b">", b'"', b"(", b";", b"charset=", b"=?utf-8?B?",
           b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xe2\x80\xae", b"begin 644 a\n",
           b"charset=utf-7", b"charset=hz", b"boundary=", b"base64", b"filename*0*=", b"&#0;", b"<div>")  # fmt: skip


def test_every_mail_built_to_hurt_is_read_in_seconds() -> None:
    slowest = (0.0, "")
    for name, raw in hostile_mails():
        started = time.perf_counter()
        parsed = read_mail(raw)
        slowest = max(slowest, (time.perf_counter() - started, name))
        assert not any("无法解析" in note for note in parsed.notes), name
    assert slowest[0] < SLOWEST_SECONDS, slowest


def _seeds() -> list[bytes]:
    page = text_part("<p>收费<img src=cid:1></p>", "html", "gb18030")
    inner = multipart(text_part("正文", charset="gbk"), page, kind="alternative", boundary="inner")
    outer = multipart(
        nested(inner), file_part(b"\xff\xd8\xff", f'attachment; filename="{word("照片.jpg", "gbk")}"')
    )
    seeds = [
        mail(),
        mail(*outer, f"Subject: {word('关于收费', 'gb2312')}"),
        mail("学校收费".encode("gbk")),
        mail("x", charset="utf-7"),
    ]
    folder = corpora_dir()
    if folder is not None:
        seeds += [
            path.read_bytes()[:60_000]
            for path in sorted((folder / "mails").rglob("*"))[::20]
            if path.is_file()
        ]
    return seeds


def _mutated(seed: bytes, dice: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0:
                data[place:place] = dice.choice(_TOKENS)
            case 1:
                del data[place : place + dice.randint(1, 40)]
            case 2:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case 3:
                data[place:place] = data[place : place + dice.randint(1, 400)]
            case 4:
                data[place : place + 20] = dice.randbytes(20)
            case _:
                data = data[:place]
    return bytes(data)


def _is_sound(parsed: ParsedMail) -> bool:
    texts = (
        parsed.subject,
        parsed.text,
        parsed.from_name,
        parsed.from_address,
        parsed.html_sanitised or "",
        parsed.message_id,
    )
    clean = all(
        clean_text(text) == text for text in (*texts, *(file.filename for file in parsed.attachments))
    )
    contents = iter(parsed.attachments)
    same = from_head(to_head(parsed), lambda _: next(contents).content) == parsed
    return clean and same and len(fingerprint(parsed)) == 64


def _mutate_and_read(count: int, read: Callable[[bytes], ParsedMail]) -> None:
    dice = random.Random(20261123)
    seeds = _seeds()
    for number in range(count):
        raw = _mutated(seeds[number % len(seeds)], dice)
        started = time.perf_counter()
        parsed = read(raw)
        took = time.perf_counter() - started
        if (
            any("无法解析" in note for note in parsed.notes)
            or took > SLOWEST_SECONDS
            or not _is_sound(parsed)
        ):
            pytest.fail(f"mutant {number}: {parsed.notes}, {took:.1f} s, {raw[:2000]!r}")


def test_mutated_mails_are_read_and_what_comes_out_is_clean() -> None:
    _mutate_and_read(3_000, read_mail)


@pytest.mark.slow
def test_twenty_thousand_mutated_mails_go_through_the_child() -> None:
    reader = Reader()
    try:
        _mutate_and_read(20_000, reader.read)
    finally:
        reader.close()


@pytest.mark.long
def test_two_hundred_thousand_mutated_mails() -> None:
    _mutate_and_read(200_000, read_mail)
