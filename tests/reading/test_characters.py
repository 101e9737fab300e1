"""Characters out of bytes that are wrongly labelled, not labelled, or cut in the middle."""

from __future__ import annotations

import base64

import pytest

from mail_ingest.reading import charset, read_mail
from tests.reading.samples import b64, file_part, mail, multipart, text_part, without, word

SENTENCE = "孩子在学校食堂吃出虫子，请贵局尽快核实处理。"


@pytest.mark.parametrize(
    ("written", "declared", "text"),
    [
        ("utf-8", "utf-8", SENTENCE),
        ("gb18030", "gb2312", "朱镕喆反映囍字与㎜"),
        ("gbk", "x-gbk", SENTENCE),
        ("gbk", "GB_2312-80", SENTENCE),
        ("gbk", "utf-8", SENTENCE),
        ("gbk", "us-ascii", SENTENCE),
        ("gbk", "iso-8859-1", SENTENCE),
        ("utf-8", "gb2312", SENTENCE),
        ("utf-8", "iso-8859-1", SENTENCE),
        ("gbk", "x-unknown", SENTENCE),
        ("gbk", "8bit\x00", SENTENCE),
        ("gbk", None, SENTENCE),
        ("big5", "big5", "學校收費問題"),
        ("big5", None, "學校向家長收費的問題請貴局查處"),
        ("hz", "hz-gb-2312", SENTENCE),
        ("utf-16-le", "utf-16le", SENTENCE),
        ("iso2022_jp", "iso-2022-jp", "給食に虫が入っていました"),
        ("utf-8", None, "郑学"),
        ("utf-8", None, "é"),
        ("utf-8", "utf-8", "Ф·"),
        ("utf-8", None, "Каукин Владимир"),
        ("cp1252", None, "Größe"),
        ("gbk", None, "喆"),
        ("cp1252", None, "Der Schüler grüßt über die Mädchen"),
        ("cp1252", "iso-8859-1", "«Élève» déçu à l’école"),
    ],
)
def test_the_text_is_what_was_written(written: str, declared: str | None, text: str) -> None:
    assert charset.decode(text.encode(written), declared) == text


@pytest.mark.parametrize(
    "codec", ["base64", "zip", "idna", "punycode", "unicode_escape", "rot13", "", "a" * 500, "é"]
)
def test_a_codec_that_is_no_character_set_is_not_used(codec: str) -> None:
    assert charset.known_charset(codec) is None
    assert charset.decode(SENTENCE.encode("gbk"), codec) == SENTENCE


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_a_character_cut_off_at_the_end_does_not_spoil_the_rest(encoding: str) -> None:
    text = "學校收費太高請查處" if encoding == "big5" else SENTENCE
    assert charset.decode(text.encode(encoding)[:-1], encoding).startswith(text[:-1])


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "李娜",
        "王伟强",
        "孙玥",
        "杨玙",
        "张珺",
        "陈镕",
        "欧阳修",
        "吴喆",
        "朱镕基",
        "王菲",
        "郑学",
        "叶英",
        "魏校农",
    ],
)
def test_a_bare_name_in_gb_is_not_taken_for_big5(name: str) -> None:
    parsed = read_mail(
        mail(b"canteen", b"From: " + name.encode("gbk") + b" <a@163.com>", without("content-type"))
    )
    assert parsed.from_name == name


def test_undeclared_headers_follow_the_declared_body() -> None:
    subject = "學校收費".encode("big5")
    parsed = read_mail(mail("內容：學校收費問題", b"Subject: " + subject, charset="big5"))
    assert parsed.subject == "學校收費"
    assert parsed.text == "內容：學校收費問題"


class TestHeaders:
    def test_raw_gbk_in_subject_and_sender(self) -> None:
        subject = "关于食堂的投诉".encode("gbk")
        parsed = read_mail(mail(SENTENCE.encode("gbk"), b"Subject: " + subject, without("content-type")))
        assert (parsed.subject, parsed.text) == ("关于食堂的投诉", SENTENCE)

    @pytest.mark.parametrize("cut", [31, 32, 33])
    def test_an_encoded_word_cut_inside_a_character(self, cut: int) -> None:
        raw = "这是一个非常长的主题被从多字节字符中间切断的投诉邮件主题".encode("gbk")
        halves = [base64.b64encode(half).decode() for half in (raw[:cut], raw[cut:])]
        parsed = read_mail(mail("x", f"Subject: =?GBK?B?{halves[0]}?=\r\n =?gbk?B?{halves[1]}?="))
        assert parsed.subject == raw.decode("gbk")

    @pytest.mark.parametrize(
        ("written", "subject"),
        [
            (word("举报信", "gb2312"), "举报信"),
            (f"=?utf-8?B?{b64('举报信', 'gbk')}?=", "举报信"),
            (f"=?unknown-8bit?B?{b64('投诉', 'gbk')}?=", "投诉"),
            ("=?UTF-8?Q?=E6=8A=95=E8=AF=89 abc?=", "投诉 abc"),
            ("=?UTF-8?Q?=E6=8A=95=E8=AF=89_why?_now?=", "投诉 why? now"),
            (f"{word('投诉')}{word('举报')}", "投诉举报"),
            (f"{word('投诉')} {word('举报', 'gbk')}", "投诉举报"),
            (f"Re: {word('投诉')} (2)", "Re: 投诉 (2)"),
            (f"=?utf-8*zh-cn?B?{b64('投诉')}?=", "投诉"),
            (f"=?utf-8?B?{b64('投诉').rstrip('=')}?=", "投诉"),
            ("=?utf-8?B?!!!?=", ""),
            ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
            (f"=?utf-8?Q?a=0D=0ABcc:x@y?= {word('投诉')}", "a Bcc:x@y投诉"),
        ],
    )
    def test_encoded_words(self, written: str, subject: str) -> None:
        assert read_mail(mail("x", f"Subject: {written}")).subject == subject


class TestFileNames:
    @pytest.mark.parametrize(
        ("disposition", "name"),
        [
            (f'attachment; filename="{word("食堂照片.jpg", "gb18030")}"', "食堂照片.jpg"),
            ("attachment; filename*=GBK''%CA%B3%CC%C3.jpg", "食堂.jpg"),
            ("attachment; filename*0*=utf-8''%E9%A3%9F; filename*1*=%E5%A0%82; filename*2=.jpg", "食堂.jpg"),
            ('attachment; filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
            ("attachment; filename=a b.doc", "a b.doc"),
            ('attachment; filename="a\\"b.doc"', 'a"b.doc'),
            ('attachment; filename="../../etc/passwd"', "passwd"),
            ('attachment; filename="C:\\\\Temp\\\\a.png"', "a.png"),
            ('attachment; filename="a\u202egnp.exe"', "agnp.exe"),
            ('attachment; filename="没有引号结尾.doc', "没有引号结尾.doc"),
            (f'attachment; filename="{"长" * 300}.pdf"', "长" * 254 + "…"),
        ],
    )
    def test_the_name_is_the_one_the_sender_gave(self, disposition: str, name: str) -> None:
        parsed = read_mail(mail(*multipart(text_part("见附件"), file_part(b"x", disposition))))
        assert [file.filename for file in parsed.attachments] == [name]

    def test_raw_gbk(self) -> None:
        body, field = multipart(
            text_part("见附件", charset="gbk"), file_part(b"x", "attachment; filename=NAME")
        )
        parsed = read_mail(mail(body.replace(b"NAME", '"投诉材料.doc"'.encode("gbk")), field))
        assert [file.filename for file in parsed.attachments] == ["投诉材料.doc"]
