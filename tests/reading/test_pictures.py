"""A mail's picture is shown without anything it carries besides its points, or not at all."""

from __future__ import annotations

import base64
import random
import struct

import pytest

from mail_ingest.reading.pictures import rewritten
from mail_ingest.reading.sanitise import for_display, sanitise
from tests.reading.drawing import chunk, png
from tests.support.browser import chromium, new_page

SECRET = b"GPS 25.05N 118.18E Zhang Minghua"


# One grey point, eight times eight, as the smallest encoder writes it.
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8Q"
    "EBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)
_GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


def jpeg(*, behind: bytes = b"") -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", len(SECRET) + 8) + b"Exif\x00\x00" + SECRET
    comment = b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET
    return _JPEG[:2] + exif + comment + _JPEG[2:] + behind


def gif(*, behind: bytes = b"") -> bytes:
    comment = b"\x21\xfe" + bytes([len(SECRET)]) + SECRET + b"\x00"
    return _GIF[:19] + comment + _GIF[19:] + behind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(further=chunk(b"tEXt", b"Author\x00" + SECRET), behind=b"PK\x03\x04" + SECRET), "image/png"),
        (png(further=chunk(b"eXIf", SECRET) + chunk(b"iTXt", SECRET)), "image/png"),
        (jpeg(behind=b"<script>" + SECRET), "image/jpeg"),
        (gif(behind=SECRET), "image/gif"),
    ],
)
def test_what_a_picture_tells_besides_its_points_is_gone(content: bytes, kind: str) -> None:
    assert SECRET in content
    shown = rewritten(content)
    assert shown is not None
    assert shown[0] == kind
    assert SECRET not in shown[1]
    assert b"PK" not in shown[1]
    assert rewritten(shown[1]) == shown


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg onload=alert(1)>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"\xff\xd8\xff<script>alert(1)</script>",
        png()[:-20],
        jpeg()[:-30],
        png(60_000, 60_000),
        png(0, 5),
        png(further=chunk(b"ABCD", b"x")),
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_what_is_no_whole_picture_or_too_large_is_not_shown(content: bytes) -> None:
    assert rewritten(content) is None


def test_no_bytes_break_it() -> None:
    chance = random.Random(5)
    for whole in (png(), jpeg(), gif()):
        for _ in range(3000):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            shown = rewritten(bytes(broken[: chance.randint(1, len(broken))]))
            assert shown is None or len(shown[1]) <= len(whole) + 64


def test_the_mail_shows_the_rewritten_one() -> None:
    html = sanitise('<p>看图<img src="cid:a"><img src="cid:b"></p>')
    assert html is not None
    shown = for_display(html, {"a": jpeg(), "b": b"\xff\xd8\xff" + SECRET})
    assert base64.b64encode(SECRET)[4:-4].decode() not in shown
    assert shown.count("data:image/jpeg;base64,") == 1
    assert "〔图片〕" in shown


@pytest.mark.browser
def test_a_browser_draws_them_as_before() -> None:
    with chromium() as browser:
        page = new_page(browser)
        for content in (png(), jpeg(), gif()):
            found = rewritten(content)
            assert found is not None
            kind, shown = found
            size = page.evaluate(
                """async (source) => { const image = new Image(); image.src = source; await image.decode();
                return [image.naturalWidth, image.naturalHeight]; }""",
                f"data:{kind};base64,{base64.b64encode(shown).decode()}",
            )
            assert size == [1, 1], kind
