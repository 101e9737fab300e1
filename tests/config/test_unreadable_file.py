"""A file that cannot be read as TOML at all: one sentence, with the place, never with the line itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings
from tests.config.a_office import OFFICE, environment, problems_of

SECRET = "Zq8-a-secret-nobody-may-see"


def test_a_missing_or_unreadable_office_file_is_one_sentence(tmp_path: Path) -> None:
    there = environment(tmp_path)
    file = Path(there["HOTLINE_OFFICE_FILE"])

    file.write_bytes("[office]\nname = '安溪'".encode("gbk"))
    assert "不是 UTF-8 编码" in problems_of(there)[0]
    file.unlink()
    assert problems_of(there) == (f"找不到配置文件 {file}。",)
    file.mkdir()
    assert "读不了配置文件" in problems_of(there)[0]


def test_a_file_from_notepad_is_read(tmp_path: Path) -> None:
    there = environment(tmp_path)
    Path(there["HOTLINE_OFFICE_FILE"]).write_bytes(b"\xef\xbb\xbf" + OFFICE.replace("\n", "\r\n").encode())

    assert Settings.from_environment(there).office.name == "测试县教育局"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x = “引号”", "第 3 行第 5 列：写法不对"),
        ('name = "又一个"', "同一个配置项或小节写了两次"),
        ("[mail", "写法不对"),
        (f'password = "{SECRET}', "写法不对"),
        ("x = " + "[" * 5000, "套得太深"),
    ],
)
def test_a_file_that_is_not_toml_is_answered_with_its_place(tmp_path: Path, line: str, sentence: str) -> None:
    [problem] = problems_of(environment(tmp_path, f'[office]\nname = "一"\n{line}\n'))

    assert sentence in problem
    assert SECRET not in problem
