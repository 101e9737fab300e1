"""From what went wrong on the wire to one sentence for the person in charge of the mailbox; pure.

A sentence says what happened and what to do. What the server said goes into the detail, for the log: it may be GBK, and
some servers repeat the command they refuse, password included.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from typing import Literal, TypeAlias

from mail_ingest.mailbox import ConnectionSettings, MailboxUnavailable, TroubleCode

Stage: TypeAlias = Literal["connect", "login", "talk"]

NOT_SET_UP = "这个邮箱还没有填写授权码，系统暂时收不到它的来信。请用网页登录该邮箱 → 设置 → POP3/SMTP/IMAP → 新增授权码，再到〔邮箱设置〕粘贴。"
CODE_UNUSABLE = "授权码或用户名里有空格、中文或全角字符，没有尝试登录。请到〔邮箱设置〕重新粘贴授权码（只有英文字母和数字）。"
PLAIN_TEXT_REFUSED = (
    "没有加密的连接只允许连本机的邮件服务器，没有尝试登录。请管理员在 office.toml 里为这个邮箱设 tls = true。"
)
LOGIN_REFUSED = (
    "邮箱拒绝登录：授权码不对或已失效。怎么办：① 用网页登录该邮箱 → 设置 → POP3/SMTP/IMAP → 新增授权码（需要绑定的手机收短信）；"
    "② 到〔邮箱设置〕粘贴新授权码，系统当场测试并自动补收。如果刚刚换过，可能是短时间内登录太多次，请过两小时再看。"
)
TOO_MANY_LOGINS = "邮箱提示登录太频繁，暂时不让登录。授权码不一定有错，先不要更换；系统会放慢重试，两小时后仍未恢复再更换授权码。"
UNSAFE_LOGIN = (
    "网易暂时拒绝读取邮箱（提示“不安全登录”）。密码没有错，请不要修改密码。"
    "系统每 15 分钟重试；超过 2 小时仍未恢复请联系管理员。"
)
CUT_OFF = "与邮件服务器的连接中途断开，这次没有收全。系统会自动重试并补收，不会漏信；一直不恢复请联系管理员。"
BUSY = "邮件服务器正忙，暂时不接受连接。系统会自动重试并补收，不会漏信；超过 2 小时仍未恢复请联系管理员。"
NONSENSE = (
    "邮件服务器的回答不正常，这次没有收全。系统会自动重试并补收，不会漏信；超过 2 小时仍未恢复请联系管理员。"
)
_LOOK_AT_NETWORK = "可能是办公室断网。电话登记不受影响，恢复后自动补收。"
_NOT_SENT = "为防授权码被人截走，没有登录。"

_CERTIFICATE_SENTENCES = {
    9: "邮件服务器的安全证书还没有生效，多半是这台电脑的日期不对。请先校正本机日期和时间。",
    10: "邮件服务器的安全证书已经过期（也可能是这台电脑的日期不对）。请先核对本机日期，仍不行请联系管理员。",
    62: "邮件服务器的安全证书不是发给 {host} 的，可能连到了别的服务器。请管理员核对服务器地址和办公室网络。",
    64: "邮件服务器的安全证书不是发给 {host} 的，可能连到了别的服务器。请管理员核对服务器地址和办公室网络。",
}
_CERTIFICATE_UNKNOWN = (
    "邮件服务器 {host} 的安全证书不可信，可能有设备拦截了连接。请管理员核对服务器地址和办公室网络。"
)
_TLS_FAILED = "与邮件服务器 {host} 建立不了加密连接。请管理员核对端口（163 邮箱为 993）和办公室网络。"

# RFC 5530: these say that the server is unwell, not that the code is wrong.
_NOT_THE_CODE = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN|LIMIT)\b", re.IGNORECASE)
_TOO_OFTEN = re.compile(r"频繁|too (many|much|frequent)|frequen|limit exceed|\[LIMIT\b", re.IGNORECASE)
_UNREADABLE = re.compile("unexpected (tagged )?response|announces a literal")
_DETAIL_CHARACTERS = 300


def ca_file_trouble(settings: ConnectionSettings, error: OSError) -> MailboxUnavailable:
    """The file with the trusted certificate cannot be read; nothing was connected to."""
    message = f"找不到或读不懂证书文件 {settings.ca_file}，没有连接。请管理员核对 office.toml 里这个邮箱的 ca_file。"
    return MailboxUnavailable("tls", message, detail=type(error).__name__)


def trouble(
    error: BaseException,
    *,
    settings: ConnectionSettings,
    stage: Stage,
    deadline_passed: bool,
    uids: Sequence[int] = (),
) -> MailboxUnavailable:
    """What a caller is told about an exception of the library or the socket."""
    said = words_of(error)
    code, message = _judge(error, said, settings, stage, deadline_passed=deadline_passed)
    detail = _without_secrets(f"{type(error).__name__}: {said}", settings)
    return MailboxUnavailable(code, message, detail=detail, uids=uids)


def words_of(error: BaseException) -> str:
    """The server's own words out of an exception; servers in China answer in GBK as well as in UTF-8."""
    said = error.args[0] if isinstance(error, imaplib.IMAP4.error) and error.args else str(error)
    if not isinstance(said, bytes):
        return str(said)
    for charset in ("utf-8", "gb18030"):
        try:
            return said.decode(charset)
        except UnicodeDecodeError:
            continue
    return said.decode("ascii", "replace")


