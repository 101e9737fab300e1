"""A due date explained: the sentences a person reads out, and the list of days."""

from __future__ import annotations

from datetime import date

import pytest

from tests.deadlines.support import (
    ACCEPT,
    CALENDAR,
    COMPLAINT,
    HOURS,
    LEGAL,
    NOTICE,
    SUMMER,
    day,
    due,
    extended,
    local,
    pause,
    suspended,
    working,
)
from tickets.deadlines.days import day_list
from tickets.deadlines.explanation import Explanation, Extension, explain
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Due, OfficeHours

BY_THE_LEADER = Extension(9, "分管领导", day("2026-12-03"), on_paper=True)


def explained(
    deadline: Due, *extensions: Extension, now: str = "2026-12-09 09:00", hours: OfficeHours = HOURS
) -> Explanation:
    return explain(deadline, CALENDAR, hours, at=local(now), extensions=extensions)


def test_an_evening_before_two_holidays_is_told_day_by_day() -> None:
    assert explained(due("2026-09-24 17:45")).sentences == (
        "办理时限：2026年10月16日（星期五）当日内",
        "到件 9月24日（周四）17:45，已过下班时间 17:30，视为下一个工作日 9月28日（周一）收到（9月25–27日 中秋放假）。",
        "收到当日不算，从 9月29日 起数 10 个工作日：",
        "9月29日①、9月30日②；10月1–7日 国庆放假，不算；10月8日③、10月9日④、10月10日（周六，调休上班）⑤；"
        "10月11日 周日，不算；10月12日⑥、13日⑦、14日⑧、15日⑨、16日⑩。",
        "10月15日 起为临期，10月19日（周一）起为超期。依据：内部时限“投诉 10 个工作日”；放假安排：2026 年（已公布）。",
    )


def test_the_same_afternoon_ends_a_day_earlier_and_can_say_why() -> None:
    sentences = explained(due("2026-09-24 17:00")).sentences

    assert sentences[0] == "办理时限：2026年10月15日（星期四）当日内"
    assert sentences[1] == "到件 9月24日（周四）17:00，是工作日，未过下班时间 17:30，当日收到。"
    assert "9月28日①" in sentences[3]
    assert "10月10日（周六，调休上班）⑥" in sentences[3]
    assert "15日⑩" in sentences[3]


def test_a_legal_deadline_names_the_unmoved_day_and_the_moved_one() -> None:
    assert explained(due("2026-09-29 10:00", LEGAL)).sentences == (
        "法定期限 60 日：2026年11月28日（星期六，自然日，受理当日不算）。按习惯逢休息日顺延，但提醒一律按 11月28日 提前。",
        "顺延后的最后一日是 11月30日（周一）。",
        "11月27日 起为临期，12月1日（周二）起为超期。依据：《信访工作条例》第三十四条；放假安排：2026 年（已公布）。",
    )


def test_a_written_notice_counts_from_receipt() -> None:
    sentences = explained(due("2026-11-25 10:00", NOTICE)).sentences

    assert sentences[0] == "书面告知期限 15 日：2026年12月10日（星期四，自然日，到件当日不算）。"
    assert "《信访工作条例》第二十三条" in sentences[1]


def test_an_estimate_says_so_and_names_no_day_from_which_it_is_late() -> None:
    sentences = explained(due("2026-12-24 10:00")).sentences

    assert sentences[-1] == (
        "2027 年放假安排尚未公布，1月1日以后的日期暂按推算，公布后自动重算并通知您；在此之前不会因推算日期判为超期。"
    )
    assert "超期。依据" not in sentences[-2]
    assert "2027年1月7日 起为临期。" in sentences[-2]
    assert "放假安排：2026 年（已公布）、2027 年（未公布）。" in sentences[-2]
    assert "2027年1月1日 元旦放假、1月2–3日 周末，不算" in sentences[3]


def test_a_past_year_that_was_never_entered_is_not_promised_to_be_announced() -> None:
    sentences = explained(due("2022-11-25 10:00", ACCEPT)).sentences

    assert sentences[-1] == "2022 年放假安排没有录入，日期暂按推算，不会因推算日期判为超期。"
    assert "2022 年（未录入）" in sentences[-2]


