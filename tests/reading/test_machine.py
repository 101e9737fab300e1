"""Mail written by programs goes to its tray; mail written by people never does by accident."""

from __future__ import annotations

import pytest

from mail_ingest.reading import read_mail
from mail_ingest.vocabulary import MailKind
from tests.reading.samples import mail, multipart, part, text_part, word


def _report(kind: str, content: str) -> tuple[bytes, str]:
    body, field = multipart(
        text_part("详见附件"),
        part(content, f"Content-Type: message/{kind}"),
        kind=f"report; report-type={kind}",
        boundary="=_report",
    )
    return body, field


@pytest.mark.parametrize(
    ("raw", "kind", "rule"),
    [
        (mail(*_report("delivery-status", "Action: failed")), MailKind.BOUNCE, "含投递状态报告（DSN）"),
        (mail(*_report("disposition-notification", "Disposition: x")), MailKind.RECEIPT, "含已读回执（MDN）"),
        (
            mail(*_report("feedback-report", "Feedback-Type: abuse")),
            MailKind.ABUSE_REPORT,
            "含反滥用报告（ARF）",
        ),
        (
            mail("x", "From: Postmaster@163.com", f"Subject: {word('系统退信')}"),
            MailKind.BOUNCE,
            "发件人是邮件系统",
        ),
        (mail("x", "From: MAILER-DAEMON@qq.com"), MailKind.BOUNCE, "发件人是邮件系统"),
        (mail("x", f"Subject: {word('自动回复：关于收费')}"), MailKind.AUTO_REPLY, "主题是自动回复"),
        (mail("x", "Subject: Automatic reply: fee"), MailKind.AUTO_REPLY, "主题是自动回复"),
        (mail("x", f"Subject: {word('已读：关于收费')}"), MailKind.RECEIPT, "主题是已读回执"),
        (mail("x", "Auto-Submitted: auto-replied"), MailKind.AUTO_REPLY, "标记为自动发送（Auto-Submitted）"),
        (mail("x", "X-Autoreply: yes"), MailKind.AUTO_REPLY, "标记为自动回复（X-Autoreply 等）"),
        (
            mail("x", "Return-Path: <>", "In-Reply-To: <1@example.com>"),
            MailKind.AUTO_REPLY,
            "空发件人的回信（Return-Path: <>）",
        ),
        (mail("抱歉，您的邮件被退回来了。", "From: x@163.com"), MailKind.BOUNCE, "正文开头是邮件系统的退信"),
        (
            mail("x", "List-Unsubscribe: <mailto:x@y>"),
            MailKind.LIST,
            "群发或邮件列表标记（List-*、Precedence）",
        ),
        (mail("x", "Precedence: bulk"), MailKind.LIST, "群发或邮件列表标记（List-*、Precedence）"),
    ],
)
def test_machine_mail_is_known_by_a_rule_with_a_name(raw: bytes, kind: MailKind, rule: str) -> None:
    parsed = read_mail(raw)
    assert (parsed.kind, parsed.kind_rule) == (kind, rule)
    assert parsed.wants_no_reply


@pytest.mark.parametrize(
    "raw",
    [
        mail("孩子说学校自动回复家长的问题从来没有人看。"),
        mail("x", f"Subject: {word('关于学校自动扣费的投诉')}"),
        mail("x", f"Subject: {word('退费问题：学校不退')}"),
        mail("x", f"Subject: {word('学校发送失败的通知')}"),
        mail("x", "Auto-Submitted: no"),
        mail("x", "Return-Path: <a@163.com>"),
        mail("x", "X-Priority: 3", "X-CM-TRANSID: abc", "X-Originating-IP: [1.2.3.4]"),
        mail("上次发的信被退回：\n\n> 抱歉，您的邮件被退回来了。" + "我再说一遍食堂的事。" * 40),
        mail("x", "Disposition-Notification-To: a@163.com"),
        mail("x", "X-Auto-Response-Suppress: None"),
    ],
)
def test_mail_of_people_is_ordinary(raw: bytes) -> None:
    parsed = read_mail(raw)
    assert (parsed.kind, parsed.kind_rule) == (MailKind.ORDINARY, "")
    assert not parsed.wants_no_reply


def test_a_person_who_attaches_a_bounce_is_a_person() -> None:
    bounce = mail(*_report("delivery-status", "Action: failed"), "From: postmaster@163.com")
    parsed = read_mail(
        mail(*multipart(text_part("我的信被退了"), part(bounce, "Content-Type: message/rfc822")))
    )
    assert parsed.kind is MailKind.ORDINARY


@pytest.mark.parametrize(
    "address", ["noreply@gov.cn", "no-reply@x.cn", "do-not-reply@x.cn", "notify-noreply@x.cn"]
)
def test_nobody_is_thanked_who_does_not_want_it(address: str) -> None:
    parsed = read_mail(mail("x", f"From: {address}"))
    assert parsed.kind is MailKind.ORDINARY
    assert parsed.wants_no_reply


def test_a_bounce_names_the_mail_and_the_recipient() -> None:
    status = "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; <li@qq.com>\r\nAction: failed\r\n"
    returned = "Message-ID: <ours@edu.example>\r\nSubject: x\r\n"
    body = multipart(
        text_part("退信"),
        part(status, "Content-Type: message/delivery-status"),
        part(returned, "Content-Type: text/rfc822-headers"),
        kind="report; report-type=delivery-status",
    )
    parsed = read_mail(mail(*body, "In-Reply-To: <second@edu.example>"))
    assert parsed.failed_recipients == ("li@qq.com",)
    assert parsed.about_message_ids == ("<ours@edu.example>", "<second@edu.example>")


def test_an_automatic_answer_names_the_mail_it_answers() -> None:
    parsed = read_mail(mail("外出", "Auto-Submitted: auto-replied", "References: <ours@edu.example>"))
    assert parsed.about_message_ids == ("<ours@edu.example>",)
