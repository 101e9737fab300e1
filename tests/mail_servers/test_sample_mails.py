"""The sample mails: each is what it claims to be, nobody in them exists, and they come when they shall."""

from __future__ import annotations

import email
import email.policy
import re
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message

import pytest

from core.clock import FixedClock
from demo.mail_server import DEMO_ACCOUNTS, DemoMailServer
from demo.mail_sink import MailSink
from demo.sample_clients import Answered, Occasion
from demo.sample_delivery import SampleDelivery
from demo.sample_mails import CHEN, GONE, LIN, SAMPLES, Box, SampleMail

MOMENT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
ADDRESSES = list(DEMO_ACCOUNTS)
PRIMARY = ADDRESSES[Box.PRIMARY]
BY_KEY = {sample.key: sample for sample in SAMPLES}


def raw(key: str, mailbox: str = PRIMARY, answered: Answered | None = None) -> bytes:
    sample = BY_KEY[key]
    return sample.build(Occasion(tuple(ADDRESSES[box] for box in sample.boxes), mailbox, MOMENT, answered))


def parsed(key: str, answered: Answered | None = None) -> Message:
    return email.message_from_bytes(raw(key, answered=answered))


def subject(message: Message) -> str:
    return str(make_header(decode_header(message["Subject"])))


def whole_text(message: Message) -> str:
    leaves = [
        part for part in message.walk() if part.get_content_maintype() == "text" and not part.get_filename()
    ]
    texts = []
    for part in leaves:
        charset = str(part.get_content_charset("gb18030"))
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        texts.append(payload.decode("gb18030" if charset == "gb2312" else charset))
    return "\n".join(texts)


def test_there_are_about_thirty_and_no_two_share_a_key() -> None:
    assert 30 <= len(SAMPLES) <= 40
    assert len(BY_KEY) == len(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_every_mail_can_be_read_and_names_nobody_real(sample: SampleMail) -> None:
    data = raw(sample.key)
    message = email.message_from_bytes(data)
    text = whole_text(message)

    assert not [part.defects for part in message.walk() if part.defects]
    assert message["From"]
    assert "�" not in text
    addresses = re.findall(rb"[\w.+-]+@[\w.-]+", data)
    assert {address for address in addresses if not address.endswith(b".example")} <= {
        address.encode() for address in ADDRESSES
    }
    assert all(phone.startswith("1380000") for phone in re.findall(r"(?<!\d)1\d{10}(?!\d)", text))
    assert re.fullmatch(rb"(?:[^\r\n]*\r\n)*", data), "lines end in CRLF only"


def test_all_clients_and_charsets_are_there() -> None:
    everything = b"".join(raw(sample.key) for sample in SAMPLES)

    for mark in (
        b"Coremail",
        b"QQMail",
        b"iPhone Mail",
        b"=?GBK?B?",
        b"=?gb18030?B?",
        b"=?gb2312?B?",
        b"=?utf-8?B?",
    ):
        assert mark in everything, mark


def test_rare_characters_stand_under_a_gb2312_label() -> None:
    message = parsed("rare-characters")
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)

    assert message.get_content_charset() == "gb2312"
    with pytest.raises(UnicodeDecodeError):
        payload.decode("gb2312")
    assert {"镕", "堃", "喆"} <= set(payload.decode("gb18030"))


def test_raw_headers_hold_bare_gbk_bytes() -> None:
    assert "Subject: 孙子放学没人管".encode("gbk") in raw("raw-gbk")


def test_the_html_only_mail_has_no_text_part() -> None:
    assert [part.get_content_type() for part in parsed("html-only").walk()] == ["text/html"]


@pytest.mark.parametrize(
    ("key", "name", "magic"),
    [
        ("picture", "点心照片（10月12日）.png", b"\x89PNG"),
        ("fee-notice", "课后服务收费通知.pdf", b"%PDF-1.4"),
        ("docx", "联名反映材料.docx", b"PK"),
        ("school-report", "整改情况报告.docx", b"PK"),
    ],
)
def test_attachments_have_chinese_names_and_real_content(key: str, name: str, magic: bytes) -> None:
    message = email.message_from_bytes(raw(key), policy=email.policy.default)
    files = {part.get_filename(): part.get_content() for part in message.walk() if part.get_filename()}

    assert files[name].startswith(magic)


def test_the_mail_to_both_mailboxes_differs_only_in_its_way() -> None:
    one, other = (raw("both-mailboxes", mailbox) for mailbox in ADDRESSES)

    assert one != other
    assert one.partition(b"From:")[2] == other.partition(b"From:")[2]


def test_the_forwarded_mail_holds_another_mail() -> None:
    inner = [part for part in parsed("forwarded").walk() if part.get_content_type() == "message/rfc822"]

    assert len(inner) == 1
    assert "动症" in whole_text(parsed("forwarded"))


