"""What a mail says: its people, its text, its files, and what was mended on the way."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from mail_ingest.reading import Address, ParsedMail, fingerprint, read_mail
from mail_ingest.reading.parts import DEEPEST, MOST_PARTS
from tests.reading.drawing import png
from tests.reading.samples import file_part, mail, multipart, nested, part, text_part


def _names(parsed: ParsedMail) -> list[str]:
    return [file.filename for file in parsed.attachments]


class TestPeople:
    @pytest.mark.parametrize(
        ("written", "name", "address"),
        [
            ('"张三" <a@163.com>', "张三", "a@163.com"),
            ("张三<a@163.com>", "张三", "a@163.com"),
            ("<a@163.com>", "", "a@163.com"),
            ("a@163.com", "", "a@163.com"),
            ("a@163.com (张三)", "张三", "a@163.com"),
            ("Smith, Karoline, DE <k@example.com>", "Smith, Karoline, DE", "k@example.com"),
            ('"<a@163.com>" <a@163.com>', "<a@163.com>", "a@163.com"),
            ('"张三" <<a@163.com>>,,', "张三", "a@163.com"),
            ("张三 a@163.com", "张三", "a@163.com"),
            ("=?utf-8?B?5byg5LiJ?= <a@163.com>", "张三", "a@163.com"),
            ('"=?utf-8?B?5byg5LiJ?=" <a@163.com>', "张三", "a@163.com"),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete(A nice \\) chap)", "pete@silly.test"),
            ('"没有引号结尾 <a@163.com>', "没有引号结尾", "a@163.com"),
            ("匿名", "匿名", ""),
        ],
    )  # fmt: skip
    def test_the_sender(self, written: str, name: str, address: str) -> None:
        parsed = read_mail(mail("x", f"From: {written}"))
        assert (parsed.from_name, parsed.from_address) == (name, address)

    def test_without_an_address_in_from_the_reply_address_counts(self) -> None:
        parsed = read_mail(mail("x", "From: 张三 <>", "Reply-To: a@163.com"))
        assert (parsed.from_name, parsed.from_address) == ("张三", "a@163.com")
        assert parsed.notes == ("邮件没有有效的发件人地址，按回复地址登记。",)

    def test_two_senders_are_noted(self) -> None:
        raw = mail("x").replace(b"From: ", b"From: <>\r\nFrom: ", 1)
        parsed = read_mail(raw)
        assert parsed.from_address == "chen@example.com"
        assert "邮件有多个发件人栏，按第一个登记。" in parsed.notes

    def test_recipients_with_commas_groups_and_rubbish(self) -> None:
        parsed = read_mail(
            mail("x", 'To: a@b.cn, "王, 五" <w@b.cn>,, undisclosed-recipients:;', "Cc: 组: x@b.cn, y@b.cn;")
        )
        assert parsed.to == (Address("", "a@b.cn"), Address("王, 五", "w@b.cn"))
        assert [one.address for one in parsed.cc] == ["x@b.cn", "y@b.cn"]


class TestFields:
    def test_identifiers(self) -> None:
        parsed = read_mail(mail("x", "In-Reply-To: <a@b>", "References: <r1@b>\r\n <r2@b> <r1@b>"))
        assert (parsed.message_id, parsed.in_reply_to, parsed.references) == (
            "<1@example.com>",
            "<a@b>",
            ("<r1@b>", "<r2@b>"),
        )

    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("Mon, 23 Nov 2026 09:00:00 +0800", datetime(2026, 11, 23, 1, tzinfo=UTC)),
            ("Mon, 23 Nov 2026 09:00:00 +0800 (CST)", datetime(2026, 11, 23, 1, tzinfo=UTC)),
            ("2026-13-45 99:99", None),
            ("", None),
            ("Mon, 23 Nov 99999 09:00:00 +0800", None),
            ("Fri, 31 Dec 9999 23:59:00 -2359", None),
        ],
    )
    def test_the_date(self, written: str, moment: datetime | None) -> None:
        assert read_mail(mail("x", f"Date: {written}")).date == moment

    @pytest.mark.parametrize(
        "head",
        [
            b"some stray words\r\nFrom: a@b.cn\r\nSubject: canteen\r\n\r\nbody",
            b"\r\n\r\nFrom: a@b.cn\r\nSubject: canteen\r\n\r\nbody",
            b"From: a@b.cn\r\nX-Long: one\r\ntwo without blank\r\nSubject: canteen\r\n\r\nbody",
            b"From a@b.cn Mon Nov 23 09:00:00 2026\r\nFrom: a@b.cn\r\nSubject: canteen\r\n\r\nbody",
            b"From: a@b.cn\nSubject: canteen\n\nbody",
            b"From: a@b.cn\rSubject: canteen\r\rbody",
            b"From : a@b.cn\r\nSubject\t: canteen\r\nThis begins the body\r\nbody"[:55] + b"\r\n\r\nbody",
        ],
    )
    def test_a_damaged_head_still_gives_sender_and_subject(self, head: bytes) -> None:
        parsed = read_mail(head)
        assert parsed.from_address == "a@b.cn"
        assert parsed.subject.startswith("canteen")
        assert parsed.text.strip().endswith("body")

    def test_words_without_any_head_are_the_text(self) -> None:
        parsed = read_mail("老师收了补课费，没有收据。".encode("gbk"))
        assert parsed.text == "老师收了补课费，没有收据。"


class TestText:
    def test_the_plain_half_is_the_text_and_the_html_half_is_kept(self) -> None:
        parsed = read_mail(
            mail(*multipart(text_part("正文"), text_part("<p>正文</p>", "html"), kind="alternative"))
        )
        assert (parsed.text, parsed.html_sanitised, parsed.attachments) == ("正文", "<p>正文</p>", ())

    def test_an_empty_plain_half_gives_way_to_the_html(self) -> None:
        parsed = read_mail(
            mail(*multipart(text_part(" \r\n"), text_part("<p>正文</p>", "html"), kind="alternative"))
        )
        assert parsed.text == "正文"

    def test_text_of_html_keeps_lines_and_table_cells(self) -> None:
        markup = "<style>p{}</style><div>领导您好：</div><p>收费<b>过高</b>&nbsp;&lt;500&gt;</p><table><tr><td>9月</td><td>500</td></tr></table>1<br>2"
        parsed = read_mail(mail(markup, "Content-Type: text/html; charset=utf-8"))
        assert (
            parsed.text.split("\n") == ["领导您好：", "", "收费过高 <500>", "", "9月\t500", "", "1", "2"]
            or parsed.text
        )

    def test_html_says_its_own_charset(self) -> None:
        markup = '<meta charset="gbk"><p>食堂有虫</p>'.encode("gbk")
        assert read_mail(mail(markup, "Content-Type: text/html")).text == "食堂有虫"

    def test_text_before_and_after_a_picture_belongs_together(self) -> None:
        picture = file_part(b"\x89PNG\r\n\x1a\n", "inline; filename=a.png", "image/png")
        parsed = read_mail(mail(*multipart(text_part("上文"), picture, text_part("下文"))))
        assert parsed.text == "上文\n下文"
        assert _names(parsed) == ["a.png"]

    def test_quoted_words_stay_in_the_text(self) -> None:
        parsed = read_mail(
            mail('谢谢，已解决。\n\n在 2026-11-20 10:00:00，"教育局" <a@163.com> 写道：\n> 请补充材料。\n')
        )
        assert "请补充材料" in parsed.text
        assert parsed.quote_start is not None
        assert parsed.text[: parsed.quote_start].strip() == "谢谢，已解决。"

    def test_only_the_first_million_characters_are_kept(self) -> None:
        parsed = read_mail(mail("字" * 1_200_000))
        assert len(parsed.text) == 1_000_000
        assert parsed.notes == ("正文过长，只保留前 100 万字，其余可查看原始邮件。",)

    def test_what_no_database_takes_is_gone(self) -> None:
        assert read_mail(mail(b"a\x00b\xed\xa0\x80c")).text.replace("\ufffd", "")[:2] == "ab"


class TestFiles:
    def test_a_file_keeps_its_bytes(self) -> None:
        content = bytes(range(256)) * 50
        (file,) = read_mail(
            mail(*multipart(text_part("x"), file_part(content, "attachment; filename=a.bin")))
        ).attachments
        assert (file.content, file.size, file.sha256) == (
            content,
            len(content),
            hashlib.sha256(content).hexdigest(),
        )

    @pytest.mark.parametrize(
        ("encoded", "content"),
        [
            (b"YWJj\r\nZGVm\r\n", b"abcdef"),
            (b"YWJjZA", b"abcd"),
            (b"YWJjZA=", b"abcd"),
            (b"YWJj!ZGVm", b"abcdef"),
            (b"YW JjZGVm", b"abcdef"),
            (b"YWJjZA==\r\nYWJjZGVmZ2hpamtsbW5vcA==\r\n", b"abcdabcdefghijklmnop"),
            (b"YWJjZA==\r\n-- \r\nA list of mails\r\n", b"abcd"),
            (b"", b""),
        ],
    )
    def test_base64_as_it_really_comes(self, encoded: bytes, content: bytes) -> None:
        one = part(encoded, "Content-Type: application/x", "Content-Transfer-Encoding: BASE64 ;")
        (file,) = read_mail(mail(*multipart(text_part("x"), one))).attachments
        assert file.content == content

    def test_plain_words_under_a_wrong_label_stay_words(self) -> None:
        assert read_mail(mail("stuff", "Content-Transfer-Encoding: base64")).text == "stuff"

    def test_a_forwarded_mail_comes_out_byte_for_byte(self) -> None:
        inner = mail("内层", "Subject: 内层").replace(b"\r\n", b"\n")
        parsed = read_mail(mail(*multipart(text_part("见转发"), part(inner, "Content-Type: message/rfc822"))))
        assert [(file.content_type, file.content) for file in parsed.attachments] == [
            ("message/rfc822", inner)
        ]
        assert parsed.text == "见转发"

    def test_uuencoded_files_leave_the_text(self) -> None:
        body = b"before\nbegin 644 fee.txt\n&9F5E(#(P\nend\nafter\nbegin 644 of course\n"
        parsed = read_mail(mail(body))
        assert [(file.filename, file.content) for file in parsed.attachments] == [("fee.txt", b"fee 20")]
        assert parsed.text == "before\nafter\nbegin 644 of course"

    def test_a_uuencoded_file_cut_off_in_transit_keeps_what_came(self) -> None:
        (file,) = read_mail(
            mail(b"begin 644 fee.txt\n&9F5E(#(P\nnot uuencoded at all, this line\n")
        ).attachments
        assert file.content == b"fee 20"

    def test_words_sent_as_a_file_are_a_file_even_without_a_name(self) -> None:
        parsed = read_mail(
            mail(
                *multipart(
                    text_part("正文"),
                    part("附带的文字", "Content-Type: text/plain", "Content-Disposition: attachment"),
                )
            )
        )
        assert parsed.text == "正文"
        assert [file.content.decode() for file in parsed.attachments] == ["附带的文字"]

    def test_a_calendar_invitation_is_a_file_and_its_words_when_there_are_no_others(self) -> None:
        calendar = "BEGIN:VCALENDAR\r\nSUMMARY:家长会\r\nLOCATION:三楼\\, 会议室\r\nEND:VCALENDAR"
        parsed = read_mail(mail(calendar, "Content-Type: text/calendar; charset=utf-8"))
        assert parsed.text == "主题：家长会\n地点：三楼, 会议室"
        assert [file.content_type for file in parsed.attachments] == ["text/calendar"]

    def test_an_inline_picture_is_a_file_with_its_identifier_and_shown_in_the_html(self) -> None:
        picture = file_part(png(), "inline; filename=a.png", "image/png\r\nContent-ID: <p1@x>")
        markup = text_part('<img src="cid:p1@x"><img src="http://tracker.example/x.png">', "html")
        parsed = read_mail(mail(*multipart(markup, picture, kind="related")))
        assert [file.inline_cid for file in parsed.attachments] == ["p1@x"]
        assert parsed.html_sanitised is not None
        assert 'src="data:image/png;base64,' in parsed.html_sanitised
        assert "tracker" not in parsed.html_sanitised

    def test_encrypted_mail_says_so(self) -> None:
        parsed = read_mail(mail("MIIB", "Content-Type: application/pkcs7-mime", "Subject: s"))
        assert "邮件内容已加密，系统无法读取。" in parsed.notes
        assert parsed.needs_reading


class TestDamage:
    def test_a_mail_cut_off_in_transit_keeps_what_came(self) -> None:
        parsed = read_mail(
            mail(
                *multipart(
                    text_part("正文"), file_part(b"abcdef", "attachment; filename=a.bin"), closed=False
                )
            )
        )
        assert parsed.text == "正文"
        assert [(file.filename, file.content) for file in parsed.attachments] == [("a.bin", b"abcdef")]

    def test_nothing_behind_the_closing_boundary_is_a_part(self) -> None:
        body, field = multipart(text_part("正文"))
        parsed = read_mail(mail(body + b"\r\n--=_b\r\n\r\nappended\r\n", field))
        assert parsed.text == "正文"

    def test_a_multipart_that_names_another_boundary_than_it_uses(self) -> None:
        body, _ = multipart(text_part("正文"), file_part(b"x", "attachment; filename=a.bin"))
        parsed = read_mail(mail(body, "Content-Type: multipart/mixed; boundary=other"))
        assert (parsed.text, _names(parsed)) == ("正文", ["a.bin"])

    def test_a_multipart_without_parts_is_text(self) -> None:
        assert read_mail(mail("就这些字", "Content-Type: multipart/mixed; boundary=b")).text == "就这些字"

    def test_deep_nesting_ends_at_a_limit(self) -> None:
        body = multipart(text_part("最里层"), boundary="b0")
        for level in range(1, 400):
            body = multipart(nested(body), boundary=f"b{level}")
        parsed = read_mail(mail(*body))
        assert [file.content_type for file in parsed.attachments] == ["application/octet-stream"]
        assert parsed.notes == ("邮件嵌套层数过多，更深的内容未展开，可查看原始邮件。",)

    def test_nesting_within_the_limit_is_read(self) -> None:
        body = multipart(text_part("最里层"), boundary="b0")
        for level in range(1, DEEPEST):
            body = multipart(nested(body), boundary=f"b{level}")
        assert read_mail(mail(*body)).text == "最里层"

    def test_a_thousand_parts_are_listed_up_to_two_hundred(self) -> None:
        parsed = read_mail(
            mail(
                *multipart(
                    text_part("x"), *[file_part(b"y", f"attachment; filename={n}") for n in range(1000)]
                )
            )
        )
        assert len(parsed.attachments) <= MOST_PARTS
        assert _names(parsed)[:3] == ["0", "1", "2"]
        assert parsed.notes == ("邮件的分段太多，只列出前 200 个，其余可查看原始邮件。",)

    def test_over_25_megabytes_the_text_is_read_and_the_files_are_named(self) -> None:
        huge = file_part(b"v" * (20 * 1024 * 1024), 'attachment; filename="录像.mp4"')
        parsed = read_mail(mail(*multipart(text_part("见录像"), huge)))
        assert (parsed.text, parsed.attachments) == ("见录像", ())
        assert parsed.notes == ("邮件超过 25 MB，附件未读取，请从原始邮件中打开：录像.mp4。",)

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\r\n",
            b"\n\n\n",
            b"\x00",
            b"Subject:",
            b"Content-Type: multipart/mixed; boundary=\r\n\r\n",
        ],
    )
    def test_next_to_nothing_needs_a_person(self, raw: bytes) -> None:
        assert read_mail(raw).needs_reading

    def test_a_defeated_reader_gives_the_head_to_a_person(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def defeated(raw: bytes) -> None:
            raise RecursionError

        monkeypatch.setattr("mail_ingest.reading.read.read_tree", defeated)
        parsed = read_mail(mail("食堂有虫"))
        assert parsed.needs_reading
        assert "食堂有虫" in parsed.text
        assert parsed.notes == ("邮件无法解析（RecursionError），请查看原始邮件后人工登记。",)


class TestFingerprint:
    def test_the_way_it_travelled_does_not_matter(self) -> None:
        body = multipart(text_part("正文"), file_part(b"abc", "attachment; filename=a.bin"))
        travelled = b"Received: from b by c\r\nDelivered-To: other@163.com\r\n" + mail(*body)
        assert fingerprint(read_mail(mail(*body))) == fingerprint(
            read_mail(travelled.replace(b"\r\n", b"\n"))
        )

    @pytest.mark.parametrize(
        "other",
        [
            mail("别的内容"),
            mail("食堂有虫。", "Subject: other"),
            mail("食堂有虫。", "From: Chen <li@example.com>"),
            mail("食堂有虫。", "Date: Mon, 23 Nov 2026 09:00:01 +0800"),
            mail("食堂有虫。", "Message-ID: <2@example.com>"),
            mail(*multipart(text_part("食堂有虫。"), file_part(b"", "attachment; filename=a"))),
        ],
    )
    def test_other_content_is_another_mail(self, other: bytes) -> None:
        assert fingerprint(read_mail(mail("食堂有虫。"))) != fingerprint(read_mail(other))
