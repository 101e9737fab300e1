"""The tree of complaint categories: read from categories.toml, and the leaf that fits a text best."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tickets.suggestions.patterns import any_of, clauses, fold

_TITLE_COUNTS = 2.5
_WORDS_TOLD = 3
_SAYING_COUNTS = 4.0  # as much as a word of six characters
_AFTER_SCHOOL = re.compile(r"课后|延时服务|托管|5\s?[+]\s?2|放学后|社团|暑托|兴趣班")
_ASKING = re.compile(r"请问|咨询|想了解|请教|想问|[吗呢][?？]")
_BLAMING = re.compile(r"投诉|举报|强制|乱收费|违规|不合理|质疑|严查|彻查|曝光|反映|不作为|太不")
_HARM = frozenset({"X02", "X09", "X10"})
_SERIOUS = frozenset({"X19"})


class CategoriesInvalid(ValueError):
    """categories.toml says something that cannot be used; the text is for the person who edits it."""


@dataclass(frozen=True)
class CategoryFacts:
    """One leaf. `bans` are the five bans it breaks, the main one first; `group` one of the three problem groups or 0."""

    code: str
    name: str
    parent: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # how people put it who use none of the words; read clause by clause
    parent_name: str = ""
    in_scope: bool = True
    bans: tuple[int, ...] = ()
    group: int = 0
    urgency: str = "normal"
    route: str = ""
    basis: str = ""


@dataclass(frozen=True)
class CategoryTree:
    """The leaves in order, and the wording of the five bans and the three groups."""

    leaves: tuple[CategoryFacts, ...]
    bans: dict[int, str]
    groups: dict[int, str]


def read_categories(text: str) -> CategoryTree:
    """Takes the text of categories.toml; raises CategoriesInvalid in plain words, naming the leaf."""
    try:
        raw = tomllib.loads(text)
        bans = {int(number): str(name) for number, name in raw["bans"].items()}
        groups = {int(number): str(name) for number, name in raw["groups"].items()}
        leaves = tuple(_leaf(leaf, parent) for parent in raw["parents"] for leaf in parent["leaves"])
    except tomllib.TOMLDecodeError as error:
        raise CategoriesInvalid(f"类别文件格式不对：{error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CategoriesInvalid(f"类别文件缺少内容：{error}") from error
    _check(leaves, bans, groups)
    return CategoryTree(leaves, bans, groups)


def load_categories(text: str) -> tuple[CategoryFacts, ...]:
    """Only the leaves of categories.toml."""
    return read_categories(text).leaves


def _leaf(leaf: dict[str, Any], parent: dict[str, Any]) -> CategoryFacts:
    return CategoryFacts(
        code=leaf["code"],
        name=leaf["name"],
        parent=parent["code"],
        parent_name=parent["name"],
        words=tuple(leaf.get("words", ())),
        patterns=tuple(leaf.get("patterns", ())),
        in_scope=leaf.get("in_scope", True),
        bans=tuple(leaf.get("bans", ())),
        group=leaf.get("group", 0),
        urgency=leaf.get("urgency", "normal"),
        route=leaf.get("route", ""),
        basis=leaf.get("basis", ""),
    )


def _check(leaves: Sequence[CategoryFacts], bans: dict[int, str], groups: dict[int, str]) -> None:
    seen: set[str] = set()
    for leaf in leaves:
        if leaf.code in seen:
            raise CategoriesInvalid(f"类别代码重复：{leaf.code}")
        seen.add(leaf.code)
        if any(ban not in bans for ban in leaf.bans):
            raise CategoriesInvalid(f"类别 {leaf.code}：五严禁只有 {', '.join(map(str, sorted(bans)))}")
        if leaf.group and leaf.group not in groups:
            raise CategoriesInvalid(f"类别 {leaf.code}：没有第 {leaf.group} 类问题")
        for pattern in leaf.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise CategoriesInvalid(f"类别 {leaf.code} 的说法“{pattern}”写得不对：{error}") from error
        if leaf.urgency not in ("normal", "watch", "urgent"):
            raise CategoriesInvalid(f"类别 {leaf.code}：紧急程度“{leaf.urgency}”不认识")


@dataclass(frozen=True)
class CategoryGuess:
    category: CategoryFacts
    words: tuple[str, ...]
    score: float


class CategoryReader:
    """Built once from the leaves."""

    def __init__(self, categories: Iterable[CategoryFacts]) -> None:
        self._leaves = tuple(leaf for leaf in categories if leaf.words or leaf.patterns)
        self._sayings = [
            (leaf, re.compile("|".join(f"(?:{pattern})" for pattern in leaf.patterns)))
            for leaf in self._leaves
            if leaf.patterns
        ]
        self._owners: dict[str, list[CategoryFacts]] = {}
        for leaf in self._leaves:
            for word in leaf.words:
                self._owners.setdefault(fold(word), []).append(leaf)
        self._pattern = re.compile(any_of(tuple(self._owners))) if self._owners else None

    def ranked(self, title: str, body: str, *, urgent: bool = False) -> list[CategoryGuess]:
        """Leaves that any word speaks for, the likeliest first; the first is the main one, the next may be further ones."""
        points: dict[str, dict[str, float]] = {}
        for text, times in ((title, _TITLE_COUNTS), (body, 1.0)):
            for leaf, said in self._said(text):
                points.setdefault(leaf.code, {})[said] = _SAYING_COUNTS * times
        for text, times in ((fold(title), _TITLE_COUNTS), (fold(body), 1.0)):
            counts: dict[str, int] = {}
            for match in self._pattern.finditer(text) if self._pattern else ():
                counts[match.group()] = counts.get(match.group(), 0) + 1
            for word, count in counts.items():
                for leaf in self._owners[word]:
                    of_leaf = points.setdefault(leaf.code, {})
                    of_leaf[word] = of_leaf.get(word, 0) + len(word) ** 0.75 * (1 + math.log(count)) * times
        about_after_school = _AFTER_SCHOOL.search(fold(title) + "\n" + fold(body)) is not None
        question = _ASKING.search(title + body) is not None and _BLAMING.search(title + body) is None
        guesses = [
            CategoryGuess(
                leaf,
                _strongest(words),
                sum(words.values())
                * _fits(leaf, about_after_school=about_after_school, question=question, urgent=urgent),
            )
            for leaf in self._leaves
            if (words := points.get(leaf.code))
        ]
        return sorted(guesses, key=lambda guess: -guess.score)

    def _said(self, text: str) -> Iterator[tuple[CategoryFacts, str]]:
        """What the clauses of a text say in other words than those of the list."""
        for clause in clauses(text):
            for leaf, pattern in self._sayings:
                match = pattern.search(clause.text)
                if match is not None:
                    yield leaf, match.group()


def _strongest(words: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: -words[word])[:_WORDS_TOLD])


def _fits(leaf: CategoryFacts, *, about_after_school: bool, question: bool, urgent: bool) -> float:
    """The same word means one leaf inside after-school care and another outside it."""
    if leaf.parent == "I":
        return 1.6 if question or leaf.code == "I3" else 0.5
    if leaf.code in _HARM:
        return 1.8 if urgent else 0.6  # 防溺水 and 没有打人 are about something else
    if leaf.in_scope:
        return 1.5 if about_after_school else 0.7
    if leaf.code in _SERIOUS:
        return 1.2
    return 0.7 if about_after_school else 1.2
