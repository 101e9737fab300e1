"""A bulletin is kept as text and read back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from reports.contents import (
    Annex,
    Balance,
    Breakdown,
    Bulletin,
    BulletinKind,
    CellKind,
    Chapter,
    Column,
    Counted,
    Integrity,
    NumberRun,
    OverdueCase,
    Passage,
    Rate,
    Span,
    Table,
    Tally,
)
from reports.contents_json import from_json, to_json

A_TABLE = Table(
    name="超期清单",
    title="超期未办结清单",
    columns=(Column(title="编号", width=9), Column(title="天数", kind=CellKind.NUMBER, printed=False)),
    rows=(("ZJ20261103-0001", 3), ("ZJ20261104-0002", None)),
    total=("合计", 3),
)
A_BULLETIN = Bulletin(
    office="安溪县教育局",
    title="投诉举报受理办理情况数据专报（2026年11月）",
    span=Span(
        kind=BulletinKind.MONTHLY,
        name="2026-11",
        label="2026年11月",
        first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 30),
    ),
    number="ZB-2026-11",
    issue_no=1,
    cutoff=datetime(2026, 11, 30, 16, tzinfo=UTC),
    balance=Balance(
        opening=8, received=31, restored=1, closed=26, rejected=1, transferred=3, merged=2, open_at_end=8
    ),
    matters=29,
    breakdowns=(Breakdown(name="来源", lines=(Counted(label="电话", now=20, before=None, this_year=120),)),),
    outcomes=(("属实", 4),),
    in_time_original=Rate(due=20, in_time=18),
    in_time_current=Rate(due=9, in_time=9),
    overdue_cases=(
        OverdueCase(
            number="ZJ20261103-0001",
            kind="resolve",
            label="办理超期",
            school="凤鸣中学",
            section="中教股",
            subject="退费（摘要待确认）",
            days=3,
            unit="个工作日",
            waits_for="等学校反馈",
            handler="王军",
            reason="",
            expected_on=date(2026, 12, 3),
            original_day=date(2026, 11, 17),
            current_day=date(2026, 11, 25),
            extensions=1,
            extended_days=5,
            approved_by="苏敏",
            suspended_days=0,
            pressed=1,
        ),
    ),
    integrity=Integrity(
        numbers=(
            NumberRun(first="ZJ20261103-0001", last="ZJ20261103-0004", count=3, missing=("ZJ20261103-0002",)),
        ),
        tallies=(Tally(name="邮件", total=3, parts=(("登记成件", 1), ("广告", 2))),),
        anchor_seq=7,
        anchor_mac="ab" * 32,
    ),
    chapters=(
        Chapter(heading="一、总体情况", passages=(Passage(paragraphs=("一段。",), tables=(A_TABLE,)),)),
    ),
    annexes=(Annex(number=1, title="统计表", tables=(A_TABLE,), landscape=True),),
)


def test_a_bulletin_read_back_is_the_one_that_was_written() -> None:
    assert from_json(to_json(A_BULLETIN)) == A_BULLETIN


def test_the_same_bulletin_is_the_same_text() -> None:
    assert to_json(from_json(to_json(A_BULLETIN))) == to_json(A_BULLETIN)


def test_the_balance_of_the_model_sentence_balances() -> None:
    assert A_BULLETIN.balance.into == 40
    assert A_BULLETIN.balance.balances
    assert not replace(A_BULLETIN.balance, voided=1).balances


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        pytest.param(Rate(due=20, in_time=18), "18/20（90.0%）", id="a share of twenty"),
        pytest.param(Rate(due=9, in_time=9), "9/9", id="no percentage of fewer than ten"),
        pytest.param(Rate(due=0, in_time=0), "本期无到期件", id="nothing was due"),
    ],
)
def test_a_rate_in_words(rate: Rate, words: str) -> None:
    assert rate.words == words


def test_the_end_of_a_day_is_its_24_o_clock() -> None:
    assert A_BULLETIN.cutoff_words == "2026年11月30日24时"
    draft = replace(A_BULLETIN, cutoff=datetime(2026, 11, 23, 7, 20, tzinfo=UTC))
    assert draft.cutoff_words == "2026年11月23日15:20"
