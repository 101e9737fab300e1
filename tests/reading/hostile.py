"""Mails built to hurt a reader: each of these stopped some program for seconds, or took its memory."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reading.samples import mail, without

_HTML = "Content-Type: text/html; charset=utf-8"


def hostile_mails() -> Iterator[tuple[str, bytes]]:
    """Name and bytes, one after the other: together they are large."""
    yield from _heads()
    yield from _structures()
    for name, words in _texts():
        yield f"text of {name}", mail(words)
    for name, markup in _pages():
        yield f"page of {name}", mail(markup, _HTML)
    for encoding, body in _encodings():
        yield f"bad {encoding}", mail(body, f"Content-Transfer-Encoding: {encoding}", without("content-type"))


def _heads() -> Iterator[tuple[str, bytes]]:
    words = b"\r\n ".join([b"=?utf-8?B?5rWL6K+V?="] * 16_000)
    yield "16,000 encoded words", mail("x", b"Subject: " + words)
    for sign in (b"(", b"<", b'"a" ', b"a,", b"a@", b"a@b.cn ", b"\\", b"a:", b"x<a@b>"):
        yield f"sender of {sign!r}", mail("x", b"From: " + sign * 20_000, b"To: " + sign * 20_000)
    for token in ("=?a?q?", "a?b", "=?", "?="):
        yield f"subject of {token}", mail("x", "Subject: =?utf-8?q?" + token * 12_000)
    for token in ('a="', '; a*0="b"', "; ", " ", '; a="\\', "; filename*1*=%"):
        yield f"parameters of {token}", mail("x", "Content-Type: text/plain; x" + token * 10_000)
    yield "200,000 fields", b"".join(b"X-%d: y\r\n" % n for n in range(200_000)) + b"\r\nx"
    yield "300,000 stray lines", b"stray words\r\n" * 300_000 + b"From: a@b.cn\r\n\r\nx"
    yield "identifiers", mail("x", "References: " + "<a@b> " * 10_000, "Message-ID: " + "<a" * 30_000)


def _structures() -> Iterator[tuple[str, bytes]]:
    one = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    yield "10,000 parts", mail(one * 10_000 + b"--b--", "Content-Type: multipart/mixed; boundary=b")
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_000)
    )
    yield "1,000 levels", b"From: a@b.cn\r\n" + levels
    yield "1,000 mails in mails", b"From: a@b.cn\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1_000
    near = b"".join(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" for _ in range(49))
    yield "49 levels over near misses", b"From: a@b.cn\r\n" + near + b"--bx\r\n" * 1_000_000


def _texts() -> Iterator[tuple[str, bytes]]:
    for words in (b">", b"> ", b">\n", b"-", b"-- \n", b"2026-11-1 ", b"On \n", b"a@b.c", b"From: a\n", b" ", b"\n", b" \n", b"\t \xc2\xa0",
                  b"1", b"begin 644 a\n", b"begin 644 a\nM\n", b"https://mail.qq.com/cgi-bin/ftn ", b"a.b", b"message-id: <a", b"\xe2\x80\x8b",
                  b"\xcc\x81\xcc\xa3", b"\xf0\x9f\x91\xa8\xe2\x80\x8d", b"\xff\x80", b"\x00"):  # fmt: skip
        yield repr(words), words * (1_000_000 // len(words))


def _pages() -> Iterator[tuple[str, str]]:
    for markup in ("<div>", "<p>", "<a href=x>", "<", "<!--", "<a ", "&", "&#x", "&amp;", "<svg><desc>", "<script>", "<title>", "<ul><li>", "\xa0",
                   "<img src=cid:a>", "<b><i>", "<table><tr><td>", '<a href="https://mail.qq.com/cgi-bin/ftn">x</a>', "<br>", "</p>", "<pre> "):  # fmt: skip
        yield markup, markup * (900_000 // len(markup.encode()))
    yield "180 levels, again and again", ("<div>" * 180 + "x" + "</div>" * 180) * 400
    yield "formatting that is taken up again", "<b><i><u><s><tt>" * 35 + "<div></div>" * 30_000


def _encodings() -> Iterator[tuple[str, bytes]]:
    yield "base64", b"=A" * 2_000_000
    yield "base64", b"A = " * 1_000_000
    yield "base64", b"A\n" * 2_000_000
    yield "quoted-printable", b"=\n" * 2_000_000
    yield "x-uuencode", b"begin 644 a\n" + b"#86)C\n" * 300_000
