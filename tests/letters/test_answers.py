"""The answer at the end, for each outcome, and what must not stand in it."""

from __future__ import annotations

import pytest

from tickets import letters
from tickets.letters import Signature
from tickets.vocabulary import Outcome

SIGN = Signature(office="安溪县教育局", section="初幼教股", phone="0595-23220785")
NUMBER = "CY20261123-0004"
FINISHED = "一、核查情况：我局于11月30日现场查看了收费公示。\n二、处理结果：已退还材料费。"


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.TRUE, "情况属实。我局已责成学校"),
        (Outcome.PARTLY_TRUE, "经核查与事实不一致"),
        (Outcome.UNTRUE, "未发现您反映的"),
        (Outcome.UNVERIFIABLE, "我们会重新核查"),
        (Outcome.NOT_APPLICABLE, "您咨询的"),
        (Outcome.PASSED_ON, "移送有权机关"),
    ],
)
def test_each_outcome_has_its_outline(outcome: Outcome, words: str) -> None:
    assert words in letters.outline(outcome)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outline_does_not_leave_before_it_is_filled_in(outcome: Outcome) -> None:
    problems = letters.problems_of(outcome, letters.outline(outcome))

    assert bool(problems) == (outcome is not Outcome.PASSED_ON)
    assert all("没填完" in problem for problem in problems)


def test_a_masked_name_in_an_answer_is_a_blank_too() -> None:
    assert "〔姓名1〕" in letters.problems_of(Outcome.TRUE, "已向〔姓名1〕退还。")[0]


def test_nobody_is_told_that_what_he_said_is_untrue() -> None:
    assert letters.problems_of(Outcome.UNTRUE, "经查，您反映的情况不属实。") == [
        "给反映人的答复不写“不属实”三字，请改为“经核查，未发现您反映的……情况”。"
    ]
    assert letters.problems_of(Outcome.UNTRUE, FINISHED) == []


def test_an_answer_holds_the_reviewed_text_and_asks_for_one_word() -> None:
    answer = letters.answer(SIGN, NUMBER, Outcome.TRUE, FINISHED)

    assert answer.subject == "答复〔编号 CY20261123-0004〕"
    assert FINISHED in answer.body
    assert "1 满意　2 基本满意　3 不满意" in answer.body
    assert "0595-23220785" in answer.body
    assert "复查" not in answer.body
    assert answer.body.endswith("安溪县教育局初幼教股\n")
    assert FINISHED in answer.aloud


def test_a_petition_is_told_where_a_review_may_be_asked_for() -> None:
    answer = letters.answer(SIGN, NUMBER, Outcome.UNTRUE, FINISHED, review_by="安溪县人民政府")

    assert "自收到之日起 30 日内向安溪县人民政府申请复查" in answer.body


@pytest.mark.parametrize("outcome", [Outcome.NOT_APPLICABLE, Outcome.PASSED_ON])
def test_a_question_is_answered_without_asking_for_marks(outcome: Outcome) -> None:
    answer = letters.answer(SIGN, NUMBER, outcome, "课后服务费按学期收取，依据见收费公示。")

    assert "满意" not in answer.body
    assert "感谢您的监督" not in answer.body


def test_where_nobody_can_reply_no_mark_is_asked_for() -> None:
    assert "满意" not in letters.answer(SIGN, NUMBER, Outcome.TRUE, FINISHED, rating=False).body
