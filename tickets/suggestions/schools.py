"""Schools named in a text: the longest alias wins, a short name (一中, 七小) counts only where no other county is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from tickets.suggestions.patterns import any_of, fold

EXACT, ALIAS, SHORT, ALIKE = 1.0, 0.9, 0.7, 0.6
_ALIKE_FROM = 88
_FIGURES = {"一二三四五六七八九十"[number - 1]: str(number) for number in range(1, 11)} | {
    "十" + "一二三四五六七八九"[number - 11]: str(number) for number in range(11, 20)
}
_NUMERALS = tuple("一二三四五六七八九十0123456789")
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,2}(?=[中小幼])")
_PLACE_BEFORE_NAME = re.compile(r"^(?:福建省?|泉州市?)?(?:安溪县?)?")
_SHORT_NAME = re.compile(
    r"^第?[一二三四五六七八九十0-9]{1,3}[中小幼](?:学)?$|^第?[一二三四五六七八九十0-9]{1,3}幼儿园$|^实验?[小幼中]学?$|^实验幼儿园$|^职校$|^特校$"
)
_ANOTHER_COUNTY = re.compile(
    r"南安|晋江|永春|德化|惠安|石狮|鲤城|丰泽|洛江|泉港|台商区|同安|翔安|集美|思明|湖里|长泰|华安|漳平|漳州|厦门|福州|莆田|三明|龙岩|宁德|南平|"
    r"[A-Z]\d{0,2}[市县区]|(?<!安溪)(?<!我)(?<!本)(?<!全)(?<!该)(?<!各)(?<!到)(?<!在)[\u4e00-\u9fff]{2}县(?=[\u4e00-\u9fff]{0,2}第?[一二三四五六七八九十实]+[验中小幼])"
)
_CONTINUES = re.compile(r"^(?:附属|附小|附中|附幼)")


@dataclass(frozen=True)
class SchoolFacts:
    """`stage` is one of the five school stages, or empty where the grade decides (九年一贯)."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()
    stage: str = ""
    town: str = ""


@dataclass(frozen=True)
class SchoolMatch:
    id: int
    name: str
    score: float


@dataclass(frozen=True)
class _Found:
    school: SchoolFacts
    words: str
    score: float
    where: int


class SchoolReader:
    """Built once from the register; asks nothing of a database."""

    def __init__(self, schools: Iterable[SchoolFacts]) -> None:
        self._schools = tuple(schools)
        self._by_id = {school.id: school for school in self._schools}
        self._owners: dict[str, list[SchoolFacts]] = {}
        for school in self._schools:
            for spelling in dict.fromkeys(spellings(school)):
                self._owners.setdefault(spelling, []).append(school)
        self._pattern = re.compile(any_of(tuple(self._owners))) if self._owners else None

    @property
    def schools(self) -> tuple[SchoolFacts, ...]:
        return self._schools

    def school(self, school_id: int) -> SchoolFacts:
        return self._by_id[school_id]

    def find(self, text: str, *, school_text: str = "") -> tuple[SchoolMatch, ...]:
        """Each school once, the surest first; what was typed into the school field counts before the text."""
        typed = self._found_in(school_text)
        if not typed and school_text.strip():
            typed = self._alike(school_text)
        found = typed + [
            hit for hit in self._found_in(text) if hit.school.id not in {one.school.id for one in typed}
        ]
        best: dict[int, _Found] = {}
        for place, hit in enumerate(found):
            known = best.get(hit.school.id)
            if known is None or hit.score > known.score:
                best[hit.school.id] = _Found(
                    hit.school, hit.words, hit.score, known.where if known else place
                )
        typed_ids = {hit.school.id for hit in typed}
        ordered = sorted(
            best.values(), key=lambda hit: (hit.school.id not in typed_ids, -hit.score, hit.where)
        )
        return tuple(SchoolMatch(hit.school.id, hit.school.name, hit.score) for hit in ordered)

    def picks(self, typed: str, *, limit: int) -> tuple[SchoolFacts, ...]:
        """Schools that what was typed so far may mean: by a part of any of their names, or by the first pinyin initials of one."""
        wanted = fold(typed).strip().lower()
        if len(wanted) < 2:
            return ()
        by_initials = wanted.isascii() and wanted.isalnum()
        found = [
            school
            for school in self._schools
            if any(
                initials(name).startswith(wanted) if by_initials else wanted in name
                for name in spellings(school)
            )
        ]
        return tuple(sorted(found, key=lambda school: len(school.name))[:limit])

    def meant(self, typed: str) -> SchoolFacts | None:
        """The one school that pinyin initials mean; None if it is none or several, or no initials were typed."""
        wanted = fold(typed).strip().lower()
        if len(wanted) < 2 or not (wanted.isascii() and wanted.isalnum()):
            return None
        named = [
            school for school in self._schools if any(initials(name) == wanted for name in spellings(school))
        ]
        return named[0] if len(named) == 1 else None

    def _found_in(self, text: str) -> list[_Found]:
        if self._pattern is None or not text:
            return []
        folded = fold(text)
        elsewhere = _ANOTHER_COUNTY.search(folded) is not None
        hits: list[_Found] = []
        for match in self._pattern.finditer(folded):
            spelling = match.group()
            if not _stands_alone(folded, match.start(), match.end(), spelling):
                continue
            if _SHORT_NAME.match(spelling) and elsewhere:
                continue
            owners = _nearest(self._owners[spelling], folded)
            for owner in owners:
                score = _score(owner, spelling) / (1 if len(owners) == 1 else 2)
                hits.append(_Found(owner, spelling, score, match.start()))
        return hits

    def _alike(self, typed: str) -> list[_Found]:
        """A typing slip in the school field: the one name that is nearly the same, else initials, else nothing."""
        wanted = fold(typed).strip()
        if wanted.isascii() and wanted.isalpha():
            return [
                _Found(school, wanted, SHORT, 0)
                for school in self._schools
                if any(initials(spelling) == wanted.lower() for spelling in (school.name, *school.aliases))
            ]
        if len(wanted) < 3:
            return []
        rated = sorted(
            (
                (max(fuzz.ratio(wanted, spelling) for spelling in spellings(school)), school.id)
                for school in self._schools
            ),
            reverse=True,
        )
        if not rated or rated[0][0] < _ALIKE_FROM or (len(rated) > 1 and rated[1][0] == rated[0][0]):
            return []
        return [_Found(self._by_id[rated[0][1]], wanted, ALIKE, 0)]


