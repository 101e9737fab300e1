"""Reads a TOML file table by table; what is wrong is collected with its file and line, and reading goes on.

Every method of Table gives back a usable stand-in for a wrong value, so the caller must ask `Problems.raise_if_any`
before it believes anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config import toml_positions
from config.problems import Problems, did_you_mean, quoted

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")

_MAX_BYTES = 1_000_000
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_SECRET_NAMES = frozenset({"password", "passwd", "pass", "secret", "code", "auth_code", "授权码", "密码"})


@dataclass(frozen=True)
class Source:
    """The file that is read: its name for messages, its lines, and where its problems are collected."""

    name: str
    folder: Path
    lines: Mapping[toml_positions.Path, int]
    problems: Problems


def read_toml(path: Path, shown_as: str, problems: Problems) -> Table | None:
    """The outermost table of a file, or None (and a problem) if it cannot be read at all."""
    text = _text_of(path, shown_as, problems)
    if text is None:
        return None
    try:
        data = tomllib.loads(text)
        lines = toml_positions.positions(text)
    except RecursionError:
        problems.add(f"{shown_as} 的方括号或花括号套得太深，无法读取。")
        return None
    except ValueError as error:
        problems.add(_syntax_problem(shown_as, str(error)))
        return None
    return Table(data, "", (), Source(shown_as, path.parent, lines, problems))


def _text_of(path: Path, shown_as: str, problems: Problems) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) <= _MAX_BYTES:
            return content.decode("utf-8-sig")  # Notepad writes a byte order mark
        problems.add(f"{shown_as} 太大（超过 1 MB），不像是配置文件。")
    except UnicodeDecodeError:
        problems.add(f"{shown_as} 不是 UTF-8 编码，请用记事本另存为 UTF-8。")
    except FileNotFoundError:
        problems.add(f"找不到配置文件 {shown_as}。")
    except OSError as error:
        problems.add(f"读不了配置文件 {shown_as}（{type(error).__name__}）。")
    return None


def _syntax_problem(shown_as: str, message: str) -> str:
    # The line itself is not shown: it may hold what somebody pasted by mistake.
    place = _PLACE.search(message)
    where = f"{shown_as} 第 {place[1]} 行第 {place[2]} 列" if place else f"{shown_as} 末尾"
    if any(words in message for words in ("overwrite", "twice", "already", "namespace")):
        return f"{where}：同一个配置项或小节写了两次。"
    return f"{where}：写法不对，请检查引号、方括号、等号是否漏写，或误用了中文引号和逗号。"


class Table:
    """One table of the file. A key that was never asked for is reported by `done`."""

    def __init__(
        self, data: Mapping[str, Any], label: str, path: toml_positions.Path, source: Source
    ) -> None:
        self._data = data
        self._label = label
        self._path = path
        self._known: set[str] = set()
        self.source = source

    def problem(self, key: str | None, sentence: str, *, at: str | None = None) -> None:
        """Collects one sentence about a key, or about the table itself; `at`: another key whose line is meant."""
        path = self._path if key is None and at is None else (*self._path, at or key or "")
        while path and path not in self.source.lines:
            path = path[:-1]
        line = self.source.lines.get(path)
        where = f"{self.source.name} 第 {line} 行" if line else self.source.name
        subject = " ".join(part for part in (self._label, key or "") if part)
        self.source.problems.add(f"{where}：{subject}{' ' if subject else ''}{sentence}")

    def has(self, key: str) -> bool:
        return key in self._data

    def text(
        self,
        key: str,
        *,
        default: str | None = None,
        accepts: Callable[[str], bool] | None = None,
        wanted: str = "",
        secret: bool = False,
    ) -> str:
        """A line of text; required if it has no default. `secret`: the value is never shown."""
        value = self._take(key, required=default is None)
        if value is None:
            return default or ""
        shown = "" if secret else f"，现在是 {quoted(value)}"
        if not isinstance(value, str):
            self.problem(key, f'应写成带引号的文字，如 {key} = "…"{shown}。')
            return default or ""
        text = value.strip()
        if not text and default is None:
            self.problem(key, "不能为空。")
        elif text and not text.isprintable():
            self.problem(key, f"不能有换行或看不见的字符{shown}。")
        elif text and accepts and not accepts(text):
            self.problem(key, f"应是{wanted}{shown}。")
        else:
            return text
        return default or ""

    def texts(
        self, key: str, *, default: Sequence[str] | None = None, accepts: Callable[[str], bool], wanted: str
    ) -> tuple[str, ...]:
        """A list of short texts without repetition; required if it has no default."""
        value = self._take(key, required=default is None)
        if value is None:
            return tuple(default or ())
        if not isinstance(value, list):
            self.problem(key, f'应写成列表，如 {key} = ["…"]，现在是 {quoted(value)}。')
            return tuple(default or ())
        good: list[str] = []
        for item in value:
            text = item.strip() if isinstance(item, str) else ""
            if not text.isprintable() or not text or not accepts(text):
                self.problem(key, f"里的每一项应是{wanted}，现在有 {quoted(item)}。")
            elif text in good:
                self.problem(key, f"里 {quoted(text)} 写了两次。")
            else:
                good.append(text)
        return tuple(good)

    def choices(
        self, key: str, table: Mapping[str, str], *, default: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """A list of words from a table of words and their Chinese names."""
        offered = "、".join(f"{word}（{label}）" for word, label in table.items())
        return self.texts(key, default=default, accepts=table.__contains__, wanted=f"这些之一：{offered}")

    def whole(
        self, key: str, *, default: int | None = None, at_least: int, at_most: int, why: str = ""
    ) -> int:
        """A whole number within bounds; required if it has no default."""
        value = self._take(key, required=default is None)
        fallback = at_least if default is None else default
        if value is None:
            return fallback
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(key, f"应是不带引号的整数，现在是 {quoted(value)}。")
            return fallback
        if not at_least <= value <= at_most:
            self.problem(key, f"应在 {at_least} 到 {at_most} 之间{why}，现在是 {quoted(value)}。")
            return fallback
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(key, f"应是 true 或 false（不带引号），现在是 {quoted(value)}。")
            return default
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A day of the office's calendar, as 2026-09-01, with or without quotes."""
        value = self._take(key, required=required)
        if value is None:
            return None
        day = _as_date(value)
        if isinstance(day, datetime) or not _is_sensible(day):
            self.problem(
                key, f"应是 {_FIRST_YEAR} 到 {_LAST_YEAR} 年间的日期，如 2026-09-01，现在是 {quoted(value)}。"
            )
            return None
        return day

    def moment(self, key: str) -> datetime | None:
        """A moment in UTC; a bare day means its first moment in the office, and so does a time without a zone."""
        value = self._take(key)
        if value is None:
            return None
        day = _as_date(value)
        if day is None or not _is_sensible(day):
            self.problem(
                key, f"应是 {_FIRST_YEAR} 到 {_LAST_YEAR} 年间的日期，如 2026-09-01，现在是 {quoted(value)}。"
            )
            return None
        moment = day if isinstance(day, datetime) else datetime.combine(day, time.min)
        return (moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)

    def time_of_day(self, key: str) -> time | None:
        """A time of day as "17:30"."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, time) and not value.second and not value.microsecond:
            return value
        if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value.strip(), re.ASCII):
            return time.fromisoformat(value.strip())
        self.problem(key, f'应是 "17:30" 这样的时刻，现在是 {quoted(value)}。')
        return None

    def raw(self, key: str) -> Any:
        """The value as it stands, for a key whose form only the caller knows; None if absent."""
        return self._take(key)

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """A [table] inside this one."""
        self._known.add(key)
        label = self._label_of(key)
        if key not in self._data:
            if required:
                self.problem(None, f"缺少小节 [{label}]。")
            return None
        value = self._data[key]
        if not isinstance(value, dict):
            hint = "只能写一个，用单层方括号" if isinstance(value, list) else "应写成小节"
            self.problem(key, f"{hint} [{label}]。")
            return None
        return Table(value, f"[{label}]", (*self._path, key), self.source)

    def tables(self, key: str, *, required: bool = False) -> list[Table]:
        """All [[tables]] of a name, in their order."""
        self._known.add(key)
        label = self._label_of(key)
        value = self._data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, f"应写成两层方括号的小节 [[{label}]]。")
            return []
        if not value and required:
            self.problem(None, f"至少要有一个小节 [[{label}]]。")
        return [
            Table(item, f"[[{label}]]", (*self._path, key, index), self.source)
            for index, item in enumerate(value)
        ]

    def done(self) -> None:
        """Reports every key that nobody asked for."""
        for key in self._data:
            if key in self._known:
                continue
            if key.lower() in _SECRET_NAMES and "password_env" in self._known:
                sentence = f"里不要写授权码或密码（{quoted(key)}）。请用 password_env 写环境变量名，或登录后在页面上粘贴。"
            else:
                kind = "小节" if not self._label and isinstance(self._data[key], (dict, list)) else "配置项"
                hint = did_you_mean(key, self._known) or f"可用的有：{'、'.join(sorted(self._known))}。"
                sentence = f"没有名为 {quoted(key)} 的{kind}，{hint}"
            self.problem(None, sentence, at=key)

    def _label_of(self, key: str) -> str:
        outer = self._label.strip("[]")
        return f"{outer}.{key}" if outer else key

    def _take(self, key: str, *, required: bool = False) -> Any:
        self._known.add(key)
        if required and key not in self._data:
            self.problem(None, f"缺少必填项 {key}。")
        return self._data.get(key)


def _as_date(value: object) -> date | None:
    """A date or datetime, also out of a text; None for anything else."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return (
            date.fromisoformat(value.strip())
            if len(value.strip()) <= 10
            else datetime.fromisoformat(value.strip())
        )
    except ValueError:
        return None


def _is_sensible(day: date | None) -> bool:
    return day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR
