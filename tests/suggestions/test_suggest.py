"""One suggestion for one complaint, with the words that led to it; and how good it is on real complaints."""

from __future__ import annotations

import json
import sys
import time

import pytest

from tests.suggestions.samples import SECTIONS, categories, suggester
from tests.support.corpora import corpora_or_skip
from tickets.suggestions.suggest import Suggester


def test_every_suggestion_tells_the_words_that_led_to_it() -> None:
    suggestion = suggester().suggest(
        "课后服务强制参加", "云岭十二小三年级老师打学生，家长要去集体上访，请替我保密"
    )

    assert suggestion.section == "chuyoujiao"
    assert suggestion.section_name == "初幼教股"
    assert suggestion.category == "A1"
    assert (suggestion.urgent, suggestion.alarm) == (True, "Y2")
    assert [school.name for school in suggestion.schools] == ["安溪县云岭第十二小学"]
    assert suggestion.fears_exposure
    assert suggestion.why == (
        "学校的学段：安溪县云岭第十二小学",
        "类别 A1 强制或变相强制参加：强制参加",
        "Y2 殴打体罚：打学生",
        "提到的学校：安溪县云岭第十二小学",
        "担心暴露身份：请替我保密，建议提高密级",
    )


@pytest.mark.parametrize(
    "text", ["怕老师报复", "不敢实名", "千万别让学校知道是我说的", "上次信息泄露给学校了"]
)
def test_who_fears_to_be_known_is_heard(text: str) -> None:
    assert suggester().suggest("", text).fears_exposure


def test_what_deserves_attention_is_on_watch_but_not_urgent() -> None:
    suggestion = suggester().suggest("", "课后服务没人看管，门没锁，有安全隐患")

    assert suggestion.watch
    assert not suggestion.urgent


def test_the_school_field_outweighs_the_text() -> None:
    suggestion = suggester().suggest("", "云岭一小的家长说的情况，云岭一小也有", school_text="双桥中学")

    assert suggestion.section == "zhongjiao"


def test_an_office_without_schools_or_categories_still_gets_a_section() -> None:
    suggestion = Suggester(SECTIONS, (), ()).suggest("", "初一补课")

    assert (suggestion.section, suggestion.category, suggestion.schools) == ("zhongjiao", None, ())


def test_the_section_of_the_labelled_complaints(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (corpora_or_skip() / "complaints" / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    complaints = [one for one in map(json.loads, lines) if one["section"] in ("中教股", "初幼教股")]
    reader = Suggester(SECTIONS, categories(), ())
    right = [
        one for one in complaints if reader.suggest(one["title"], one["body"]).section_name == one["section"]
    ]

    with capsys.disabled():
        sys.stdout.write(f"\nsection: {len(right)} of {len(complaints)} labelled complaints right\n")
    assert len(complaints) == 56
    assert len(right) >= 51


def test_an_ordinary_complaint_takes_a_few_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "云岭十二小三年级课后服务每月收费三百元，不参加不行，老师上新课，孩子五点半放学没人看管，请教育局核实处理。"
        * 12
    )[:500]
    suggester().suggest("", text)
    rounds = 50
    start = time.perf_counter()
    for _ in range(rounds):
        suggester().suggest("", text)
    each = (time.perf_counter() - start) / rounds * 1e6

    with capsys.disabled():
        sys.stdout.write(f"\nsuggestion: {each:.0f} µs per 500 characters\n")
    assert each < 50_000


def test_a_megabyte_does_not_stop_the_intake() -> None:
    start = time.perf_counter()
    suggester().suggest("反映", "孩子被老师打，云岭十二小课后服务收费" * 60_000)
    assert time.perf_counter() - start < 5