def test_an_extension_tells_both_dates_and_how_each_stands() -> None:
    sentences = explained(extended(due("2026-11-23 10:00"), 9), BY_THE_LEADER).sentences

    assert sentences[0] == "办理时限：2026年12月18日（星期五）当日内"
    assert sentences[2] == "收到当日不算，从 11月24日 起数 10 个工作日，再加延期 9 个工作日："
    assert sentences[-1] == (
        "原定 12月7日（周一，永久保留）→ 经分管领导 12月3日 书面同意延至 12月18日（周五）。"
        "按原定计：超期；按批准计：未超期。报告中两个数都列。"
    )


def test_two_extensions_are_told_one_after_the_other() -> None:
    head, leader = Extension(4, "股室负责人", day("2026-12-02")), Extension(5, "分管领导", day("2026-12-10"))

    told = explained(extended(due("2026-11-23 10:00"), 9), head, leader).sentences[-1]

    assert told.startswith(
        "原定 12月7日（周一，永久保留）→ 经股室负责人 12月2日 同意延至 12月11日（周五）"
        "→ 经分管领导 12月10日 同意延至 12月18日（周五）。"
    )


def test_a_case_answered_in_time_stays_so_however_late_it_is_looked_at() -> None:
    told = explained(extended(due("2026-11-23 10:00"), 9), BY_THE_LEADER, now="2026-12-04 10:00").sentences[
        -1
    ]

    assert "按原定计：未超期；按批准计：未超期" in told


def test_the_legal_extension_is_told_in_natural_days() -> None:
    deadline = extended(due("2026-09-29 10:00", LEGAL), 30)

    sentences = explained(deadline, Extension(30, "局负责人", day("2026-11-20"), on_paper=True)).sentences

    assert sentences[0].startswith("法定期限 60 日（经批准再延长 30 日）：2026年12月28日（星期一，")
    assert "经局负责人 11月20日 书面同意延至 12月28日（周一）" in sentences[-1]


def test_extensions_that_are_not_those_of_the_deadline_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="not the extensions"):
        explained(due("2026-11-23 10:00"), BY_THE_LEADER)


def test_a_pause_is_told_and_its_days_are_marked() -> None:
    deadline = suspended(due("2026-11-23 10:00"), pause("2026-11-25 10:00", "2026-11-30 09:00"))

    told = explained(deadline)

    assert told.sentences[-1] == (
        "11月25日 起暂停计时（待反映人补充），11月30日 恢复：暂停当日至恢复前一日的 3 个工作日不算，恢复时剩下的天数与暂停时相同。"
    )
    assert "11月25–27日 暂停计时、11月28–29日 周末，不算" in told.sentences[3]
    assert [it.why for it in told.days if it.why == "暂停计时"] == ["暂停计时"] * 3


def test_a_pause_that_came_too_late_says_that_it_moved_nothing() -> None:
    deadline = suspended(due("2026-11-23 10:00"), pause("2026-12-08 10:00", "2026-12-15 09:00"))

    assert explained(deadline).sentences[-1] == "12月8日 起暂停计时（待反映人补充），当时已过期限，不顺延。"


def test_a_pause_that_was_over_before_it_began_is_not_told() -> None:
    deadline = suspended(due("2026-11-23 10:00"), pause("2026-11-16 10:00", "2026-11-20 09:00"))

    assert explained(deadline) == explained(due("2026-11-23 10:00"))


def test_an_approval_is_told_as_it_stood_before_a_later_pause() -> None:
    deadline = suspended(extended(due("2026-11-23 10:00"), 9), pause("2026-12-07 10:00", "2026-12-10 09:00"))

    sentences = explained(deadline, BY_THE_LEADER).sentences

    assert sentences[0] == "办理时限：2026年12月23日（星期三）当日内"
    assert "同意延至 12月18日（周五）" in sentences[-1]


