"""The secrets of two complainants, put in by a mail and by a call, and every way in which bytes can spell them."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from functools import cache
from urllib.parse import quote, quote_plus

# What a mail brings along. The key is what the table of exceptions calls it.
MAIL = {
    "sender's name": "欧阳晚棠",
    "sender's address": "wantang.oy77@qq.example",
    "answer address": "wt.reply5521@example.net",
    "copy to": "neighbour.cc8841@example.net",
    "mobile": "13959917263",
    "mobile with blanks": "138 6072 4415",
    "mobile full-width": "１５９８０５５１２３４",
    "mobile with dashes": "137-9988-6120",
    "landline": "0595-22871934",
    "identity number": "350524198803074517",
    "second address": "lyx.mama6612@example.org",
    "plate": "闽C8K27M",
    "wechat": "wxid_tang8842",
    "qq": "2917746035",
    "sender's computer": "laptop-oywt-7731",
    "sender's network address": "203.0.113.77",
    "second network address": "198.51.100.214",
    "raw header": "device-id-c0ffee9913",
    "mail program": "Xiaomi13-OYWT-build4417",
    "hidden in the page": "hidden-owner-993177",
    "child in a file's name": "欧阳梓萌",
    "child in a picture's data": "MetaZimeng-20140517",
    "author of a document": "苏雨薇的电脑",
    "text of a file": "file-content-canary-88121",
    "name of the mailed letter": "eml-inner-canary-7719",
}
CALL = {
    "caller's name": "司徒慕华",
    "caller's mobile": "139 0598 7716",
    "caller's mobile, digits": "13905987716",
    "contact note": "晚上九点后打姑姑家的座机",
    "number in the note": "23998817",
    "caller's wechat": "mh_situ_1979x",
    "caller's identity number": "350524197911264039",
}
LETTER = {
    "writer's name": "上官若瑾",
    "writer's address": "凤城镇河滨路后巷19号302室",
    "writer's mobile": "15160728893",
}
SECRETS = {**MAIL, **CALL, **LETTER}
NAME, ADDRESS = "sender's name", "sender's address"
COMPUTER, NETWORK = "sender's computer", "sender's network address"


def _text() -> str:
    said = MAIL
    return (
        f"城东中学七年级延时班每人另收120元材料费，没有公示。我是{said[NAME]}，手机{said['mobile']}，"
        f"或{said['mobile with blanks']}、{said['mobile full-width']}、{said['mobile with dashes']}，座机{said['landline']}，"
        f"身份证{said['identity number']}，邮箱{said['second address']}，车牌{said['plate']}，"
        f"微信：{said['wechat']}，QQ：{said['qq']}。\n\n此致\n{said[NAME]}\n"
    )


def picture() -> bytes:
    """One grey point, whose own data name a child."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"tEXt", b"Author\x00" + MAIL["child in a picture's data"].encode())
        + chunk(b"IDAT", zlib.compress(b"\x00\x80"))
        + chunk(b"IEND", b"")
    )


def document() -> bytes:
    """What an office program writes: the author stands in its core properties."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        creator = MAIL["author of a document"]
        archive.writestr("docProps/core.xml", f"<dc:creator>{creator}</dc:creator>")
        archive.writestr("word/document.xml", MAIL["text of a file"])
    return out.getvalue()


def mail() -> bytes:
    """A complaint of somebody who signs it, with everything a mail gives away beside its words."""
    said = MAIL
    text = _text()
    made = EmailMessage()
    made["Received"] = (
        f"from {said[COMPUTER]} ([{said[NETWORK]}]) by mx.example; Mon, 23 Nov 2026 08:30:00 +0800"
    )
    made["X-Originating-IP"] = f"[{said['second network address']}]"
    made["X-Device"] = said["raw header"]
    made["X-Mailer"] = said["mail program"]
    made["From"] = f"{said[NAME]} <{said[ADDRESS]}>"
    made["Reply-To"] = said["answer address"]
    made["To"] = "zhongjiao@example.com"
    made["Cc"] = said["copy to"]
    made["Subject"] = f"{said[NAME]}反映延时班收费，回电{said['mobile']}"
    made["Date"] = "Mon, 23 Nov 2026 08:30:00 +0800"
    made["Message-ID"] = "<20261123083000.1@qq.example>"
    made.set_content(text)
    made.add_alternative(
        f"<p data-owner='{said['hidden in the page']}'>{text}</p><!-- {said['hidden in the page']} -->",
        subtype="html",
    )
    child = said["child in a file's name"]
    made.add_attachment(picture(), maintype="image", subtype="png", filename=f"{child}的缴费截图.png")
    made.add_attachment(document(), maintype="application", subtype="msword", filename=f"{child}.docx")
    inner = EmailMessage()
    inner["Subject"] = said["name of the mailed letter"]
    inner.set_content("转发")
    made.add_attachment(inner, filename=f"{said['name of the mailed letter']}.eml")
    return made.as_bytes()


@cache
def spellings(secret: str) -> frozenset[bytes]:
    """The secret in every form in which a program might have written it down."""
    texts = {secret, secret.replace(" ", "").replace("-", "")}
    found: set[bytes] = set()
    for text in texts:
        plain = [
            text.encode("utf-8"),
            text.encode("gb18030"),
            text.encode("utf-16-le"),
            text.encode("utf-16-be"),
        ]
        found.update(plain)
        found.add(text.encode("ascii", "backslashreplace"))
        found.add(text.encode("ascii", "xmlcharrefreplace"))
        found.update(each(text).encode() for each in (quote, quote_plus))
        found.add(quote(text).lower().encode())
        found.add("".join(f"={byte:02X}" if byte > 126 else chr(byte) for byte in plain[0]).encode())
        for octets in plain[:2]:
            found.add(octets.hex().encode())
            found.update(_base64_inside(octets))
    return frozenset(found)


def _base64_inside(octets: bytes) -> Iterator[bytes]:
    """The letters that stand in any base64 text around these bytes, wherever they begin."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + octets)
        begin = (before * 8 + 5) // 6
        end = (before + len(octets)) * 8 // 6
        yield encoded[begin:end]


def held_by(content: bytes) -> list[str]:
    """Which secrets these bytes hold; what is packed is opened."""
    searched = content + b"\n" + content.translate(None, b"\r\n")  # base64 is broken into lines
    found = [
        name for name, secret in SECRETS.items() if any(spelt in searched for spelt in spellings(secret))
    ]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                found += held_by(part.encode() + archive.read(part))
    return found
