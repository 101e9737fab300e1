"""The settings of one process, out of the environment and office.toml: right, or the process does not start.

Passwords of mailboxes are not kept here: whoever needs one asks `environment_secret` at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from config.environment import EnvironmentReader, environment_secret
from config.network import is_loopback
from config.office import Office
from config.problems import Problems, SettingsError

__all__ = ["Settings", "SettingsError", "environment_secret"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Frozen values; printing it shows no secret."""

    data_dir: Path
    database_url: str = field(repr=False)  # PostgreSQL's holds a password
    office_file: Path
    secret_key: str | None = field(repr=False)  # None: `init` has to make secret_key_file
    secret_key_file: Path
    key_file: Path
    backup_dir: Path | None = None
    base_url: str
    listen_host: str
    listen_port: int
    test_hooks: bool = False
    test_now: datetime | None = None
    failpoint: tuple[str, int] | None = None
    demo: bool = False
    office: Office = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads everything; SettingsError names every problem at once."""
        problems = Problems()
        reader = EnvironmentReader(environ, problems)
        data_dir = reader.data_dir()
        listen_host, listen_port = reader.listen()
        office_file, office = reader.office()
        secret_key, secret_key_file = reader.secret_key(data_dir)
        base_url = reader.base_url(
            listen_host, listen_port, allow_http=office is not None and office.security.allow_http
        )
        # A wrong URL is one problem already, not three.
        on_this_machine = not base_url or (base_url.startswith("http://") and is_loopback(_host_of(base_url)))
        test_hooks, test_now, failpoint = reader.test_switches(allowed=on_this_machine)
        database_url = reader.database_url(data_dir)
        key_file = reader.path("HOTLINE_KEY_FILE", data_dir / "keys.json")
        backup_dir = reader.backup_dir(data_dir)
        demo = reader.demo(allowed=on_this_machine and is_loopback(listen_host))
        reader.misspelt(office)
        if office is None or problems:
            raise problems.error()
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            office_file=office_file,
            secret_key=secret_key,
            secret_key_file=secret_key_file,
            key_file=key_file,
            backup_dir=backup_dir,
            base_url=base_url,
            listen_host=listen_host,
            listen_port=listen_port,
            test_hooks=test_hooks,
            test_now=test_now,
            failpoint=failpoint,
            demo=demo,
            office=office,
        )

    @property
    def secure_cookies(self) -> bool:
        """Over plain http a browser would not send back a Secure cookie: nobody could stay logged in."""
        return self.base_url.startswith("https://")

    @property
    def session_cookie_name(self) -> str:
        return "__Host-session" if self.secure_cookies else "session"

    @property
    def host(self) -> str:
        """The name or address people type, without the port."""
        return _host_of(self.base_url)

    @property
    def is_local(self) -> bool:
        """Whether people reach the pages on this machine only."""
        return is_loopback(_host_of(self.base_url))

    def warnings(self) -> list[str]:
        """What is allowed but must stay red in `doctor`."""
        found = []
        if not self.secure_cookies and not self.is_local:
            found.append(
                f"网址 {self.base_url} 没有加密（allow_http = true），密码和群众信息在网络上可被看到，请尽快改用 https。"
            )
        if self.test_hooks:
            found.append("测试开关 HOTLINE_TEST_HOOKS 已打开，不能用于正式受理。")
        return found


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""