def spellings(school: SchoolFacts) -> list[str]:
    """The full name, the aliases, the name without county, and the usual short form of 第七小学 and 实验小学."""
    names = [fold(name).strip() for name in (school.name, *school.aliases)]
    for name in tuple(names):
        bare = _PLACE_BEFORE_NAME.sub("", name)
        if len(bare) >= 2:
            names.append(bare)
        short = re.fullmatch(r"第?([一二三四五六七八九十]{1,3})(中|小)学", bare)
        if short:
            names.extend((short[1] + short[2], "安溪" + short[1] + short[2]))
    for name in tuple(names):
        names.extend(_with_figures(name))
    return [name for name in names if len(name) >= 2]


def _with_figures(name: str) -> list[str]:
    """七小 is written 7小 as often as not, 十二小 12小."""
    numeral = _NUMBERED.search(name)
    if numeral is None:
        return []
    figure = _FIGURES.get(numeral.group())
    return [name[: numeral.start()] + figure + name[numeral.end() :]] if figure else []


def _score(school: SchoolFacts, spelling: str) -> float:
    if spelling == school.name:
        return EXACT
    return SHORT if _SHORT_NAME.match(spelling) else ALIAS


def _stands_alone(text: str, start: int, end: int, spelling: str) -> bool:
    """Not the tail of 第十一小学, not the head of 一中附小 or 一中午."""
    before = text[start - 1] if start else ""
    if spelling[0] in _NUMERALS and before in (*_NUMERALS, "第", "初", "高", "其"):
        return False
    if _CONTINUES.match(text[end : end + 2]):
        return False
    if len(spelling) == 2 and spelling.endswith(("中", "小")):
        return text[end : end + 1] not in tuple("午心间央等考途年秋旬国英文医药有全级介层型时组班说")
    return True


def _nearest(owners: Sequence[SchoolFacts], text: str) -> Sequence[SchoolFacts]:
    """Two schools of one short name: the one whose town the text names, else both at half the score."""
    if len(owners) == 1:
        return owners
    named = [owner for owner in owners if owner.town and owner.town.rstrip("镇乡") in text]
    return named if len(named) == 1 else owners


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Pinyin initials for picking a school by keyboard: 安溪县实验小学 → axxsyxx. Letters and digits stay."""
    from pypinyin import Style, lazy_pinyin

    return "".join(part[:1] for part in lazy_pinyin(fold(name), style=Style.FIRST_LETTER)).lower()
