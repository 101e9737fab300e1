"""Which policy entry (政策口径) answers what is being asked: by the words, the category and the school's stage. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.search.grams import words
from tickets.suggestions.patterns import fold

KEYWORD, SAME_CATEGORY, SAME_PARENT, WORD = 3.0, 2.0, 1.0, 0.5
SHOWN_FROM = 1.5
READ_AT_MOST = 2000
# A pair of characters in so large a part of the questions (课后, 服务) tells none from another.
_COMMON = 0.3


@dataclass(frozen=True)
class PolicyFacts:
    """What a choice among the entries needs to know; `id` is the version's, `stage` empty for all stages."""

    id: int
    question: str
    keywords: tuple[str, ...] = ()
    category: str = ""
    stage: str = ""


class PolicyReader:
    """Built once from the entries that are valid today."""

    def __init__(self, entries: Iterable[PolicyFacts]) -> None:
        self._entries = tuple(entries)
        asked = [frozenset(words(entry.question)) for entry in self._entries]
        held_by = Counter(word for each in asked for word in each)
        often = {word for word, count in held_by.items() if count > max(len(asked) * _COMMON, 1)}
        self._telling = [each - often for each in asked]

    def fitting(self, text: str, *, category: str = "", stage: str = "", limit: int = 3) -> list[int]:
        """The ids of those that fit, the best first; none for a text that says nothing of any."""
        said = fold(text[:READ_AT_MOST])
        pairs = frozenset(words(said))
        rated = []
        for place, entry in enumerate(self._entries):
            if stage and entry.stage and entry.stage != stage:
                continue
            by_words = self._by_words(place, said, pairs)
            # A category alone would show an answer to a question that nobody has asked.
            score = by_words + (_of_category(entry.category, category) if by_words else 0.0)
            if score >= SHOWN_FROM:
                rated.append((-score, entry.id))
        return [entry_id for _, entry_id in sorted(rated)[:limit]]

    def _by_words(self, place: int, said: str, pairs: frozenset[str]) -> float:
        entry = self._entries[place]
        hits = sum(KEYWORD for keyword in entry.keywords if fold(keyword) in said)
        return hits + WORD * len(self._telling[place] & pairs)


def _of_category(entry: str, chosen: str) -> float:
    if not entry or not chosen:
        return 0.0
    if entry == chosen:
        return SAME_CATEGORY
    return SAME_PARENT if entry[:1] == chosen[:1] else 0.0
