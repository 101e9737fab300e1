"""The environment: defaults, what each wrong variable is answered with, and what is never printed."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from config.settings import Settings, SettingsError, environment_secret
from tests.config.a_office import MAILBOX, OFFICE, environment, problems_of

SECRET = "Zq8-a-secret-nobody-may-see"
HTTP = "[security]\nallow_http = true\n"


def settings(folder: Path, office: str = OFFICE, **changes: str) -> Settings:
    return Settings.from_environment(environment(folder, office, **changes))


def test_without_any_variable_everything_lies_in_the_data_directory() -> None:
    found = Settings.from_environment({})

    assert found.data_dir.name == "var"
    assert found.database_url == f"sqlite:///{found.data_dir.as_posix()}/hotline.sqlite3"
    assert (found.secret_key_file.parent, found.key_file.parent) == (found.data_dir, found.data_dir)
    assert (found.listen_host, found.listen_port) == ("127.0.0.1", 8000)
    assert found.base_url == "http://127.0.0.1:8000"
    assert (found.test_hooks, found.test_now, found.failpoint, found.demo) == (False, None, None, False)
    assert found.warnings() == []


def test_an_empty_variable_is_an_absent_one(tmp_path: Path) -> None:
    empty = dict.fromkeys(
        ("SECRET_KEY", "DATABASE_URL", "HOTLINE_LISTEN", "HOTLINE_NOW", "HOTLINE_DEMO"), " "
    )

    assert settings(tmp_path, **empty) == settings(tmp_path)


def test_backups_make_themselves_only_where_a_folder_is_named(tmp_path: Path) -> None:
    assert settings(tmp_path).backup_dir is None
    assert settings(tmp_path, HOTLINE_BACKUP_DIR=str(tmp_path / "usb")).backup_dir == tmp_path / "usb"


def test_a_backup_folder_is_neither_a_file_nor_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "data", tmp_path / "data" / "blobs" / "x"):
        (problem,) = problems_of(
            environment(tmp_path, HOTLINE_DATA_DIR=str(tmp_path / "data"), HOTLINE_BACKUP_DIR=str(wrong))
        )
        assert "HOTLINE_BACKUP_DIR" in problem


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings(tmp_path).demo = True  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@db/hotline", "postgresql+psycopg://u:p@db/hotline"),
        ("postgres://db/hotline", "postgresql+psycopg://db/hotline"),
        (
            "postgresql+psycopg://db/hotline?sslmode=require",
            "postgresql+psycopg://db/hotline?sslmode=require",
        ),
        ("sqlite:////data/a.db", "sqlite:////data/a.db"),
        ("sqlite:////data/a.db?timeout=5", "sqlite:////data/a.db?timeout=5"),
    ],
)
def test_the_database_is_sqlite_or_postgresql(tmp_path: Path, given: str, used: str) -> None:
    assert settings(tmp_path, DATABASE_URL=given).database_url == used


def test_a_relative_sqlite_file_starts_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert (
        settings(tmp_path, DATABASE_URL="sqlite:///a.db").database_url
        == f"sqlite:///{tmp_path.as_posix()}/a.db"
    )


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter2@db/x", "sqlite://", "sqlite:///:memory:", "hunter2", "postgresql"]
)
def test_another_database_is_refused_without_showing_its_password(tmp_path: Path, url: str) -> None:
    [problem] = problems_of(environment(tmp_path, DATABASE_URL=url))

    assert "DATABASE_URL 应是" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("url", "cookie", "secure"),
    [
        ("https://hotline.example.gov.cn", "__Host-session", True),
        ("https://127.0.0.1", "__Host-session", True),
        ("http://127.0.0.1:8000", "session", False),
        ("http://localhost:8000/", "session", False),
        ("http://[::1]:8000", "session", False),
    ],
)
def test_the_base_url_decides_the_cookies(tmp_path: Path, url: str, cookie: str, secure: bool) -> None:
    found = settings(tmp_path, HOTLINE_BASE_URL=url)

    assert (found.session_cookie_name, found.secure_cookies) == (cookie, secure)
    assert found.base_url == url.rstrip("/")


def test_http_in_the_office_network_needs_allow_http_and_stays_a_warning(tmp_path: Path) -> None:
    there = {"HOTLINE_BASE_URL": "http://192.168.1.20:8000", "HOTLINE_LISTEN": "192.168.1.20:8000"}

    [problem] = problems_of(environment(tmp_path, **there))
    assert "网址「http://192.168.1.20:8000」没有加密" in problem
    assert "allow_http = true" in problem

    allowed = settings(tmp_path, OFFICE + HTTP, **there)
    assert (allowed.session_cookie_name, allowed.secure_cookies) == ("session", False)
    assert "没有加密" in allowed.warnings()[0]


def test_the_base_url_follows_the_listening_address(tmp_path: Path) -> None:
    assert settings(tmp_path, HOTLINE_LISTEN="127.0.0.1:8123").base_url == "http://127.0.0.1:8123"
    assert settings(tmp_path, HOTLINE_LISTEN="[::1]:8123").base_url == "http://[::1]:8123"
    assert (
        "必须用环境变量 HOTLINE_BASE_URL"
        in problems_of(environment(tmp_path, HOTLINE_LISTEN="0.0.0.0:8000"))[0]
    )
    assert "没有加密" in problems_of(environment(tmp_path, HOTLINE_LISTEN="10.0.0.5:8000"))[0]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HOTLINE_LISTEN", "8000", "应是“地址:端口”"),
        ("HOTLINE_LISTEN", "127.0.0.1:0", "应是“地址:端口”"),
        ("HOTLINE_LISTEN", "127.0.0.1:70000", "应是“地址:端口”"),
        ("HOTLINE_LISTEN", ":8000", "应是“地址:端口”"),
        ("HOTLINE_BASE_URL", "hotline.example.gov.cn", "应是网址"),
        ("HOTLINE_BASE_URL", "ftp://hotline.example.gov.cn", "应是网址"),
        ("HOTLINE_BASE_URL", "https://hotline.example.gov.cn/app", "应是网址"),
        ("HOTLINE_BASE_URL", "https://hotline.example.gov.cn?x", "应是网址"),
        ("HOTLINE_BASE_URL", "https://host:99999", "应是网址"),
        ("HOTLINE_BASE_URL", "https://[::1", "应是网址"),
        ("HOTLINE_TEST_HOOKS", "yes", "只能是 1（打开）或 0（关闭）"),
        ("HOTLINE_DEMO", "true", "只能是 1（打开）或 0（关闭）"),
        ("HOTLINE_DATA_DIR", "a\nb", "不是有效的路径"),
        ("HOTLINE_DATA_DIR", "what?", "路径里不能有问号"),
        ("HOTLINE_KEY_FILE", "a\x00b", "不是有效的路径"),
    ],
)
def test_a_wrong_variable_is_quoted_in_one_sentence(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    [problem] = problems_of({**environment(tmp_path), name: value})

    assert problem.startswith(f"环境变量 {name}=「")
    assert sentence in problem
    assert "\n" not in problem


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    there = environment(tmp_path)

    assert "应是一个文件夹" in problems_of({**there, "HOTLINE_DATA_DIR": there["HOTLINE_OFFICE_FILE"]})[0]


def test_test_switches_work_on_this_machine(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        HOTLINE_TEST_HOOKS="1",
        HOTLINE_NOW="2026-11-23T09:00:00+08:00",
        HOTLINE_FAILPOINT="mail.stored:3",
    )

    assert found.test_now == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert found.failpoint == ("mail.stored", 3)
    assert "HOTLINE_TEST_HOOKS" in found.warnings()[0]
    once = settings(
        tmp_path, HOTLINE_TEST_HOOKS="1", HOTLINE_NOW="2026-11-23T01:00:00.5Z", HOTLINE_FAILPOINT="a"
    )
    assert (once.test_now, once.failpoint) == (datetime(2026, 11, 23, 1, 0, 0, 500_000, tzinfo=UTC), ("a", 1))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"HOTLINE_TEST_HOOKS": "1", "HOTLINE_BASE_URL": "https://hotline.example.gov.cn"},
            "HOTLINE_TEST_HOOKS 只供测试",
        ),
        ({"HOTLINE_TEST_HOOKS": "1", "HOTLINE_BASE_URL": "https://127.0.0.1"}, "HOTLINE_TEST_HOOKS 只供测试"),
        ({"HOTLINE_NOW": "2026-11-23T09:00:00Z"}, "HOTLINE_NOW 只供测试"),
        ({"HOTLINE_FAILPOINT": "a"}, "HOTLINE_FAILPOINT 只供测试"),
        ({"HOTLINE_TEST_HOOKS": "1", "HOTLINE_NOW": "2026-11-23T09:00:00"}, "应是带时区的时间"),
        ({"HOTLINE_TEST_HOOKS": "1", "HOTLINE_NOW": "0001-01-01T00:00:00+14:00"}, "应是带时区的时间"),
        ({"HOTLINE_TEST_HOOKS": "1", "HOTLINE_NOW": "2026-13-23T09:00:00Z"}, "应是带时区的时间"),
        ({"HOTLINE_TEST_HOOKS": "1", "HOTLINE_FAILPOINT": "a:0"}, "应是“名称”或“名称:第几次”"),
        (
            {"HOTLINE_DEMO": "1", "HOTLINE_BASE_URL": "https://hotline.example.gov.cn"},
            "HOTLINE_DEMO=1 是演练模式",
        ),
        (
            {"HOTLINE_DEMO": "1", "HOTLINE_LISTEN": "0.0.0.0:80", "HOTLINE_BASE_URL": "http://localhost"},
            "HOTLINE_DEMO=1 是演练模式",
        ),
    ],
)
def test_test_switches_and_demo_are_refused_elsewhere(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    [problem] = problems_of({**environment(tmp_path), **changes})

    assert sentence in problem


def test_test_hooks_are_refused_in_the_office_network_even_with_allow_http(tmp_path: Path) -> None:
    there = environment(
        tmp_path,
        OFFICE + HTTP,
        HOTLINE_BASE_URL="http://10.0.0.5:8000",
        HOTLINE_TEST_HOOKS="1",
        HOTLINE_DEMO="1",
    )

    assert len(problems_of(there)) == 2


def test_the_secret_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    assert settings(tmp_path).secret_key is None  # `init` makes it

    assert settings(tmp_path, SECRET_KEY=SECRET).secret_key == SECRET
    file = tmp_path / "key"
    assert settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key_file == file
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    assert settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key == SECRET
    assert "只能设一个" in problems_of(environment(tmp_path, SECRET_KEY=SECRET, SECRET_KEY_FILE=str(file)))[0]


@pytest.mark.parametrize("weak", ["dev", "changeme-now", "aaaaaaaaaaaaaaaaaaaaaaaa", "abcdabcdabcdabcdabcd"])
def test_a_weak_secret_key_is_refused_and_not_shown(tmp_path: Path, weak: str) -> None:
    [problem] = problems_of(environment(tmp_path, SECRET_KEY=weak))

    assert "太简单" in problem
    assert weak not in problem


def test_a_secret_key_of_broken_bytes_is_refused(tmp_path: Path) -> None:
    [problem] = problems_of(environment(tmp_path, SECRET_KEY=f"{SECRET}\udcff"))

    assert problem == "环境变量 SECRET_KEY 含有无法使用的字符。"


def test_a_secret_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SECRET)
    file.chmod(0o644)

    [problem] = problems_of(environment(tmp_path, SECRET_KEY_FILE=str(file)))
    assert f"chmod 600 {file}" in problem


def test_a_secret_is_read_from_its_variable_or_file(tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_bytes(b"\xef\xbb\xbfABCD EFGH\r\n")

    assert environment_secret("CODE", {}) is None
    assert environment_secret("CODE", {"CODE": " x "}) == "x"
    assert environment_secret("CODE", {"CODE_FILE": str(file)}) == "ABCD EFGH"
    with pytest.raises(SettingsError, match="只能设一个"):
        environment_secret("CODE", {"CODE": "x", "CODE_FILE": str(file)})


def test_a_password_file_that_is_missing_is_told_at_the_start(tmp_path: Path) -> None:
    text = OFFICE + MAILBOX + 'password_env = "BOX_CODE"\n'

    assert (
        settings(tmp_path, text).office.mailboxes[0].password_env == "BOX_CODE"
    )  # not set up yet: no problem
    [problem] = problems_of(environment(tmp_path, text, BOX_CODE_FILE="/nowhere/code"))
    assert "BOX_CODE_FILE 指向的文件「/nowhere/code」读不了" in problem


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{SECRET}"',
        f'授权码 = "{SECRET}"'.replace("授权码", '"授权码"'),
        f'password_env = "{SECRET}"',
        f'password_env = ["{SECRET}"]',
        f'pasword_env = "{SECRET}"',
        f'password_env = "{SECRET}\\u0007"',
    ],
)
def test_a_code_pasted_into_office_toml_is_never_shown(tmp_path: Path, line: str) -> None:
    problems = problems_of(environment(tmp_path, OFFICE + MAILBOX + line + "\n"))

    assert SECRET not in "\n".join(problems)
    assert len(problems) == 1


def test_a_code_of_digits_without_quotes_is_never_shown(tmp_path: Path) -> None:
    [problem] = problems_of(environment(tmp_path, OFFICE + MAILBOX + "password_env = 8264120000\n"))

    assert "8264120000" not in problem


def test_a_code_that_looks_like_a_name_is_refused_unless_there_is_such_a_variable(tmp_path: Path) -> None:
    code = "QWERTYUIOPASDFGH"  # sixteen letters, as 163.com gives them out
    text = OFFICE + MAILBOX + f'password_env = "{code}"\n'

    [problem] = problems_of(environment(tmp_path, text))
    assert "不是授权码本身" in problem
    assert code not in problem
    assert settings(tmp_path, text, **{code: "x"}).office.mailboxes[0].password_env == code


def test_no_secret_is_printed_with_the_settings(tmp_path: Path) -> None:
    text = OFFICE + MAILBOX + 'password_env = "BOX_CODE"\n'
    found = settings(
        tmp_path,
        text,
        SECRET_KEY=SECRET,
        BOX_CODE=f"{SECRET}2",
        DATABASE_URL=f"postgresql://u:{SECRET}3@db/x",
    )

    for printed in (repr(found), str(found), repr(found.office), repr(found.office.fingerprintable())):
        assert SECRET not in printed
        assert "BOX_CODE" not in printed
    [problem] = problems_of(
        environment(tmp_path, SECRET_KEY=SECRET, HOTLINE_BASE_URL=f"https://u:{SECRET}@host")
    )
    assert SECRET not in problem


def test_a_variable_that_is_nearly_ours_is_not_ignored_in_silence(tmp_path: Path) -> None:
    assert problems_of(environment(tmp_path, HOTLINE_DATADIR="/data")) == (
        "没有名为「HOTLINE_DATADIR」的环境变量，是不是想写 HOTLINE_DATA_DIR？",
    )
    assert settings(tmp_path, HOTLINE_MAIL_CODE="x", OTHER="y")
    named = OFFICE + MAILBOX + 'password_env = "HOTLINE_KEYFILE"\n'
    assert settings(tmp_path, named, HOTLINE_KEYFILE="x")


def test_a_command_ends_with_the_sentences_alone(tmp_path: Path) -> None:
    @click.command()
    def start() -> None:
        Settings.from_environment(environment(tmp_path, HOTLINE_LISTEN="x", HOTLINE_DEMO="y"))

    result = CliRunner().invoke(start)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "环境变量 HOTLINE_LISTEN=「x」应是“地址:端口”，如 127.0.0.1:8000。",
        "环境变量 HOTLINE_DEMO=「y」只能是 1（打开）或 0（关闭）。",
    ]
