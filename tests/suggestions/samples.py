"""What the suggestion tests share: the office's two sections, the categories and the demo schools."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tickets.schools import read_schools
from tickets.suggestions.categories import CategoryFacts, CategoryTree, read_categories
from tickets.suggestions.schools import SchoolFacts
from tickets.suggestions.suggest import SectionFacts, Suggester

CONFIG = Path(__file__).resolve().parents[2] / "config"
SECTIONS = (
    SectionFacts("zhongjiao", "中教股", ("junior", "senior", "vocational")),
    SectionFacts("chuyoujiao", "初幼教股", ("kindergarten", "primary")),
)


@cache
def category_tree() -> CategoryTree:
    return read_categories((CONFIG / "categories.toml").read_text(encoding="utf-8"))


def categories() -> tuple[CategoryFacts, ...]:
    return category_tree().leaves


@cache
def demo_schools() -> tuple[SchoolFacts, ...]:
    lines = read_schools((CONFIG / "schools_demo.csv").read_text(encoding="utf-8"))
    return tuple(
        SchoolFacts(id=number, name=line.name, aliases=line.aliases, stage=line.stage or "", town=line.town)
        for number, line in enumerate(lines, start=1)
    )


@cache
def suggester() -> Suggester:
    return Suggester(SECTIONS, categories(), demo_schools())