def test_a_day_from_a_paper_is_not_counted_out() -> None:
    sentences = explained(
        due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2026-12-03")))
    ).sentences

    assert sentences == (
        "学校反馈时限：2026年12月3日（星期四）当日内",
        "送达 11月25日（周三）10:00，是工作日，未过下班时间 17:30，当日送达。",
        "文书写明的日期是 12月3日（周四），不另行推算。",
        "12月2日 起为临期，12月4日（周五）起为超期。依据：文书写明的日期；放假安排：2026 年（已公布）。",
    )


def test_a_paper_may_name_a_day_of_the_year_before() -> None:
    told = explained(due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2025-12-03"))))

    assert told.days == ()
    assert told.sentences[0] == "学校反馈时限：2025年12月3日（星期三）当日内"
    assert "放假安排：2026 年（已公布）" in told.sentences[-1]


@pytest.mark.parametrize(
    ("kind", "started"),
    [
        (DeadlineKind.SIGN_OFF, "送达 11月25日（周三）10:00，是工作日，未过下班时间 17:30，当日送达。"),
        (DeadlineKind.CALL_BACK, "答复 11月25日（周三）10:00，是工作日，未过下班时间 17:30，当日答复。"),
        (DeadlineKind.ACCEPT, "到件 11月25日（周三）10:00，是工作日，未过下班时间 17:30，当日收到。"),
    ],
)
def test_every_kind_says_what_started_it(kind: DeadlineKind, started: str) -> None:
    assert explained(due("2026-11-25 10:00", DeadlineRule(kind, 3))).sentences[1] == started


@pytest.mark.parametrize(
    ("received", "arrival"),
    [
        pytest.param(
            "2026-11-21 10:00",
            "到件 11月21日（周六）10:00，当天不上班（周六），视为下一个工作日 11月23日（周一）收到（11月22日 周日）。",
            id="a day off",
        ),
        pytest.param(
            "2026-11-23 17:30:20",
            "到件 11月23日（周一）17:30:20，已过下班时间 17:30，视为下一个工作日 11月24日（周二）收到。",
            id="seconds where they decide",
        ),
    ],
)
def test_why_a_thing_counts_as_received_later(received: str, arrival: str) -> None:
    assert explained(due(received)).sentences[1] == arrival


def test_the_season_that_decided_is_the_one_that_is_told() -> None:
    deadline = due("2026-06-01 17:45", COMPLAINT, SUMMER)

    assert "未过下班时间 18:00" in explained(deadline, hours=SUMMER).sentences[1]


def test_a_count_beyond_fifty_is_still_readable() -> None:
    counted = explained(due("2026-06-01 10:00", working(52))).sentences[3]

    assert all(mark in counted for mark in ("⑳", "㉑", "㉟", "㊱", "㊿", "(51)", "(52)"))


def test_every_day_from_arrival_to_the_last_one_is_listed_with_its_reason() -> None:
    listed = day_list(due("2026-09-24 17:45", working(3)), CALENDAR)

    assert [(it.date.day, it.counts, it.ordinal, it.why) for it in listed[:7]] == [
        (24, False, None, "到件时已过下班时间"),
        (25, False, None, "中秋放假"),
        (26, False, None, "中秋放假"),
        (27, False, None, "中秋放假"),
        (28, False, None, "视为收到当日，不算"),
        (29, True, 1, "工作日"),
        (30, True, 2, "工作日"),
    ]
    assert (listed[-1].date, listed[-1].ordinal) == (date(2026, 10, 8), 3)


def test_estimated_days_are_marked_one_by_one() -> None:
    whys = {it.date: it.why for it in day_list(due("2026-12-30 10:00", working(2)), CALENDAR)}

    assert whys[date(2026, 12, 31)] == "工作日"
    assert whys[date(2027, 1, 1)] == "元旦放假（暂按推算）"
    assert whys[date(2027, 1, 4)] == "工作日（暂按推算）"


def test_natural_days_are_all_counted_but_the_first_and_those_it_moved_over() -> None:
    listed = day_list(due("2026-09-29 10:00", LEGAL), CALENDAR)

    assert (listed[0].counts, listed[0].why) == (False, "受理当日不算")
    assert sum(it.counts for it in listed) == 60
    assert [(it.date.day, it.why) for it in listed[-3:]] == [
        (28, "自然日"),
        (29, "逢休息日顺延"),
        (30, "逢休息日顺延"),
    ]
