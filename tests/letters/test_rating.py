"""The one word in a reply: what counts as a mark, and what has to be read."""

from __future__ import annotations

import pytest

from tickets.letters.rating import rating_of
from tickets.vocabulary import Satisfaction


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("满意", "satisfied"),
        ("满意。", "satisfied"),
        ("1", "satisfied"),
        ("１", "satisfied"),
        ("1 满意", "satisfied"),
        ("1、满意，谢谢老师！", "satisfied"),
        ("您好，非常满意，谢谢你们！\n\n发自我的iPhone", "satisfied"),
        ("评价：满意", "satisfied"),
        ("基本满意", "mostly"),
        ("2", "mostly"),
        ("2 基本满意\n\n来自 网易邮箱大师", "mostly"),
        ("不满意", "dissatisfied"),
        ("3", "dissatisfied"),
        ("3 不满意", "dissatisfied"),
        ("不满意，钱还没有退。", "dissatisfied"),
        ("3，学校还在收", "dissatisfied"),
        ("不太满意", "dissatisfied"),
    ],
)
def test_one_word_is_a_mark(text: str, said: str) -> None:
    assert rating_of(text) is Satisfaction(said)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "谢谢",
        "收到",
        "满意，但是钱还没有退",
        "请问满意度怎么填",
        "1、学校还在收费；2、老师要求保密",
        "1 不满意",
        "3月5日又收了一次",
        "3 年级也在收",
        "12",
        "我对处理结果很满意但孩子被老师问话了",
        "没有不满意",
    ],
)
def test_everything_else_is_read_by_a_person(text: str) -> None:
    assert rating_of(text) is None
