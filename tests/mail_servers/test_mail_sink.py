"""What the demonstration sends ends in the sink, and the sink can refuse as 163.com does."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from demo.mail_sink import CUT, MailSink
from tests.support.certificates import make_certificate

ADDRESS, CODE = "office@163.example", "GOODCODE"
MAIL = b"Subject: hello\r\n\r\nfirst\r\n.a line with a dot\r\nlast\r\n"


def send(sink: MailSink, *recipients: str, sender: str = ADDRESS, code: str | None = CODE) -> None:
    with smtplib.SMTP(sink.host, sink.port, timeout=5) as client:
        if code is not None:
            client.login(ADDRESS, code)
        client.sendmail(sender, recipients or ("parent@163.example",), MAIL)


def test_a_mail_is_kept_in_memory_and_in_the_folder(tmp_path: Path) -> None:
    with MailSink(accounts={ADDRESS: CODE}, folder=tmp_path / "sent") as sink:
        send(sink, "a@163.example", "b@163.example")

    (mail,) = sink.received
    assert (mail.sender, mail.recipients, mail.raw) == (ADDRESS, ("a@163.example", "b@163.example"), MAIL)
    assert [path.read_bytes() for path in (tmp_path / "sent").iterdir()] == [MAIL]


def test_without_accounts_nobody_has_to_log_in() -> None:
    with MailSink() as sink:
        send(sink, code=None)

    assert len(sink.received) == 1


def test_a_wrong_code_is_refused() -> None:
    with (
        MailSink(accounts={ADDRESS: CODE}) as sink,
        pytest.raises(smtplib.SMTPAuthenticationError) as refusal,
    ):
        send(sink, code="wrong")

    assert refusal.value.smtp_code == 535


def test_the_sender_must_be_the_account() -> None:
    with MailSink(accounts={ADDRESS: CODE}) as sink:
        with pytest.raises(smtplib.SMTPSenderRefused, match="authorized user"):
            send(sink, sender="other@163.example")
        with pytest.raises(smtplib.SMTPSenderRefused, match="authentication is required"):
            send(sink, code=None)

    assert sink.received == []


def test_a_script_refuses_a_recipient() -> None:
    with (
        MailSink(script=lambda verb, _: "550 User not found" if verb == "RCPT" else None) as sink,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        send(sink)


@pytest.mark.parametrize("answer", ["554 DT:SPM", CUT])
def test_a_script_refuses_or_breaks_off_after_the_mail(answer: str) -> None:
    with (
        MailSink(script=lambda verb, _: answer if verb == "." else None) as sink,
        pytest.raises((smtplib.SMTPDataError, smtplib.SMTPServerDisconnected)),
    ):
        send(sink)

    assert sink.received == []


def test_it_speaks_tls_as_port_465_does(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with (
        MailSink(accounts={ADDRESS: CODE}, tls=certificate.server_context()) as sink,
        smtplib.SMTP_SSL(sink.host, sink.port, context=certificate.client_context(), timeout=5) as client,
    ):
        client.login(ADDRESS, CODE)
        client.sendmail(ADDRESS, ["a@163.example"], MAIL)

    assert len(sink.received) == 1
