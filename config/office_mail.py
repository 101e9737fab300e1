"""Reads what office.toml says of mail servers: [[mailboxes]], [mailboxes.smtp], [smtp]."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path

from config.network import is_host, is_loopback, is_mail_address
from config.office import MailboxSettings, SectionSettings, SmtpSettings
from config.problems import did_you_mean, quoted
from config.toml_reader import Table

MAIL_ADDRESS = "邮箱地址，如 zjg23236764@163.com"
_HOST = "主机名或 IP 地址，不带 http:// 和端口，如 imap.163.com"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LIKE_A_CODE = re.compile(r"[A-Za-z0-9]{16}")
_PORTS_OF_163 = {"imap.163.com": (993,), "smtp.163.com": (465, 994)}


class MailReader:
    """Reads mailboxes and senders; the environment only tells whether a named variable exists."""

    def __init__(self, sections: tuple[SectionSettings, ...], environ: Mapping[str, str]) -> None:
        self._sections = {section.slug: section for section in sections}
        self._environ = environ
        self._seen: set[str] = set()

    def mailbox(self, table: Table) -> MailboxSettings:
        address = table.text("address", accepts=is_mail_address, wanted=MAIL_ADDRESS).lower()
        if address and address in self._seen:
            table.problem("address", f"{quoted(address)} 写了两次，每个邮箱只能写一次。")
        self._seen.add(address)
        closed = table.flag("closed", default=False)
        section = table.text("section")
        self._check_section(table, section, mailbox_is_closed=closed)
        host, port, tls = _server(table)
        ca_file = _ca_file(table)
        username = table.text("username", default=address)
        password_env = self._password_env(table)
        smtp = table.table("smtp")
        mailbox = MailboxSettings(
            address=address,
            section=section,
            host=host,
            port=port,
            tls=tls,
            ca_file=ca_file,
            username=username,
            password_env=password_env,
            folders=_folders(table),
            intake_from=table.moment("intake_from"),
            closed=closed,
            smtp=_own_smtp(smtp, address, username, password_env, ca_file) if smtp else None,
        )
        table.done()
        return mailbox

    def sender(self, table: Table) -> SmtpSettings:
        address = table.text("from", accepts=is_mail_address, wanted=MAIL_ADDRESS).lower()
        host, port, tls = _server(table)
        sender = SmtpSettings(
            address=address,
            host=host,
            port=port,
            tls=tls,
            ca_file=_ca_file(table),
            auth=table.flag("auth", default=True),
            username=table.text("username", default=address),
            password_env=self._password_env(table),
        )
        table.done()
        return sender

    def _check_section(self, table: Table, slug: str, *, mailbox_is_closed: bool) -> None:
        section = self._sections.get(slug)
        if section is None and slug:
            hint = did_you_mean(slug, self._sections) or f"可用的有：{'、'.join(self._sections)}。"
            table.problem("section", f"{quoted(slug)} 不是 [[sections]] 里的股室代号（slug），{hint}")
        elif section and section.closed and not mailbox_is_closed:
            table.problem(
                "section",
                f"{quoted(slug)} 已停用（closed = true），来件没有股室办理；请改写股室，或停用这个邮箱。",
            )

    def _password_env(self, table: Table) -> str | None:
        # The code itself is often pasted here, so no message shows the value.
        name = table.text("password_env", default="", secret=True)
        if not name:
            return None
        known = name in self._environ or f"{name}_FILE" in self._environ
        if not _VARIABLE.fullmatch(name) or (_LIKE_A_CODE.fullmatch(name) and not known):
            table.problem(
                "password_env",
                "要写环境变量的名字（字母、数字、下划线），如 MAIL_CODE_ZHONGJIAO，不是授权码本身；如果贴了授权码，请删掉并到邮箱网页上换一个。",
            )
            return None
        return name


def _server(table: Table) -> tuple[str, int, bool]:
    host = table.text("host", accepts=is_host, wanted=_HOST).lower()
    port = table.whole("port", at_least=1, at_most=65535)
    tls = table.flag("tls", default=True)
    if not tls and host and not is_loopback(host):
        table.problem("tls", f"= false 只能用于本机；连接 {quoted(host)} 必须加密，请删去这一行。")
    usual = _PORTS_OF_163.get(host)
    if usual and table.has("port") and port not in usual:
        table.problem("port", f"应是 {' 或 '.join(map(str, usual))}（{host} 的加密端口），现在是 {port}。")
    return host, port, tls


def _ca_file(table: Table) -> Path | None:
    text = table.text("ca_file", default="")
    if not text:
        return None
    path = table.source.folder / text
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        table.problem(
            "ca_file",
            f"{quoted(text)} 不存在，或不是 PEM 格式的证书文件（相对路径从配置文件所在的文件夹算起）。",
        )
        return None
    return path


def _folders(table: Table) -> tuple[str, ...] | None:
    value = table.raw("folders")
    if value is None or value == "auto":
        return None
    names = table.texts("folders", accepts=bool, wanted="文件夹名")
    if value == []:
        table.problem("folders", '应是 "auto"，或至少写一个文件夹，如 ["INBOX"]。')
    return names


def _own_smtp(
    table: Table, address: str, username: str, password_env: str | None, ca_file: Path | None
) -> SmtpSettings:
    host, port, tls = _server(table)
    auth = table.flag("auth", default=True)
    table.done()
    return SmtpSettings(
        address=address,
        host=host,
        port=port,
        tls=tls,
        ca_file=ca_file,
        auth=auth,
        username=username,
        password_env=password_env,
    )
