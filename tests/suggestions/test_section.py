"""Which section: the school's stage, then the grade words, then where it came in."""

from __future__ import annotations

import pytest

from tests.suggestions.samples import suggester


@pytest.mark.parametrize(
    ("text", "section"),
    [
        pytest.param(
            "我家孩子在三(2)班，课后服务没人看", "chuyoujiao", id="class three two is a primary class"
        ),
        pytest.param("302班一直占用课后服务上新课", "chuyoujiao", id="302 is grade three"),
        pytest.param("孩子七年级3班，晚自习收费", "zhongjiao", id="grade seven"),
        pytest.param("初一（3）班每周补课", "zhongjiao", id="first year of junior school"),
        pytest.param("高三学生周末补课", "zhongjiao", id="senior school"),
        pytest.param("幼儿园大班每月多收两百元", "chuyoujiao", id="a kindergarten's class"),
        pytest.param("初中部大班额严重", "zhongjiao", id="large classes are no kindergarten class"),
        pytest.param("一中附小放学太早", "chuyoujiao", id="the primary school of a middle school"),
        pytest.param(
            "小学五年级，大年初三学校就通知交费", "chuyoujiao", id="a day of the lunar year is no grade"
        ),
        pytest.param("职高学生实习费用问题", "zhongjiao", id="vocational school"),
        pytest.param(
            "师大附中星城实验学校小学部放学早",
            "chuyoujiao",
            id="the primary part of a school named after a middle school",
        ),
        pytest.param("小学教师小学高级职称，孩子一年级", "chuyoujiao", id="a teacher's rank tells nothing"),
    ],
)
def test_grade_words_tell_the_section(text: str, section: str) -> None:
    assert suggester().suggest("", text).section == section


def test_the_stage_of_a_school_in_the_register_outweighs_the_words() -> None:
    suggestion = suggester().suggest("", "双桥中学的食堂，附近小学的家长也有意见，小学收费更便宜，小学更好")

    assert suggestion.section == "zhongjiao"
    assert suggestion.why[0] == "学校的学段：安溪县双桥中学"


@pytest.mark.parametrize(("grade", "section"), [("五年级", "chuyoujiao"), ("八年级", "zhongjiao")])
def test_a_nine_year_school_goes_by_the_grade(grade: str, section: str) -> None:
    assert suggester().suggest("", "启航学校课后服务收费问题", grade_text=grade).section == section


def test_without_any_hint_it_stays_where_it_came_in() -> None:
    suggestion = suggester().suggest("", "课后服务收费不合理", arrived_at_section="chuyoujiao")

    assert suggestion.section == "chuyoujiao"
    assert "按收到的电话或邮箱" in suggestion.why[0]


def test_there_is_always_a_guess() -> None:
    assert suggester().suggest("", "").section == "zhongjiao"
