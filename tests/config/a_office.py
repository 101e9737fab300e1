"""A small office.toml for tests, and the problems of one with a change in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.environment import PROJECT
from config.settings import Settings, SettingsError

OFFICE = """\
[office]
name = "测试县教育局"
short_name = "教育局"

[[sections]]
slug = "zhongjiao"
name = "中教股"
number_prefix = "ZJ"
stages = ["junior", "senior"]

[[sections]]
slug = "chuyoujiao"
name = "初幼教股"
number_prefix = "CY"
stages = ["kindergarten", "primary"]
"""

MAILBOX = """
[[mailboxes]]
address = "box@example.com"
section = "zhongjiao"
host = "imap.example.com"
port = 993
"""


def environment(folder: Path, office: str = OFFICE, **changes: str) -> dict[str, str]:
    """An environment with that office.toml in the folder."""
    file = folder / "office.toml"
    file.write_text(office, encoding="utf-8")
    return {"HOTLINE_DATA_DIR": str(folder / "data"), "HOTLINE_OFFICE_FILE": str(file), **changes}


def problems_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The sentences of the refusal."""
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(environ)
    assert refusal.value.exit_code == 2
    return refusal.value.problems


def line_of(text: str, part: str) -> int:
    """The number of the first line that contains the part."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def shipped_office() -> str:
    return (PROJECT / "config" / "office.toml").read_text(encoding="utf-8")
