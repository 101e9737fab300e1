"""Reads the environment variables of the process, with what is wrong in them said in plain words."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from config.network import is_host, is_loopback
from config.office import Office
from config.office_reader import read_office
from config.problems import Problems, SettingsError, did_you_mean, printable, quoted

PROJECT = Path(__file__).resolve().parents[1]

_NAMES = (
    "HOTLINE_DATA_DIR",
    "HOTLINE_OFFICE_FILE",
    "HOTLINE_KEY_FILE",
    "HOTLINE_BACKUP_DIR",
    "HOTLINE_BASE_URL",
    "HOTLINE_LISTEN",
    "HOTLINE_TEST_HOOKS",
    "HOTLINE_NOW",
    "HOTLINE_FAILPOINT",
    "HOTLINE_DEMO",
)
_SECRET_KEY_LENGTH = 16
_SECRET_KEY_DIFFERENT = 5
_SECRET_FILE_BYTES = 100_000
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_FAILPOINT = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,100})(?::(?P<passes>[1-9][0-9]{0,8}))?")
_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]]+)):(?P<port>[0-9]{1,5})", re.ASCII)
_PSYCOPG = "postgresql+psycopg://"


def environment_secret(name: str, environ: Mapping[str, str]) -> str | None:
    """The secret in NAME, or in the file that NAME_FILE names; None if there is neither. Never log what it returns."""
    value = environ.get(name, "").strip()
    file = environ.get(f"{name}_FILE", "").strip()
    if value and file:
        raise SettingsError([f"环境变量 {name} 和 {name}_FILE 只能设一个。"])
    if not file:
        return value or None
    try:
        with Path(file).open("rb") as opened:
            return opened.read(_SECRET_FILE_BYTES).decode("utf-8-sig").strip() or None
    except (OSError, ValueError) as error:
        raise SettingsError(
            [f"环境变量 {name}_FILE 指向的文件 {quoted(file)} 读不了（{type(error).__name__}）。"]
        ) from None


class EnvironmentReader:
    """Reads variables one by one; a wrong one gives a usable stand-in and a problem."""

    def __init__(self, environ: Mapping[str, str], problems: Problems) -> None:
        self._environ = environ
        self._problems = problems

    def _get(self, name: str) -> str:
        # An empty variable is an absent one: compose files pass on names without values.
        return self._environ.get(name, "").strip()

    def _wrong(self, name: str, sentence: str) -> None:
        self._problems.add(f"环境变量 {name}={quoted(self._get(name))} {sentence}")

    def _secret(self, name: str) -> str | None:
        try:
            return environment_secret(name, self._environ)
        except SettingsError as error:
            for problem in error.problems:
                self._problems.add(problem)
            return None

    def path(self, name: str, default: Path) -> Path:
        """An absolute path; a relative one starts at the working directory."""
        text = self._get(name)
        if not text:
            return default
        if not text.isprintable():
            self._wrong(name, "不是有效的路径。")
            return default
        return Path(text).absolute()

    def data_dir(self) -> Path:
        name = "HOTLINE_DATA_DIR"
        folder = self.path(name, PROJECT / "var")
        try:
            wrong = folder.exists() and not folder.is_dir()
        except OSError:
            wrong = True
        if wrong:
            self._wrong(name, "应是一个文件夹。")
        if "?" in str(folder):  # it would begin the options of the database's URL
            self._wrong(name, "路径里不能有问号。")
        return folder

    def backup_dir(self, data_dir: Path) -> Path | None:
        """Where backups are made by themselves; None: nowhere."""
        name = "HOTLINE_BACKUP_DIR"
        if not self._get(name):
            return None
        folder = self.path(name, data_dir)
        if folder == data_dir or folder.is_relative_to(data_dir / "blobs"):
            self._wrong(name, "不能就是数据目录。请指到另一块硬盘或另一台机器上的文件夹。")
        elif folder.exists() and not folder.is_dir():
            self._wrong(name, "应是一个文件夹。")
        return folder

    def office(self) -> tuple[Path, Office | None]:
        path = self.path("HOTLINE_OFFICE_FILE", PROJECT / "config" / "office.toml")
        shown_as = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
        office = read_office(path, printable(shown_as), self._environ, self._problems)
        for name in _password_names(office):
            self._secret(name)
        return path, office

    def secret_key(self, data_dir: Path) -> tuple[str | None, Path]:
        """The key that signs cookies, and the file where `init` writes one if there is none yet."""
        path = self.path("SECRET_KEY_FILE", data_dir / "secret.key")
        given = bool(self._get("SECRET_KEY"))
        if given and self._get("SECRET_KEY_FILE"):
            self._problems.add("环境变量 SECRET_KEY 和 SECRET_KEY_FILE 只能设一个。")
            return None, path
        if given:
            key, where = self._get("SECRET_KEY"), "环境变量 SECRET_KEY "
        else:
            where = f"密钥文件 {printable(str(path))} "
            try:
                if not path.exists():
                    return None, path
                if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    self._problems.add(
                        f"{where}其他用户也能读，系统不启动。请执行：chmod 600 {printable(str(path))}"
                    )
                key = path.read_bytes()[:_SECRET_FILE_BYTES].decode("utf-8-sig").strip()
            except (OSError, ValueError) as error:
                self._problems.add(f"{where}读不了（{type(error).__name__}）。")
                return None, path
        if not key.isprintable():  # broken bytes could not be turned into a signature later
            self._problems.add(f"{where}含有无法使用的字符。")
        elif len(key) < _SECRET_KEY_LENGTH or len(set(key)) < _SECRET_KEY_DIFFERENT:
            self._problems.add(
                f"{where}太简单，至少要 {_SECRET_KEY_LENGTH} 个无规律的字符；不设时由 init 自动生成。"
            )
        return key, path

    def database_url(self, data_dir: Path) -> str:
        url = self._secret("DATABASE_URL")
        if url is None:
            return f"sqlite:///{(data_dir / 'hotline.sqlite3').as_posix()}"
        for scheme in ("postgresql://", "postgres://", _PSYCOPG):
            if url.startswith(scheme) and url.isprintable():
                return _PSYCOPG + url.removeprefix(scheme)
        place, _, options = url.removeprefix("sqlite:///").partition("?")
        if url.startswith("sqlite:///") and place and place != ":memory:" and url.isprintable():
            absolute = Path(place).absolute().as_posix()
            return f"sqlite:///{absolute}?{options}" if options else f"sqlite:///{absolute}"
        # The address is not shown: it may hold the database's password.
        self._problems.add(
            "环境变量 DATABASE_URL 应是 sqlite:///文件路径 或 postgresql://用户:密码@主机/数据库；不设时用数据目录里的 SQLite 数据库。"
        )
        return "sqlite://"

    def listen(self) -> tuple[str, int]:
        name = "HOTLINE_LISTEN"
        match = _LISTEN.fullmatch(self._get(name) or "127.0.0.1:8000")
        host = (match["six"] or match["host"]) if match else ""
        if not match or not is_host(host) or not 1 <= int(match["port"]) <= 65535:
            self._wrong(name, "应是“地址:端口”，如 127.0.0.1:8000。")
            return "127.0.0.1", 8000
        return host, int(match["port"])

    def base_url(self, listen_host: str, listen_port: int, *, allow_http: bool) -> str:
        """The address people type; it decides how cookies are set."""
        name = "HOTLINE_BASE_URL"
        text = self._get(name)
        if not text and listen_host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            self._problems.add(
                f"HOTLINE_LISTEN 对所有网卡开放（{listen_host}）时，必须用环境变量 {name} 写明同事打开的网址，如 https://hotline.example.gov.cn。"
            )
            return ""
        host_in_url = f"[{listen_host}]" if ":" in listen_host else listen_host
        url = (text or f"http://{host_in_url}:{listen_port}").rstrip("/")
        if "@" in url:
            self._problems.add(f"环境变量 {name} 里不能写用户名和密码。")
            return ""
        host = _host_of_plain_url(url)
        if host is None:
            self._wrong(name, "应是网址，只有协议、主机和端口，如 https://hotline.example.gov.cn。")
            return ""
        if url.lower().startswith("http://") and not is_loopback(host) and not allow_http:
            self._problems.add(
                f"网址 {quoted(url)} 没有加密，局域网里的人能看到密码和群众信息。请改用 https；"
                "确实只能用 http 时，在 office.toml 的 [security] 里写 allow_http = true。"
            )
        return url.lower()

    def test_switches(self, *, allowed: bool) -> tuple[bool, datetime | None, tuple[str, int] | None]:
        """Test hooks with their time and failpoint; refused wherever a real office could be at work."""
        hooks = self._switch("HOTLINE_TEST_HOOKS")
        if hooks and not allowed:
            self._problems.add(
                "HOTLINE_TEST_HOOKS 只供测试，网址必须是本机的 http 网址（如 http://127.0.0.1:8000）。"
            )
        for name in ("HOTLINE_NOW", "HOTLINE_FAILPOINT"):
            if self._get(name) and not hooks:
                self._problems.add(f"{name} 只供测试，要同时设 HOTLINE_TEST_HOOKS=1。")
        return hooks, self._now(), self._failpoint()

    def demo(self, *, allowed: bool) -> bool:
        demo = self._switch("HOTLINE_DEMO")
        if demo and not allowed:
            self._problems.add(
                "HOTLINE_DEMO=1 是演练模式，账号密码公开，HOTLINE_LISTEN 和 HOTLINE_BASE_URL 只能是本机的 http 地址。"
            )
        return demo

    def misspelt(self, office: Office | None) -> None:
        """A variable that is nearly one of ours would be ignored in silence. Named passwords may be called anything."""
        ours = {
            *_NAMES,
            *(variable for name in _password_names(office) for variable in (name, f"{name}_FILE")),
        }
        for name in self._environ:
            if name.startswith("HOTLINE_") and name not in ours:
                hint = did_you_mean(name, _NAMES, cutoff=0.85)
                if hint:
                    self._problems.add(f"没有名为 {quoted(name)} 的环境变量，{hint}")

    def _switch(self, name: str) -> bool:
        text = self._get(name)
        if text not in {"", "0", "1"}:
            self._wrong(name, "只能是 1（打开）或 0（关闭）。")
        return text == "1"

    def _now(self) -> datetime | None:
        name = "HOTLINE_NOW"
        text = self._get(name)
        if not text:
            return None
        try:
            if _RFC3339.fullmatch(text):
                return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._wrong(name, "应是带时区的时间，如 2026-11-23T09:00:00+08:00。")
        return None

    def _failpoint(self) -> tuple[str, int] | None:
        name = "HOTLINE_FAILPOINT"
        text = self._get(name)
        if not text:
            return None
        match = _FAILPOINT.fullmatch(text)
        if match is None:
            self._wrong(name, "应是“名称”或“名称:第几次”，如 mail.stored:2。")
            return None
        return match["name"], int(match["passes"] or 1)


def _host_of_plain_url(url: str) -> str | None:
    """The host of a URL that has nothing but scheme, host and port."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port != 0
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = (
        not (parts.path or parts.query or parts.fragment)
        and url.isprintable()
        and "?" not in url
        and "#" not in url
    )
    return host if parts.scheme in {"http", "https"} and plain and port_is_right and is_host(host) else None


def _password_names(office: Office | None) -> list[str]:
    """The variables that office.toml names for passwords."""
    if office is None:
        return []
    names = [mailbox.password_env for mailbox in office.mailboxes]
    if office.smtp:
        names.append(office.smtp.password_env)
    return [name for name in names if name]
