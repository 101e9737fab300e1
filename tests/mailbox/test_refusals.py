"""When a mailbox cannot be read: one code, one sentence for the person in charge, and never the password."""

from __future__ import annotations

import logging
import socket
import ssl
from pathlib import Path

import pytest

from mail_ingest.imap_mailbox import check, open_mailbox
from mail_ingest.mailbox import ConnectionSettings, MailboxUnavailable
from tests.mailbox.scripted import PASSWORD, Answer, HangUp, ScriptedServer, Session
from tests.support.certificates import make_certificate

WRONG = "QRSTUVWXYZABCDEF"


def trouble_with(settings: ConnectionSettings) -> MailboxUnavailable:
    with pytest.raises(MailboxUnavailable) as trouble, open_mailbox(settings):
        pass
    return trouble.value


def login_says(words: bytes) -> Answer:
    def answer(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" " + words)

    return answer


def test_a_wrong_code_is_a_refused_login_that_says_where_to_get_a_new_one() -> None:
    with ScriptedServer() as server:
        result = check(server.settings(password=WRONG))

    assert (result.ok, result.code) == (False, "login_refused")
    assert "授权码不对或已失效" in result.message
    assert "新增授权码" in result.message
    assert server.verbs == ["CAPABILITY", "LOGIN"]  # one try, and no further word


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (b"NO LOGIN Login error or password error", "login_refused", "授权码不对或已失效"),
        (b"NO [AUTHENTICATIONFAILED] Authentication failed.", "login_refused", "授权码不对或已失效"),
        ("NO LOGIN 登录太频繁，请稍后再试".encode("gbk"), "login_refused", "先不要更换"),
        (b"NO too much fail authentication", "login_refused", "先不要更换"),
        (b"NO [UNAVAILABLE] Temporary authentication failure", "other", "系统会自动重试"),
        (b"BAD Request not ending with \\r\\n", "other", "系统会自动重试"),
        (b"NO LOGIN Unsafe Login. Please contact kefu@188.com for help", "unsafe_login", "密码没有错"),
    ],
)
def test_what_the_server_says_to_a_login(words: bytes, code: str, part: str) -> None:
    with ScriptedServer(answers={"LOGIN": login_says(words)}) as server:
        trouble = trouble_with(server.settings())

    assert trouble.code == code
    assert part in trouble.message
    assert str(trouble) == trouble.message


def test_what_the_server_says_in_gbk_is_kept_for_the_log() -> None:
    with ScriptedServer(answers={"LOGIN": login_says("NO 登录太频繁".encode("gbk"))}) as server:
        assert "登录太频繁" in trouble_with(server.settings()).detail


def test_the_password_is_nowhere_even_if_the_server_repeats_it(caplog: pytest.LogCaptureFixture) -> None:
    def parrot(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" NO failed: " + command)

    caplog.set_level(logging.DEBUG)
    with ScriptedServer(answers={"LOGIN": parrot}) as server:
        settings = server.settings()
        trouble = trouble_with(settings)

    shown = [trouble.message, trouble.detail, repr(trouble), repr(settings), str(settings), caplog.text]
    assert [text for text in shown if PASSWORD in text] == []
    assert trouble.__cause__ is None
    assert trouble.__suppress_context__


def test_without_a_code_nothing_is_connected_to() -> None:
    with ScriptedServer() as server:
        result = check(server.settings(password=""))

    assert (result.code, server.connections) == ("not_set_up", 0)
    assert "还没有填写授权码" in result.message


@pytest.mark.parametrize("password", ["全角ＡＢＣ", "abc\r\nA1 DELETE INBOX", "abc\n", "ab\tc"])
def test_a_code_that_cannot_be_one_is_not_sent(password: str) -> None:
    with ScriptedServer() as server:
        result = check(server.settings(password=password))

    assert (result.code, server.connections) == ("login_refused", 0)
    assert "重新粘贴" in result.message


def test_without_tls_only_this_machine_is_spoken_to() -> None:
    with ScriptedServer() as server:
        result = check(server.settings(host="imap.example.com"))

    assert (result.code, server.connections) == ("tls", 0)


def test_nobody_listening_is_unreachable() -> None:
    with ScriptedServer() as server:
        settings = server.settings()
    result = check(settings)

    assert result.code == "unreachable"
    assert "端口不接受连接" in result.message


def test_an_unknown_host_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_knows(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    with ScriptedServer() as server:
        result = check(server.settings(host="imap.invalid", tls=True))

    assert result.code == "unreachable"
    assert "可能是办公室断网" in result.message


def test_a_connection_that_is_cut_at_the_greeting_is_unreachable() -> None:
    def hang_up(session: Session) -> None:
        raise HangUp

    with ScriptedServer(greeting=hang_up) as server:
        assert check(server.settings()).code == "unreachable"


def test_a_server_that_is_busy_says_so() -> None:
    def busy(session: Session) -> None:
        session.say(b"* BYE Too many connections")

    with ScriptedServer(greeting=busy) as server:
        result = check(server.settings())

    assert result.code == "unreachable"
    assert "正忙" in result.message


def test_a_certificate_of_the_offices_own_is_accepted_from_its_file(tmp_path: Path) -> None:
    good = make_certificate(tmp_path)
    with ScriptedServer(tls=good.server_context()) as server:
        result = check(server.settings(tls=True, host="localhost", ca_file=str(good.certificate)))

    assert result.code == "ok"
    assert server.verbs[:4] == ["CAPABILITY", "LOGIN", "ID", "EXAMINE"]


@pytest.mark.parametrize(
    ("fault", "part"),
    [
        ("self-signed", "不可信"),
        ("expired", "已经过期"),
        ("another host", "不是发给 localhost 的"),
        ("old tls", "建立不了加密连接"),
        ("no tls", "建立不了加密连接"),
    ],
)
def test_a_connection_that_is_not_surely_the_servers_is_refused_before_the_login(
    tmp_path: Path, fault: str, part: str
) -> None:
    names = ("imap.example.com",) if fault == "another host" else ("localhost", "127.0.0.1")
    certificate = make_certificate(tmp_path, names=names, expired=fault == "expired")
    context = None if fault == "no tls" else certificate.server_context()
    if fault == "old tls" and context is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    trusted = None if fault == "self-signed" else str(certificate.certificate)
    with ScriptedServer(tls=context) as server:
        result = check(server.settings(tls=True, host="localhost", ca_file=trusted))

    assert (result.ok, result.code) == (False, "tls")
    assert part in result.message
    assert "LOGIN" not in server.verbs


def test_a_missing_certificate_file_is_named() -> None:
    with ScriptedServer() as server:
        result = check(server.settings(tls=True, ca_file="nowhere.pem"))

    assert (result.code, server.connections) == ("tls", 0)
    assert "nowhere.pem" in result.message


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    def drip(session: Session) -> None:
        session.drip(b"\x16\x03\x03\x40\x00" + b"x" * 400)

    with ScriptedServer(greeting=drip) as server:
        result = check(
            server.settings(tls=True, host="localhost", timeout_seconds=10.0, deadline_seconds=0.5)
        )

    assert result.code == "timeout"
