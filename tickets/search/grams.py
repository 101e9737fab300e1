"""Words for the search: overlapping pairs of Chinese characters, whole runs of letters and digits. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Letters and digits of the ASCII range, or a run of anything else that is a letter: Chinese above all.
_RUNS = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
BREAK = "|"  # stands between two runs in the index, so that a phrase never reaches over the end of one


@dataclass(frozen=True)
class Asked:
    """One run of a query: the words a hit holds, and for longer runs that they follow one another."""

    words: tuple[str, ...]
    phrase: str = ""  # as it stands in the index; empty where the words alone say it
    begins: bool = False  # the word is only the beginning of one: a single Chinese character


def runs(text: str) -> list[str]:
    """A text as the search sees it: full-width and capital letters made plain, cut at everything that is no letter or digit."""
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def words(text: str) -> Iterator[str]:
    """The words by which two texts are compared: 课后服务 → 课后 后服 服务; a character that stands alone is a word."""
    for run in runs(text):
        if run.isascii() or len(run) == 1:
            yield run
        else:
            yield from _pairs(run)


def index_text(texts: Iterable[str]) -> str:
    """Everything searchable of a ticket as one line of words, each text once, in the order in which they follow one another.

    A Chinese run ends with its last character alone: so every character begins a word, and one is enough to be found.
    """
    found = (run for text in dict.fromkeys(texts) for run in runs(text))
    return f" {BREAK} ".join(run if run.isascii() else " ".join((*_pairs(run), run[-1])) for run in found)


def compared(indexed: str) -> set[str]:
    """The words by which an indexed ticket is compared with others; single characters say nothing."""
    return {word for word in indexed.split(" ") if len(word) > 1}


def asked_for(query: str) -> list[Asked]:
    """What a hit must hold, all of it; nothing for a query without a letter or digit."""
    return [_asked(run) for run in dict.fromkeys(runs(query))]


def _asked(run: str) -> Asked:
    if run.isascii():
        return Asked((run,))
    if len(run) == 1:
        return Asked((run,), begins=True)
    pairs = tuple(_pairs(run))
    return Asked(tuple(dict.fromkeys(pairs)), phrase=" ".join(pairs) if len(pairs) > 1 else "")


def _pairs(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))
