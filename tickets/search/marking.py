"""Where the words of a query stand in a text: for marking them on the page, and for the part of a long text worth showing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tickets.search.grams import runs
from tickets.suggestions.patterns import fold

_BEFORE = 18
_LENGTH = 90


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it was asked for."""

    text: str
    hit: bool = False


def pieces(text: str, query: str) -> list[Piece]:
    """The text cut at its hits; whole if there are none."""
    found, end = [], 0
    for start, stop in _hits(text, query):
        if start > end:
            found.append(Piece(text[end:start]))
        found.append(Piece(text[start:stop], hit=True))
        end = stop
    if end < len(text):
        found.append(Piece(text[end:]))
    return found


def excerpt(text: str, query: str) -> list[Piece]:
    """The part of a long text where its first hit stands; nothing if it has none."""
    line = re.sub(r"\s+", " ", text)
    first = next(iter(_hits(line, query)), None)
    if first is None:
        return []
    start = max(first[0] - _BEFORE, 0)
    cut = line[start : start + _LENGTH]
    said = pieces(cut, query)
    return [
        *([Piece("…")] if start else []),
        *said,
        *([Piece("…")] if start + _LENGTH < len(line) else []),
    ]


def _hits(text: str, query: str) -> list[tuple[int, int]]:
    pattern = _pattern(query)
    return [match.span() for match in pattern.finditer(_plain(text))] if pattern else []


@lru_cache(maxsize=64)
def _pattern(query: str) -> re.Pattern[str] | None:
    """The longest first: a hit within a longer one is not marked twice. Letters and digits are found as whole words only."""
    asked = sorted(set(runs(query)), key=len, reverse=True)
    parts = (rf"(?<![a-z0-9]){run}(?![a-z0-9])" if run.isascii() else re.escape(run) for run in asked)
    return re.compile("|".join(parts)) if asked else None


def _plain(text: str) -> str:
    """As the search reads it, but of the same length, so that places stay valid."""
    return "".join(small if len(small := char.lower()) == 1 else char for char in fold(text))
