"""Which section a complaint belongs to: the school's stage decides, then grade words, then where it came in."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tickets.suggestions.lexicon import (
    KINDERGARTEN_CLASS,
    KINDERGARTEN_NEAR,
    READER,
    STAGES_OF,
    Level,
    rule_of,
)
from tickets.suggestions.patterns import fold

_TITLE_COUNTS = 3.0
_FIELD_COUNTS = 6.0
_WEIGHTS_TOLD = 4


@dataclass(frozen=True)
class SectionFacts:
    """A section and the school stages it looks after."""

    slug: str
    name: str
    stages: tuple[str, ...]


@dataclass
class StageReading:
    """How strongly a text speaks of each stage, and the words that said so."""

    scores: dict[Level, float] = field(default_factory=lambda: defaultdict(float))
    words: Counter[tuple[Level, str]] = field(default_factory=Counter)


def read_stages(text: str, *, times: float = 1.0, into: StageReading | None = None) -> StageReading:
    """Words that tell a stage. Repetition helps less and less: one long tirade does not outvote the title."""
    reading = into or StageReading()
    folded = fold(text)
    found: Counter[tuple[Level, str, float]] = Counter()
    for match in READER.finditer(folded):
        rule = rule_of(match)
        if rule.level is not Level.NONE:
            found[rule.level, match.group(), rule.weight] += 1
    if KINDERGARTEN_NEAR.search(folded):
        for match in KINDERGARTEN_CLASS.finditer(folded):
            found[Level.KINDERGARTEN, match.group(), 1.5] += 1
    for (level, word, weight), count in found.items():
        points = weight * (1 + math.log(count)) * times
        reading.scores[level] += points
        reading.words[level, word] += math.ceil(points)
    return reading


@dataclass(frozen=True)
class SectionGuess:
    section: SectionFacts
    by: str  # school, words, arrival or default
    why: str


class SectionReader:
    """Built once from the sections of the office."""

    def __init__(self, sections: Sequence[SectionFacts]) -> None:
        if not sections:
            raise ValueError("an office has at least one section")
        self._sections = tuple(sections)
        self._by_stage = {stage: section for section in reversed(self._sections) for stage in section.stages}

    def of_stage(self, stage: str) -> SectionFacts | None:
        return self._by_stage.get(stage)

    def guess(
        self,
        title: str,
        body: str,
        *,
        grade_text: str = "",
        school_text: str = "",
        arrived_at: str | None = None,
    ) -> SectionGuess:
        """Always an answer: words of the text, else where it came in, else the first section of the office."""
        reading = read_stages(title, times=_TITLE_COUNTS)
        read_stages(body, into=reading)
        for typed in (grade_text, school_text):
            read_stages(typed, times=_FIELD_COUNTS, into=reading)
        totals: dict[str, float] = defaultdict(float)
        for level, points in reading.scores.items():
            for section in self._sections_of(level):
                totals[section.slug] += points
        arrived = next((section for section in self._sections if section.slug == arrived_at), None)
        best = max(self._sections, key=lambda section: (totals[section.slug], section == arrived))
        if totals[best.slug] > 0:
            return SectionGuess(best, "words", f"学段用词：{self._words_for(best, reading)}")
        if arrived is not None:
            return SectionGuess(arrived, "arrival", f"没有学段用词，按收到的电话或邮箱归{arrived.name}")
        return SectionGuess(self._sections[0], "default", "没有看出学段，暂归第一个股室，请人工确认")

    def _sections_of(self, level: Level) -> list[SectionFacts]:
        """Once each: a word for 中学 speaks for a section once, though it looks after 初中 and 高中."""
        owners = [self._by_stage[stage] for stage in STAGES_OF[level] if stage in self._by_stage]
        return list(dict.fromkeys(owners))

    def _words_for(self, section: SectionFacts, reading: StageReading) -> str:
        words = [
            word for (level, word), _ in reading.words.most_common() if section in self._sections_of(level)
        ]
        return "、".join(dict.fromkeys(words[:_WEIGHTS_TOLD]))
