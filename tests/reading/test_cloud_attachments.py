"""Large files that 163 and QQ keep on their own servers: noted with name, size and expiry, never fetched."""

from __future__ import annotations

from datetime import UTC, datetime

from mail_ingest.reading import CloudAttachment, read_mail
from tests.reading.samples import mail

LINK_163 = "https://mail.163.com/large-attachment-download/index.html?file=abc&title=x"
LINK_QQ = "https://wx.mail.qq.com/ftn/download?func=3&key=abc"


def _html(markup: str) -> tuple[CloudAttachment, ...]:
    return read_mail(mail(markup, "Content-Type: text/html; charset=utf-8")).cloud_attachments


def test_the_block_of_163() -> None:
    markup = (
        "<div>从网易163邮箱发来的超大附件</div><table><tr><td>"
        f'<a href="{LINK_163.replace("&", "&amp;")}">食堂录像.mp4</a></td>'
        "<td>(80.96M, 2026年12月7日 0:49 到期)</td><td>"
        f'<a href="{LINK_163.replace("&", "&amp;")}">下载</a></td></tr></table>'
    )
    assert _html(markup) == (
        CloudAttachment("食堂录像.mp4", "80.96M", datetime(2026, 12, 6, 16, 49, tzinfo=UTC), LINK_163),
    )


def test_the_block_of_qq_with_the_name_beside_the_link() -> None:
    markup = f'<div>从QQ邮箱发来的超大附件</div><div>课后服务.zip (1.2G, 2026-12-20 18:00 到期)</div><a href="{LINK_QQ}">进入下载页面</a>'
    assert _html(markup) == (
        CloudAttachment("课后服务.zip", "1.2G", datetime(2026, 12, 20, 10, tzinfo=UTC), LINK_QQ),
    )


def test_several_files_keep_their_own_facts() -> None:
    rows = "".join(
        f'<p><a href="{LINK_QQ}{n}">第{n}段.mp4</a> ({n}0.5M, 2026年12月{n}日 12:00 到期)</p>'
        for n in (1, 2, 3)
    )
    found = _html(rows)
    assert [file.filename for file in found] == ["第1段.mp4", "第2段.mp4", "第3段.mp4"]
    assert [file.size_text for file in found] == ["10.5M", "20.5M", "30.5M"]
    assert [file.expires_at and file.expires_at.day for file in found] == [1, 2, 3]


def test_a_link_in_plain_text_counts() -> None:
    parsed = read_mail(mail(f"超大附件：\n录音.m4a (30M, 有效期至2026-12-20)\n{LINK_QQ}\n"))
    (file,) = parsed.cloud_attachments
    assert (file.filename, file.size_text, file.url) == ("录音.m4a", "30M", LINK_QQ)
    assert file.expires_at == datetime(2026, 12, 20, 15, 59, tzinfo=UTC)
    assert "邮件含超大附件链接，请在到期前下载归档。" in parsed.notes


def test_an_expiry_that_is_no_date_is_left_open() -> None:
    (file,) = _html(f'<a href="{LINK_QQ}">a.zip</a> (1M, 2026年13月40日 到期)')
    assert file.expires_at is None


def test_other_links_are_no_attachments() -> None:
    assert (
        _html('<a href="https://mail.163.com/">邮箱</a><a href="https://evil.example/?mail.qq.com/ftn">x</a>')
        == ()
    )
