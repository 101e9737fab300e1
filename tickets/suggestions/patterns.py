"""How a text is read before any rule looks at it: folded character by character, cut into sentences and clauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[。！？!?；;\n\r]+")
_CLAUSE_END = re.compile(r"[，,、：:（）()“”\"《》\s]+")
# Hostile text without punctuation must not make "the sentence around a word" a megabyte.
_LONGEST_SENTENCE = 400


class _Folding(dict[int, str]):
    """Filled as characters are met; str.translate asks it once a character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = unicodedata.normalize("NFKC", char)
        # ⑴ and ⒈ are one figure with its dress; a letter for each letter, or positions would not stay valid.
        figures = [each for each in folded if each.isdecimal()]
        if len(folded) != 1:
            folded = figures[0] if len(figures) == 1 and not any(map(str.isalpha, folded)) else char
        if folded.isdecimal():
            folded = str(unicodedata.decimal(folded))
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Full-width and foreign letters and digits become plain ones; the length never changes, so positions stay valid."""
    return text if text.isascii() else text.translate(_FOLDING)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch without punctuation, with its neighbours in the same sentence and the start of what follows."""

    text: str
    sentence: str
    following: str


def clauses(text: str) -> Iterator[Clause]:
    """Every clause of the text in order; `following` may lie in the next sentence ("打人？没有的事")."""
    sentences = [
        part[start : start + _LONGEST_SENTENCE]
        for part in _SENTENCE_END.split(fold(text))
        if part.strip()
        for start in range(0, len(part), _LONGEST_SENTENCE)
    ]
    for place, sentence in enumerate(sentences):
        parts = [part for part in _CLAUSE_END.split(sentence) if part]
        next_sentence = sentences[place + 1].lstrip() if place + 1 < len(sentences) else ""
        for index, part in enumerate(parts):
            following = parts[index + 1] if index + 1 < len(parts) else next_sentence
            yield Clause(part, sentence, following[:14])


def any_of(words: tuple[str, ...]) -> str:
    """A group of fixed words, the longest first, so that a longer word is never cut by a shorter one."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
