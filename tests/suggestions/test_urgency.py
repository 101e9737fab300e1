"""Danger to life or body raises an alarm; denial, prevention, a lesson's topic or a story from elsewhere does not."""

from __future__ import annotations

import json
import sys
import time

import pytest

from tests.suggestions.urgency_samples import FURTHER_TRAPS, FURTHER_URGENT, TRAPS, URGENT
from tests.support.corpora import corpora_or_skip
from tickets.suggestions.urgency import guess_alarm


@pytest.mark.parametrize(("alarm", "text"), URGENT)
def test_the_level_of_each_alarm(alarm: str, text: str) -> None:
    guess = guess_alarm("", text)

    assert guess.alarm == alarm
    assert guess.urgent
    assert guess.why[0].startswith(alarm)


@pytest.mark.parametrize("text", TRAPS)
def test_what_only_sounds_dangerous_is_not_urgent(text: str) -> None:
    assert not guess_alarm("", text).urgent


def test_at_least_95_of_100_are_right_however_it_is_worded(capsys: pytest.CaptureFixture[str]) -> None:
    danger = [text for _, text in URGENT] + list(FURTHER_URGENT)
    harmless = [*TRAPS, *FURTHER_TRAPS]
    right = sum(guess_alarm("", text).urgent for text in danger) + sum(
        not guess_alarm("", text).urgent for text in harmless
    )

    with capsys.disabled():
        sys.stdout.write(f"\nurgency: {right} of {len(danger) + len(harmless)} own texts right\n")
    assert right >= 0.95 * (len(danger) + len(harmless))


def test_the_labelled_complaints_must_be_caught_with_few_false_alarms(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = (corpora_or_skip() / "complaints" / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    complaints = [json.loads(line) for line in lines]
    alarmed = {one["id"]: guess_alarm(one["title"], one["body"]).urgent for one in complaints}
    missed = [one["id"] for one in complaints if one["urgent"] and not alarmed[one["id"]]]
    false = [one["id"] for one in complaints if not one["urgent"] and alarmed[one["id"]]]
    calm = sum(not one["urgent"] for one in complaints)

    with capsys.disabled():
        sys.stdout.write(f"\nurgency: {len(missed)} urgent missed, {len(false)} false alarms among {calm}\n")
    assert missed == []
    assert len(false) <= 0.08 * calm


@pytest.mark.parametrize(
    "text",
    [
        "再不解决我们就集体上访",
        "几十名家长准备明天一起去教育局讨说法",
        "不处理就曝光到抖音上",
        "如果不退费就集体上访",
        "家长已经拉横幅堵校门",
        "我们会联系记者",
    ],
)
def test_unrest_is_told_to_the_leader_but_is_not_urgent(text: str) -> None:
    guess = guess_alarm("", text)

    assert guess.alarm == "Y3"
    assert not guess.urgent


@pytest.mark.parametrize(
    "text", ["社团拍摄媒体作品", "课程曝光度不够", "群体活动太少", "抖音小程序报名课后服务"]
)
def test_bare_words_of_unrest_raise_nothing(text: str) -> None:
    assert guess_alarm("", text).alarm is None


@pytest.mark.parametrize(
    ("denied", "meant"),
    [
        ("老师没有打人", "没写完作业老师就打人"),
        ("没有发生欺凌", "没人管，天天欺凌"),
        ("打人的事不存在", "打人的事没有人管"),
        ("防止踩踏", "发生踩踏"),
        ("校园欺凌防治工作", "校园欺凌严重"),
        ("溺水演练", "学生溺水"),
        ("担心孩子溺水", "担心孩子想不开自杀"),
        ("新闻里说有学校打学生", "老师打学生的视频发到抖音上了"),
        ("反对体罚", "孩子反被打"),
        ("欺凌教育课", "老师打人教育局不管吗"),
        ("担心学生被打", "孩子怕再被打不敢上学"),
        ("可能发生火灾", "孩子可能被老师打了"),
        ("老师不是打学生，是误会", "不是被打就是被骂"),
        ("请不要打骂学生", "老师不该打孩子"),
        ("没有动手打学生", "可怕的是老师打学生"),
        ("他爸车祸去世", "放学路上车祸，孩子重伤"),
    ],
)
def test_the_words_around_decide(denied: str, meant: str) -> None:
    assert not guess_alarm("", denied).urgent
    assert guess_alarm("", meant).urgent


def test_the_gravest_level_wins_and_every_reason_of_it_is_told() -> None:
    guess = guess_alarm("孩子被老师扇耳光", "现在说不想活了，家长要去集体上访")

    assert guess.alarm == "Y1"
    assert guess.why == ("Y1 轻生自伤：不想活",)


@pytest.mark.parametrize(
    "text",
    [
        "打" * 100_000,
        "被老师" * 30_000,
        "没有" * 50_000 + "打人",
        "孩子" * 50_000,
        "防止打人" * 20_000,
        " " * 100_000,
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    start = time.process_time()
    guess_alarm(text, text)
    assert time.process_time() - start < 3
