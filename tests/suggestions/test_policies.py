"""Which answer fits what is being asked."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tickets.suggestions.policies import PolicyFacts, PolicyReader

FILE = Path(__file__).resolve().parents[2] / "config" / "policies.toml"
SHIPPED = tomllib.loads(FILE.read_text(encoding="utf-8"))["entries"]
READER = PolicyReader(
    PolicyFacts(
        id=place,
        question=each["question"],
        keywords=tuple(each["keywords"]),
        category=each.get("category", ""),
        stage=each.get("stage", ""),
    )
    for place, each in enumerate(SHIPPED)
)


def first(text: str, category: str = "") -> str:
    found = READER.fitting(text, category=category)
    return SHIPPED[found[0]]["key"] if found else ""


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("孩子可以不参加课后服务吗？老师说全班都要", "voluntary"),
        ("课后服务一学期多少钱", "fees"),
        ("钱是家委会收的，转给一个家长", "collected-by-others"),
        ("我们家是低保，能不能免", "hardship"),
        ("中午午休还要交钱", "not-after-school"),
        ("老师在课后服务上新课", "new-lessons"),
        ("课后服务几点结束", "hours"),
        ("课后服务请的是外面的老师，有没有资质", "outside-teachers"),
        ("暑托班给孩子补课", "holiday-care"),
        ("上次说的事多久有答复", "when-answered"),
        ("会不会让学校知道是我说的", "confidential"),
        ("ＡＰＰ 怎么下载", ""),
        ("课后服务", ""),
        ("", ""),
    ],
)
def test_what_people_ask_finds_its_answer(asked: str, key: str) -> None:
    assert first(asked) == key


def test_the_category_decides_between_two_that_fit() -> None:
    asked = "暑假补课"

    assert first(asked, "C1") == "new-lessons"
    assert first(asked, "H1") == "holiday-care"


def test_an_answer_for_another_stage_is_not_given() -> None:
    reader = PolicyReader([PolicyFacts(id=1, question="几点结束？", keywords=("几点",), stage="primary")])

    assert reader.fitting("几点接孩子", stage="primary") == [1]
    assert reader.fitting("几点接孩子") == [1]
    assert reader.fitting("几点接孩子", stage="junior") == []


def test_each_shipped_answer_names_its_source() -> None:
    assert all(each["source"] and each["answer"] and each["keywords"] for each in SHIPPED)
    assert len({each["key"] for each in SHIPPED}) == len(SHIPPED)