@pytest.mark.parametrize(
    ("key", "header", "value"),
    [
        ("out-of-office", "Auto-Submitted", "auto-replied"),
        ("bounce", "Return-Path", "<>"),
        ("newsletter", "List-Id", "<news.jiaoyu-zhuangbei.example>"),
    ],
)
def test_machine_mail_says_so_in_its_headers(key: str, header: str, value: str) -> None:
    assert parsed(key)[header] == value


def test_the_bounce_is_a_delivery_report_about_our_own_mail() -> None:
    message = parsed("bounce", Answered("<ours@163.com>", "受理告知", PRIMARY))
    assert message.get_content_type() == "multipart/report"
    status = next(part for part in message.walk() if part.get_content_type() == "message/delivery-status")

    assert f"Final-Recipient: rfc822; {GONE}" in status.as_string()
    assert "Message-ID: <ours@163.com>" in message.as_string()


def test_the_reply_answers_the_mail_it_was_given() -> None:
    message = parsed("reply", Answered("<ours@163.com>", "受理告知 CY20261123-001", PRIMARY))

    assert message["In-Reply-To"] == "<ours@163.com>"
    assert subject(message) == "回复：受理告知 CY20261123-001"


def test_without_an_own_mail_the_reply_answers_nothing_we_know() -> None:
    assert parsed("reply")["In-Reply-To"] is None


@contextmanager
def delivering(
    over_seconds: float, keys: list[str]
) -> Iterator[tuple[DemoMailServer, MailSink, SampleDelivery]]:
    server = DemoMailServer(DEMO_ACCOUNTS, clock=FixedClock(MOMENT))
    samples = [BY_KEY[key] for key in keys]
    delivery = SampleDelivery(
        server.office, ADDRESSES, over_seconds=over_seconds, samples=samples, clock=FixedClock(MOMENT)
    )
    with server, MailSink(on_mail=delivery.sent) as sink:
        delivery.start()
        yield server, sink, delivery
        delivery.stop()


def wait_for(delivery: SampleDelivery, keys: set[str]) -> None:
    until = time.monotonic() + 8
    while not keys <= delivery.delivered and time.monotonic() < until:
        time.sleep(0.01)
    assert keys <= delivery.delivered


def test_all_arrive_in_their_mailboxes_and_folders() -> None:
    with delivering(0.2, list(BY_KEY)) as (server, _, delivery):
        wait_for(delivery, set(BY_KEY))
        time.sleep(0.05)  # the last one is on its way between being marked and lying there
        folders = ["INBOX", "垃圾邮件", "病毒文件夹"]
        counted = {folder: [len(server.office.mails(a, folder)) for a in ADDRESSES] for folder in folders}

    assert sum(map(sum, counted.values())) == sum(len(sample.boxes) for sample in SAMPLES)
    assert (counted["垃圾邮件"], counted["病毒文件夹"]) == ([1, 1], [0, 1])


def test_they_come_one_after_another_not_at_once() -> None:
    with delivering(3600, list(BY_KEY)) as (_, _, delivery):
        wait_for(delivery, {"fees", "rare-characters"})

        assert delivery.delivered == {"fees", "rare-characters"}


def test_an_acknowledgement_is_answered_by_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.sample_delivery._ANSWERS_AFTER_SECONDS", 0.0)
    ours = b"From: <%s>\r\nSubject: =?utf-8?B?5Y+X55CG5ZGK55+l?=\r\nMessage-ID: <ours@163.com>\r\n\r\nhi\r\n"
    with delivering(3600, ["reply", "out-of-office"]) as (server, sink, delivery):
        with smtplib.SMTP(sink.host, sink.port, timeout=5) as client:
            client.sendmail(PRIMARY, [CHEN.address], ours % PRIMARY.encode())
        wait_for(delivery, {"reply"})
        time.sleep(0.05)
        (mail,) = server.office.mails(PRIMARY, "INBOX")
        waiting = {"out-of-office"} - delivery.delivered

    reply = email.message_from_bytes(mail.raw)
    assert (reply["In-Reply-To"], subject(reply)) == ("<ours@163.com>", "回复：受理告知")
    assert waiting == {"out-of-office"}
    assert LIN.address not in {CHEN.address, GONE}


def test_a_mail_to_our_own_mailbox_comes_back_unchanged() -> None:
    heartbeat = b"Subject: heartbeat\r\nMessage-ID: <beat@163.com>\r\n\r\nstill here\r\n"
    with delivering(3600, ["reply"]) as (server, sink, _):
        with smtplib.SMTP(sink.host, sink.port, timeout=5) as client:
            client.sendmail(PRIMARY, [PRIMARY], heartbeat)
        until = time.monotonic() + 5
        while not server.office.mails(PRIMARY, "INBOX") and time.monotonic() < until:
            time.sleep(0.01)

        assert [mail.raw for mail in server.office.mails(PRIMARY, "INBOX")] == [heartbeat]
