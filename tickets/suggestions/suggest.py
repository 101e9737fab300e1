"""One suggestion for one complaint, the same for telephone and mail. A person decides; nothing here writes anything."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tickets.suggestions.categories import CategoryFacts, CategoryReader
from tickets.suggestions.patterns import fold
from tickets.suggestions.schools import ALIAS, SchoolFacts, SchoolMatch, SchoolReader
from tickets.suggestions.section import SectionFacts, SectionGuess, SectionReader
from tickets.suggestions.urgency import READ_AT_MOST, guess_alarm

__all__ = ["CategoryFacts", "SchoolFacts", "SchoolMatch", "SectionFacts", "Suggester", "Suggestion"]

# A short name alone (一中) decides the section only when no better mention of a school is there.
_TITLE_COUNTS = 3.0
_FIELD_COUNTS = 10.0
_FURTHER_CATEGORIES = 2
_FURTHER_FROM = 0.6
_FEARS = re.compile(
    r"打击报复|报复|穿小鞋|被学校知道|让学校知道|被老师知道|泄[露漏密]|不敢(?:实名|说|投诉|留名|署名)|(?:请|希望|望|务必|一定)?(?:替|为|对)?我?们?保密|匿名"
)


@dataclass(frozen=True)
class Suggestion:
    """`section` is always a guess, never empty; `why` are Chinese sentences for the person who decides."""

    section: str
    section_name: str
    category: str | None
    further: tuple[str, ...]
    urgent: bool
    alarm: str | None
    watch: bool
    fears_exposure: bool
    schools: tuple[SchoolMatch, ...]
    why: tuple[str, ...]


class Suggester:
    """Built once from the office's sections, its categories and the school register; safe to share between threads."""

    def __init__(
        self,
        sections: Sequence[SectionFacts],
        categories: Iterable[CategoryFacts],
        schools: Iterable[SchoolFacts],
    ) -> None:
        self._sections = SectionReader(sections)
        self._categories = CategoryReader(categories)
        self._schools = SchoolReader(schools)

    @property
    def schools(self) -> SchoolReader:
        return self._schools

    def suggest(
        self,
        title: str,
        body: str,
        *,
        school_text: str = "",
        grade_text: str = "",
        arrived_at_section: str | None = None,
    ) -> Suggestion:
        """Only the first 20,000 characters are read: longer texts are quotations or an attack."""
        title, body = title[:READ_AT_MOST], body[:READ_AT_MOST]
        schools = self._schools.find(f"{title}\n{body}", school_text=school_text)
        section = self._section_of_schools(title, school_text, schools) or self._sections.guess(
            title, body, grade_text=grade_text, school_text=school_text, arrived_at=arrived_at_section
        )
        alarm = guess_alarm(title, body)
        ranked = self._categories.ranked(title, body, urgent=alarm.urgent)
        main = ranked[0] if ranked else None
        fears = _FEARS.search(fold(f"{title}\n{body}"))
        why = [section.why]
        if main:
            why.append(f"类别 {main.category.code} {main.category.name}：{'、'.join(main.words)}")
        why.extend(alarm.why)
        if schools:
            why.append(f"提到的学校：{'、'.join(school.name for school in schools)}")
        if fears:
            why.append(f"担心暴露身份：{fears.group()}，建议提高密级")
        return Suggestion(
            section=section.section.slug,
            section_name=section.section.name,
            category=main.category.code if main else None,
            further=tuple(
                guess.category.code
                for guess in ranked[1 : 1 + _FURTHER_CATEGORIES]
                if main and guess.score >= main.score * _FURTHER_FROM
            ),
            urgent=alarm.urgent,
            alarm=alarm.alarm,
            watch=not alarm.urgent
            and (alarm.alarm == "Y3" or bool(main and main.category.urgency != "normal")),
            fears_exposure=fears is not None,
            schools=schools,
            why=tuple(why),
        )

    def _section_of_schools(
        self, title: str, school_text: str, schools: Sequence[SchoolMatch]
    ) -> SectionGuess | None:
        """The stage of the schools named. Two sections equally named, or 九年一贯 alone: the words must decide."""
        in_title = {match.id for match in self._schools.find(title)}
        in_field = {match.id for match in self._schools.find("", school_text=school_text)}
        votes: dict[str, float] = defaultdict(float)
        names: dict[str, list[str]] = defaultdict(list)
        sections: dict[str, SectionFacts] = {}
        for match in schools:
            section = self._sections.of_stage(self._schools.school(match.id).stage)
            if section is None:
                continue
            weight = _FIELD_COUNTS if match.id in in_field else _TITLE_COUNTS if match.id in in_title else 1.0
            votes[section.slug] += weight * (match.score if match.score < ALIAS else 1.0)
            names[section.slug].append(match.name)
            sections[section.slug] = section
        ordered = sorted(votes, key=lambda slug: -votes[slug])
        if not ordered or (len(ordered) > 1 and votes[ordered[0]] == votes[ordered[1]]):
            return None
        best = ordered[0]
        return SectionGuess(sections[best], "school", f"学校的学段：{'、'.join(names[best])}")
