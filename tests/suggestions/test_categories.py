"""The tree of categories, and which leaf a text is about."""

from __future__ import annotations

import pytest

from tests.suggestions.samples import categories, category_tree, suggester
from tickets.suggestions.categories import CategoriesInvalid, read_categories


def test_the_tree_has_two_levels_in_and_out_of_the_campaign() -> None:
    codes = {leaf.code for leaf in categories()}

    assert {f"X{number:02}" for number in range(1, 21)} <= codes
    assert {"A1", "B7", "C6", "D4", "I3"} <= codes
    assert sum(leaf.in_scope for leaf in categories()) == 33
    assert all(leaf.in_scope == (leaf.parent != "X") for leaf in categories())
    assert all(leaf.words for leaf in categories())


def test_bans_and_problem_groups_are_counted_apart_from_the_category() -> None:
    leaves = {leaf.code: leaf for leaf in categories()}

    assert sorted(category_tree().bans) == [1, 2, 3, 4, 5]
    assert category_tree().groups == {1: "课程类别不够丰富", 2: "服务保障不够到位", 3: "服务体系不够完善"}
    assert {ban for leaf in leaves.values() for ban in leaf.bans} == {1, 2, 3, 4, 5}
    assert leaves["B2"].bans == (4, 1)
    assert leaves["C5"].group == 1
    assert leaves["A1"].group == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("课后服务不签自愿书不行，全班都要参加", "A1"),
        ("课后服务名额不够，孩子报不上", "A2"),
        ("课后服务另外收材料费", "B2"),
        ("请假了课后服务费不退", "B4"),
        ("课后服务费要家委会代收，扫码交", "B5"),
        ("低保家庭课后服务费没有减免", "B6"),
        ("课后服务时间统一上课讲新课", "C1"),
        ("课后服务就是做试卷刷题", "C2"),
        ("课后服务没有社团，课程单一", "C4"),
        ("满意度调查让家长统一填非常满意", "C6"),
        ("课后服务周五没有，五加二没落实", "D1"),
        ("课后服务突然停了没通知", "D2"),
        ("课后服务公布的课表和实际不一样，没按方案", "D4"),
        ("校外机构进校上课后服务，老师没有资质", "F1"),
        ("暑假托管提前上课上新课", "H1"),
        ("表扬三年级课后服务的老师，非常感谢", "I3"),
        ("学区划片不合理，孩子入学难", "X01"),
        ("老师体罚学生，扇耳光", "X02"),
        ("食堂饭菜发霉", "X05"),
        ("校园欺凌，同学打我孩子", "X09"),
        ("乡村教师工资和职称问题", "X16"),
        ("校长收礼吃回扣", "X19"),
    ],
)
def test_what_a_text_is_about(text: str, code: str) -> None:
    assert suggester().suggest("", text).category == code


def test_a_question_is_a_consultation() -> None:
    assert suggester().suggest("请问课后服务怎么报名", "想了解一下多少钱").category == "I1"


def test_further_categories_are_told_beside_the_main_one() -> None:
    suggestion = suggester().suggest("", "课后服务强制参加，必须参加；另外收材料费器材费")

    assert {suggestion.category, *suggestion.further} >= {"A1", "B2"}


def test_a_text_without_any_word_has_no_category() -> None:
    assert suggester().suggest("", "今天天气很好").category is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[bans", "格式不对"),
        ("[bans]\n", "缺少内容"),
        (
            "[bans]\n1='a'\n[groups]\n1='g'\n[[parents]]\ncode='A'\nname='A'\n"
            "[[parents.leaves]]\ncode='A1'\nname='x'\n[[parents.leaves]]\ncode='A1'\nname='y'\n",
            "重复：A1",
        ),
        (
            "[bans]\n1='a'\n[groups]\n1='g'\n[[parents]]\ncode='A'\nname='A'\n[[parents.leaves]]\ncode='A1'\nname='x'\nbans=[6]\n",
            "A1：五严禁只有",
        ),
        (
            "[bans]\n1='a'\n[groups]\n1='g'\n[[parents]]\ncode='A'\nname='A'\n[[parents.leaves]]\ncode='A1'\nname='x'\nurgency='hot'\n",
            "不认识",
        ),
    ],
)
def test_a_broken_file_is_refused_in_plain_words(text: str, sentence: str) -> None:
    with pytest.raises(CategoriesInvalid, match=sentence):
        read_categories(text)
