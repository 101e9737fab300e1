"""What is wrong with the settings: collected, so that one start tells everything, and said in plain Chinese."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date, time
from typing import IO, Any

import click

_SHOWN_CHARACTERS = 60
_SHOWN_INTEGER = 10**18  # Python refuses to print integers of thousands of digits


class SettingsError(click.ClickException):
    """The settings are wrong and nothing may start; each problem is one sentence for the person at the terminal."""

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the sentences alone, without click's English heading."""
        click.echo(self.message, file=file, err=file is None)


class Problems:
    """Collects sentences instead of stopping at the first."""

    def __init__(self) -> None:
        self._sentences: list[str] = []

    def add(self, sentence: str) -> None:
        sentence = sentence.replace(" 「", "「").replace("」 ", "」")  # these brackets bring their own space
        if sentence not in self._sentences:
            self._sentences.append(sentence)

    def __bool__(self) -> bool:
        return bool(self._sentences)

    def error(self) -> SettingsError:
        return SettingsError(self._sentences)


def printable(text: str) -> str:
    """A text that any terminal can show: control characters and broken bytes are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def quoted(value: object) -> str:
    """A wrong value as it may be shown, shortened. Never call it with a secret."""
    if isinstance(value, str):
        text = printable(value[:_SHOWN_CHARACTERS])
        return f"「{text}…」" if len(value) > _SHOWN_CHARACTERS else f"「{text}」"
    if isinstance(value, (list, dict)):
        return "一个列表" if isinstance(value, list) else "一个小节"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > _SHOWN_INTEGER:
        return "一个过大的数"
    return str(value).lower()  # true and false as the file writes them


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """「是不是想写 X？」 for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name[:_SHOWN_CHARACTERS], sorted(known), 1, cutoff)
    return f"是不是想写 {close[0]}？" if close else ""