def _judge(
    error: BaseException, said: str, settings: ConnectionSettings, stage: Stage, *, deadline_passed: bool
) -> tuple[TroubleCode, str]:
    if deadline_passed:
        return "timeout", _too_slow(settings.deadline_seconds)
    if "unsafe login" in said.casefold():
        return "unsafe_login", UNSAFE_LOGIN
    if isinstance(error, OSError):
        return _judge_connection(error, settings, stage)
    is_busy = stage == "connect" and said.startswith("* BYE")
    if is_busy or isinstance(error, imaplib.IMAP4.abort):
        # The library says "abort" for a cut line, for a goodbye in the server's words, and for what it cannot read.
        is_nonsense = stage != "connect" and _UNREADABLE.search(said) is not None
        return ("other", NONSENSE) if is_nonsense else ("unreachable", BUSY if is_busy else CUT_OFF)
    if stage == "login" and _refuses_the_login(error, said):
        return "login_refused", TOO_MANY_LOGINS if _TOO_OFTEN.search(said) else LOGIN_REFUSED
    return "other", NONSENSE


def _judge_connection(error: OSError, settings: ConnectionSettings, stage: Stage) -> tuple[TroubleCode, str]:
    if stage != "connect":
        # A word that never comes is slowness; everything else, TLS included, is a line that broke.
        is_slow = isinstance(error, TimeoutError)
        return ("timeout", _too_slow(settings.timeout_seconds)) if is_slow else ("unreachable", CUT_OFF)
    if isinstance(error, TimeoutError):
        return "unreachable", f"连不上邮件服务器 {settings.host}，对方一直没有回应，{_LOOK_AT_NETWORK}"
    if isinstance(error, ssl.SSLError):
        return _judge_tls(error, settings)
    return "unreachable", _unreachable(error, settings)


def _judge_tls(error: ssl.SSLError, settings: ConnectionSettings) -> tuple[TroubleCode, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        sentence = _CERTIFICATE_SENTENCES.get(error.verify_code, _CERTIFICATE_UNKNOWN)
        return "tls", sentence.format(host=settings.host) + _NOT_SENT
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "unreachable", f"邮件服务器 {settings.host} 一连上就断开，{_LOOK_AT_NETWORK}"
    return "tls", _TLS_FAILED.format(host=settings.host) + _NOT_SENT


def _unreachable(error: OSError, settings: ConnectionSettings) -> str:
    if isinstance(error, socket.gaierror):
        return f"找不到邮件服务器 {settings.host}，{_LOOK_AT_NETWORK}"
    if isinstance(error, ConnectionRefusedError):
        return f"邮件服务器 {settings.host} 的 {settings.port} 端口不接受连接，请管理员核对服务器地址和端口。电话登记不受影响。"
    return f"连不上邮件服务器 {settings.host}，{_LOOK_AT_NETWORK}"


def _refuses_the_login(error: BaseException, said: str) -> bool:
    # BAD, which the library reports as "LOGIN command error", says that the command was not understood.
    understood = not said.startswith("LOGIN command error")
    return isinstance(error, imaplib.IMAP4.error) and understood and not _NOT_THE_CODE.search(said)


def _too_slow(seconds: float) -> str:
    return f"邮件服务器太慢，{seconds:g} 秒内没有收完，这次先停下。已收到的都已保存，系统会自动重试并补收，不会漏信；一直不恢复请联系管理员。"


def _without_secrets(detail: str, settings: ConnectionSettings) -> str:
    for secret in (settings.password, settings.username):
        if secret:
            detail = detail.replace(secret, "***")
    printable = "".join(character if character.isprintable() else " " for character in detail)
    return printable[:_DETAIL_CHARACTERS]
