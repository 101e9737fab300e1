"""Schools named in a text: longest alias, short names only without another county, slips in the school field."""

from __future__ import annotations

import pytest

from tests.suggestions.samples import demo_schools, suggester
from tickets.suggestions.schools import SchoolFacts, SchoolMatch, SchoolReader, initials

REGISTER = SchoolReader(
    (
        SchoolFacts(1, "安溪县第二小学", (), "primary", "云岭镇"),
        SchoolFacts(2, "安溪县第十二小学", (), "primary", "清源镇"),
        SchoolFacts(3, "安溪第一中学", ("安溪一中",), "senior", "云岭镇"),
        SchoolFacts(4, "安溪县实验小学", ("实小",), "primary", "云岭镇"),
        SchoolFacts(5, "茶山崇文小学", ("崇文小学",), "primary", "茶山镇"),
        SchoolFacts(6, "溪尾崇文小学", ("崇文小学",), "primary", "溪尾镇"),
    )
)


def names(text: str, school_text: str = "") -> list[str]:
    return [match.name for match in REGISTER.find(text, school_text=school_text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("十二小的课后服务", ["安溪县第十二小学"]),
        ("二小的课后服务", ["安溪县第二小学"]),
        ("12小和2小都收", ["安溪县第十二小学", "安溪县第二小学"]),
        ("第十二小学", ["安溪县第十二小学"]),
        ("第二十二小学", []),
        ("安溪县第二小学", ["安溪县第二小学"]),
        ("一中补课", ["安溪第一中学"]),
        ("南安一中补课", []),
        ("我们从晋江转来，一中补课", []),
        ("从晋江转来，安溪一中补课", ["安溪第一中学"]),
        ("一中附小放学早", []),
        ("一中午没人管，其一中间休息", []),
        ("实小收费", ["安溪县实验小学"]),
        ("溪尾的崇文小学", ["溪尾崇文小学"]),
        ("没有学校名", []),
    ],
)
def test_which_schools_a_text_names(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_a_name_two_schools_share_gives_both_at_half_the_score() -> None:
    assert REGISTER.find("崇文小学") == (
        SchoolMatch(5, "茶山崇文小学", 0.45),
        SchoolMatch(6, "溪尾崇文小学", 0.45),
    )


def test_the_full_name_scores_more_than_an_alias_and_that_more_than_a_short_name() -> None:
    scores = [REGISTER.find(text)[0].score for text in ("安溪第一中学", "安溪一中", "一中")]

    assert scores == [1.0, 0.9, 0.7]


def test_the_school_field_comes_first_and_forgives_a_slip() -> None:
    assert names("安溪一中也这样", "安溪县第十二小") == ["安溪县第十二小学", "安溪第一中学"]
    assert names("", "安溪县实验小") == ["安溪县实验小学"]
    assert names("", "一所不认识的学校") == []


def test_a_school_is_found_by_its_initials() -> None:
    assert initials("安溪县实验小学") == "axxsyxx"
    assert names("", "axxsyxx") == ["安溪县实验小学"]


def test_every_demo_school_is_found_by_its_own_name_and_knows_its_section() -> None:
    assert len(demo_schools()) >= 40
    for school in demo_schools():
        suggestion = suggester().suggest("", f"反映{school.name}的问题")
        assert suggestion.schools[0].id == school.id
        if school.stage:
            assert suggestion.section == (
                "chuyoujiao" if school.stage in ("kindergarten", "primary") else "zhongjiao"
            )
