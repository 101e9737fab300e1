"""Sample mails that no person wrote: answering machines, returned mail, receipts and mass mail."""

from __future__ import annotations

from demo import sample_clients as by
from demo.sample_clients import Occasion, Person


def out_of_office(who: Person, text: str, at: Occasion) -> bytes:
    subject = "自动回复: " + (at.answered.subject if at.answered else "您的来信")
    return by.with_headers(
        who, subject, by.text_part(text), at, (("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes"), ("Precedence", "bulk"))
    )  # fmt: skip


def bounce(failed: str, at: Occasion) -> bytes:
    """What 163.com sends back for a recipient that does not exist: a delivery status report (RFC 3464)."""
    told = f"抱歉，您的邮件被退回来了……\n\n收件人：{failed}\n退信原因：对方邮件地址不存在（550 User not found）。"
    status = (
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mail.163.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 User not found: {failed}\r\n"
    )
    original = f"From: <{at.mailbox}>\r\nTo: <{failed}>\r\n"
    if at.answered is not None:
        original += f"Message-ID: {at.answered.message_id}\r\n"
    headers = f"Content-Type: text/rfc822-headers\r\n\r\n{original}\r\n"
    body = by.report_part("delivery-status", told, status.encode(), headers.encode())
    return by.with_headers(
        Person("Postmaster", "Postmaster@163.example"), "系统退信", body, at,
        (("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")),
    )  # fmt: skip


def read_receipt(who: Person, at: Occasion) -> bytes:
    """A disposition notification (RFC 8098): the other side opened our mail."""
    notification = (
        "Content-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822;{who.address}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    if at.answered is not None:
        notification += f"Original-Message-ID: {at.answered.message_id}\r\n"
    body = by.report_part("disposition-notification", "您的邮件已被阅读。", notification.encode())
    return by.with_headers(who, "已读: " + (at.answered.subject if at.answered else "来信"), body, at, ())


def newsletter(who: Person, subject: str, text: str, at: Occasion) -> bytes:
    marks = (
        ("List-Id", "<news.jiaoyu-zhuangbei.example>"),
        ("List-Unsubscribe", "<https://news.jiaoyu-zhuangbei.example/off>"),
        ("Precedence", "bulk"),
    )
    return by.with_headers(who, subject, by.text_part(text), at, marks)
