"""On which line each key of a TOML text stands; the standard reader does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")


class _LostError(Exception):
    """The text is not what the scanner thinks; what it found so far still helps."""


def positions(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and list element, of a text that `tomllib` has accepted."""
    scanner = _Scanner(text)
    with suppress(_LostError):
        scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._counts: dict[Path, int] = {}  # how many [[tables]] of a name were seen
        self.lines: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._take("[["):
                table = self._header("]]", repeated=True)
            elif self._take("["):
                table = self._header("]", repeated=False)
            else:
                self._pair(table)
            self._skip_blank()

    def _header(self, end: str, *, repeated: bool) -> Path:
        start = self._at
        parts = self._key()
        self._expect(end)
        path: Path = ()
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            self._note(path, start)
            if repeated and number == len(parts):
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
                self._note(path, start)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, start)
        self._expect("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip_blank()
            if match := _BARE_KEY.match(self._text, self._at):
                parts.append(match.group())
            elif match := _STRING.match(self._text, self._at):
                parts.append(tomllib.loads(f"key = {match.group()}")["key"])
            else:
                raise _LostError
            self._at = match.end()
            self._skip_blank()
            if not self._take("."):
                return parts

    def _value(self, path: Path) -> None:
        self._skip_blank()
        if self._take("["):
            self._elements(path)
        elif self._take("{"):
            self._inline_table(path)
        elif match := _STRING.match(self._text, self._at) or _PLAIN_VALUE.match(self._text, self._at):
            self._at = match.end()
        else:
            raise _LostError

    def _elements(self, path: Path) -> None:
        index = 0
        self._skip_blank()
        while not self._take("]"):
            self._note((*path, index), self._at)
            self._value((*path, index))
            self._skip_blank()
            self._take(",")
            self._skip_blank()
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._skip_blank()
        while not self._take("}"):
            self._pair(path)
            self._skip_blank()
            self._take(",")
            self._skip_blank()

    def _note(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._newlines, at - 1) + 1)

    def _skip_blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _take(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _expect(self, token: str) -> None:
        self._skip_blank()
        if not self._take(token):
            raise _LostError
