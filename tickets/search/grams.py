"""Words for the search: overlapping pairs of Chinese characters, whole runs of letters and digits. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# Letters and digits of the ASCII range, or a run of anything else that is a letter: Chinese above all.
_RUNS = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def words(text: str) -> Iterator[str]:
    """The words of a text as they are indexed: 课后服务 → 课后 后服 服务; a character that stands alone is a word."""
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower()):
        if run.isascii() or len(run) == 1:
            yield run
        else:
            yield from (run[place : place + 2] for place in range(len(run) - 1))


def index_text(texts: Iterable[str]) -> str:
    """Everything searchable of a ticket as one line of distinct words."""
    return " ".join(sorted({word for text in texts for word in words(text)}))


def query_words(query: str) -> list[str]:
    """The words a hit must hold, all of them; none for a query without a letter or digit."""
    return list(dict.fromkeys(words(query)))
