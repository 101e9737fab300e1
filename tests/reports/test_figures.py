"""Months made by hand, with figures that were worked out on paper."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from reports.bulletins import Unbalanced
from reports.contents import Balance, Bulletin, BulletinKind, Rate
from reports.contents_json import to_json
from tests.reports.support import HERE, NOBODY, THERE, Months
from tickets import handling
from tickets.identity import Person
from tickets.models import Ticket
from tickets.vocabulary import Action, Channel, Satisfaction, Status

BY_MAIL = Person(name="林小雅", email="lin@example.com")


def overdue_of(found: Bulletin) -> dict[str, tuple[int, int]]:
    return {each.kind: (each.tickets, each.longest) for each in found.overdue if each.tickets}


def test_a_month_without_anything_is_a_zero_report(office: Months) -> None:
    office.at("12-01 08:00")
    found = office.bulletin()
    assert found.nothing_came
    assert found.balance == Balance()
    assert "实行零报告" in "".join(p for c in found.chapters for each in c.passages for p in each.paragraphs)


def test_every_way_out_is_counted_once_and_the_balance_balances(office: Months) -> None:
    old = office.comes("10-20 09:00")
    office.does("10-21 09:00", old, Action.ACCEPT)
    numbers = [office.comes(f"11-{day:02d} 09:00") for day in (2, 3, 4, 5, 6, 9, 10)]
    closed, refused, passed_on, merged, withdrawn, voided, _open = numbers
    office.goes(
        closed,
        taken="11-03 10:00",
        done="11-05 10:00",
        approved="11-06 10:00",
        answered="11-06 11:00",
        closed="11-09 10:00",
    )
    office.does("11-10 11:00", refused, Action.REFUSE, by="head")
    office.does("11-10 12:00", passed_on, Action.TRANSFER_OUT, by="head")
    office.does("11-10 13:00", merged, Action.MERGE, into=old)
    office.does("11-10 14:00", withdrawn, Action.WITHDRAW)
    office.does("11-10 15:00", withdrawn, Action.WITHDRAW, by="clerk_only")
    office.does("11-10 16:00", withdrawn, Action.WITHDRAW, by="head")
    office.does("11-11 09:00", voided, Action.VOID)
    office.does("11-11 10:00", voided, Action.VOID, by="head")
    office.at("12-01 08:00")

    found = office.bulletin()

    assert found.balance == Balance(
        opening=1,
        received=7,
        closed=1,
        rejected=1,
        transferred=1,
        merged=1,
        withdrawn=1,
        voided=1,
        open_at_end=2,
    )
    assert found.balance.balances
    assert found.matters == 6
    assert {case.number for case in found.open_cases} == {old, _open}
    assert [(row.number, row.settled) for row in found.reconciled] == [(old, False)]


def test_a_case_closed_and_taken_up_again_is_counted_both_times(office: Months) -> None:
    number = office.comes("11-02 09:00")
    office.goes(
        number,
        taken="11-03 10:00",
        done="11-05 10:00",
        approved="11-06 10:00",
        answered="11-06 11:00",
        closed="11-09 10:00",
    )
    office.does("11-12 09:00", number, Action.REOPEN, by="head")
    office.at("12-01 08:00")
    found = office.bulletin()
    assert (found.balance.closed, found.balance.restored, found.balance.open_at_end) == (1, 1, 1)
    assert found.balance.balances


def test_a_mark_that_came_by_mail_after_the_end_is_counted_and_a_bad_one_takes_the_case_up_again(
    office: Months,
) -> None:
    good, bad = office.comes("11-02 09:00", people=(BY_MAIL,)), office.comes("11-02 10:00", people=(BY_MAIL,))
    for number in (good, bad):
        office.goes(
            number, taken="11-03 10:00", done="11-05 10:00", approved="11-06 10:00", answered="11-06 11:00"
        )
    office.at("11-10 09:00")
    with transaction() as session:
        assert handling.rated(session, good, Satisfaction.SATISFIED, "满意")
        assert handling.rated(session, bad, Satisfaction.DISSATISFIED, "不满意，没有退费")
    office.at("12-01 08:00")

    found = office.bulletin()

    marks = dict(found.call_backs)
    assert (marks["满意"], marks["书面答复，未评价"]) == (1, 1)
    assert (found.balance.closed, found.balance.restored, found.balance.open_at_end) == (2, 1, 1)
    assert found.balance.balances


def test_what_is_entered_after_the_cut_off_belongs_to_the_next_bulletin(office: Months) -> None:
    office.comes("12-01 08:30", received="11-30 16:00")
    office.at("2027-01-04 08:00")
    november, december = office.bulletin(), office.bulletin("2026-12")
    assert november.balance.received == 0
    assert (december.balance.received, december.integrity.backfilled) == (1, 1)


def test_a_bulletin_made_late_has_the_figures_of_one_made_in_time(office: Months) -> None:
    """Everything that happens afterwards, a late entry of an earlier answer included, changes nothing of it."""
    first, second, third = (office.comes(f"11-{day} 09:00") for day in (16, 17, 18))
    for number in (first, second):
        office.goes(number, taken="11-19 09:00", done="11-20 09:00", approved="11-23 09:00")
    office.does("11-24 09:00", first, Action.ANSWERED, by="clerk_only", at="2026-11-24T08:50:00+08:00")
    office.does("11-25 09:00", third, Action.ACCEPT)
    office.at("12-01 00:40")
    in_time = office.bulletin()

    office.does("12-01 09:00", second, Action.ANSWERED, by="clerk_only", at="2026-11-27T10:00:00+08:00")
    office.does("12-01 10:00", first, Action.UNDELIVERED, by="clerk_only")
    office.does("12-01 11:00", third, Action.HAND_OVER, by="head")
    office.at("12-20 09:00")
    late = office.bulletin()

    assert late == in_time


@pytest.mark.parametrize(
    ("answered", "rate"),
    [
        pytest.param("11-16 23:00", Rate(due=1, in_time=1), id="in the last hour of the last day"),
        pytest.param("11-17 00:00", Rate(due=1, in_time=0), id="at the first moment of the next"),
        pytest.param("", Rate(due=1, in_time=0), id="not at all"),
    ],
)
def test_on_time_means_answered_by_the_last_day(office: Months, answered: str, rate: Rate) -> None:
    number = office.comes("11-02 09:00")  # ten working days: 11-16
    office.goes(number, taken="11-03 10:00", done="11-05 10:00", approved="11-06 10:00", answered=answered)
    office.at("12-01 08:00")
    found = office.bulletin()
    assert found.in_time_original == found.in_time_current == rate


def test_the_holiday_moves_the_day_and_the_make_up_saturday_counts(office: Months) -> None:
    """Received on 2026-09-24: the holidays of October lie in between, 10-10 (Saturday) is worked."""
    number = office.comes("09-24 09:00")
    office.at("2026-11-02 08:00")
    found = office.bulletin("2026-10")
    row = next(case for case in found.overdue_cases if case.number == number and case.kind == "resolve")
    assert row.original_day == date(2026, 10, 15)
    assert row.days == 11


def test_an_extension_saves_the_second_rate_and_not_the_first(office: Months) -> None:
    number = office.comes("11-02 09:00")
    office.goes(number, taken="11-03 10:00", done="")
    office.does("11-12 09:00", number, Action.EXTEND, days="4")
    office.does("11-12 10:00", number, Action.EXTEND, by="head")
    office.does("11-19 09:00", number, Action.REPORT_DONE)
    office.does("11-19 10:00", number, Action.APPROVE, by="leader")
    office.does("11-19 11:00", number, Action.ANSWERED, by="clerk_only", at="2026-11-19T11:00:00+08:00")
    office.at("12-01 08:00")
    found = office.bulletin()
    assert found.in_time_original == Rate(due=1, in_time=0)
    assert found.in_time_current == Rate(due=1, in_time=1)
    assert found.extended == 1
    assert not found.late_closed


def test_what_is_asked_for_besides_has_its_denominator(office: Months) -> None:
    done = office.comes("11-03 09:00")
    office.goes(
        done,
        taken="11-03 10:00",
        done="11-05 09:00",
        approved="11-05 10:00",
        answered="11-05 11:00",
        closed="11-06 09:00",
    )
    paused = office.comes("11-03 09:00")
    office.goes(paused, taken="11-03 10:00", done="")
    office.does("11-09 09:00", paused, Action.SUSPEND, by="head", until="2026-11-20")
    found = office.at("12-01 00:40").bulletin()
    assert found.quality.rectified == 1
    assert found.quality.satisfied == Rate(due=1, in_time=1)
    assert found.quality.in_time_never_suspended == Rate(due=1, in_time=1)
    assert found.quality.year_before is None
    text = "".join(text for c in found.chapters for p in c.passages for text in p.paragraphs)
    assert "推动整改问题 1 个" in text
    assert "回访满意（含基本满意）1/1" in text
    assert "同比" not in text


def test_last_year_s_same_period_is_compared_once_it_was_counted(office: Months) -> None:
    office.comes("2026-11-03 09:00")
    office.comes("2027-11-03 09:00")
    office.comes("2027-11-04 09:00")
    found = office.at("2027-12-01 00:40").bulletin("2027-11")
    assert found.quality.year_before == 1
    text = "".join(text for c in found.chapters for p in c.passages for text in p.paragraphs)
    assert "去年同期新收 1 件，同比增加 1 件" in text
    assert "同比增加 100" not in text


def test_the_five_kinds_of_being_late_stand_apart_with_their_units(office: Months) -> None:
    waiting = office.comes("11-02 09:00")  # accept 11-05, resolve 11-16, written notice 11-17
    office.at("12-01 08:00")
    found = office.bulletin()
    assert overdue_of(found) == {"accept": (1, 17), "resolve": (1, 10), "legal": (1, 13)}
    assert [(each.kind, each.unit) for each in found.overdue][-1] == ("legal", "日")
    assert {case.number for case in found.overdue_cases} == {waiting}


def test_what_fell_due_at_the_end_of_the_last_day_is_late_without_a_day_over(office: Months) -> None:
    office.comes("11-16 09:00")  # ten working days: 11-30
    office.at("12-01 08:00")
    row = next(case for case in office.bulletin().overdue_cases if case.kind == "resolve")
    assert (row.days, row.original_day) == (0, date(2026, 11, 30))


def test_a_suspended_case_is_not_late_and_its_day_moves(office: Months) -> None:
    number = office.comes("11-09 09:00")  # 11-23
    office.goes(number, taken="11-10 10:00", done="")
    office.does("11-16 09:00", number, Action.SUSPEND, by="head", until="2026-12-04")
    office.at("12-01 08:00")
    found = office.bulletin()
    assert found.suspended == 1
    assert "resolve" not in overdue_of(found)
    suspended = next(t for t in found.annexes[3].tables if t.name == "暂停清单")
    assert suspended.rows[0][0] == number


def test_closed_late_is_a_list_of_its_own(office: Months) -> None:
    number = office.comes("11-02 09:00")
    office.goes(
        number,
        taken="11-03 10:00",
        done="11-18 10:00",
        approved="11-19 10:00",
        answered="11-19 11:00",
        closed="11-20 10:00",
    )
    office.at("12-01 08:00")
    found = office.bulletin()
    assert [(case.number, case.days, case.closed_on) for case in found.late_closed] == [
        (number, 3, date(2026, 11, 19))
    ]
    assert number not in {case.number for case in found.overdue_cases}
    assert not office.at("2027-01-05 08:00").bulletin("2026-12").late_closed


def test_thirty_voices_on_one_matter_are_one_matter(office: Months) -> None:
    main = office.comes("11-02 09:00", people=(NOBODY,))
    for minute in range(1, 30):
        other = office.comes(f"11-02 10:{minute:02d}", people=(NOBODY,))
        office.does(f"11-02 11:{minute:02d}", other, Action.MERGE, into=main)
    office.at("12-01 08:00")
    found = office.bulletin()
    assert (found.balance.received, found.matters, found.balance.merged) == (30, 1, 29)


def test_change_is_said_in_cases_and_per_cent_only_from_ten(office: Months) -> None:
    for hour in range(12):
        office.comes(f"10-12 {hour + 8:02d}:00")
    for hour in range(3):
        office.comes(f"11-12 {hour + 8:02d}:00", channel=Channel.VISIT)
        office.comes(f"11-13 {hour + 8:02d}:00")
    office.at("12-01 08:00")
    found = office.bulletin()
    channel = next(each for each in found.breakdowns if each.name == "来源")
    assert [(line.label, line.now, line.before, line.this_year) for line in channel.lines] == [
        ("电话", 3, 12, 15),
        ("来访", 3, 0, 3),
    ]
    table = next(each for each in found.annexes[0].tables if each.name == "按来源")
    assert [row[3] for row in table.rows] == ["−9（−75.0%）", "+3"]


def test_schools_are_named_from_three_on_and_without_a_rank(office: Months) -> None:
    often, seldom = office.school("云岭中学", urban=True), office.school("石鼓中学")
    for hour in range(3):
        office.comes(f"11-12 {hour + 8:02d}:00", school_ids=(often,))
    for hour in range(2):
        office.comes(f"11-13 {hour + 8:02d}:00", school_ids=(seldom,))
    office.at("12-01 08:00")
    found = office.bulletin()
    assert found.schools == (("云岭中学", 3),)
    town = next(each for each in found.breakdowns if each.name == "城乡")
    assert [(line.label, line.now) for line in town.lines] == [("城区", 3), ("乡镇", 2)]


def test_only_released_text_and_nobody_who_complained(office: Months) -> None:
    told = office.comes("11-02 09:00", matter="林小雅说孩子在三班，被王老师点名。")
    untold = office.comes("11-02 10:00", matter="林小雅说孩子在四班，被李老师点名。")
    office.at("11-03 09:00").releases(told, "学校课后服务管理不规范")
    office.at("12-01 08:00")
    found = office.bulletin()
    subjects = {case.number: case.subject for case in found.overdue_cases}
    assert subjects[told] == "学校课后服务管理不规范"
    assert subjects[untold].endswith("（摘要待确认）")
    text = to_json(found)
    for word in ("林小雅", "13905951234", "三班", "四班", "王老师", "点名"):
        assert word not in text


def test_what_was_loaded_as_history_is_told_apart(office: Months) -> None:
    office.comes("11-02 09:00", received="2019-03-01 09:00", source="load", external_id="x1", backfilled=True)
    office.at("12-01 08:00")
    found = office.bulletin()
    assert (found.integrity.loaded, found.integrity.backfilled) == (1, 0)


def test_a_number_that_is_gone_is_named(office: Months) -> None:
    first, gone, third = (office.comes(f"11-02 {hour}:00") for hour in ("09", "10", "11"))
    _erase(gone)
    office.at("12-01 08:00")
    run = office.bulletin().integrity.numbers[0]
    assert (run.first, run.last, run.count, run.missing) == (first, third, 2, (gone,))


def test_a_status_changed_behind_the_history_s_back_makes_no_bulletin(office: Months) -> None:
    number = office.comes("11-02 09:00")
    with transaction() as session:
        session.execute(sa.update(Ticket).where(Ticket.number == number).values(status=Status.CLOSED))
    office.at("12-01 08:00")
    with pytest.raises(Unbalanced) as caught:
        office.bulletin()
    assert caught.value.differences == (f"{number} 状态与经过不符：现为“已办结”，按经过应为“待受理”",)


def test_sections_balance_one_by_one(office: Months) -> None:
    moved = office.comes("11-02 09:00")
    office.comes("11-03 09:00", section=THERE)
    office.does("11-04 09:00", moved, Action.HAND_OVER, by="head")
    office.at("12-01 08:00")
    found = office.bulletin()
    assert all(each.balance.balances for each in found.sections)
    assert sorted(each.balance.received for each in found.sections) == [0, 2]
    assert HERE != THERE


def test_a_draft_counts_up_to_its_cut_off(office: Months) -> None:
    office.comes("11-02 09:00")
    office.comes("11-12 09:00")
    office.at("11-20 09:00")
    assert office.draft("2026-11", "11-12 08:59").balance.received == 1
    found = office.draft("2026-11", "11-12 09:00")
    assert (found.balance.received, found.draft, found.number) == (2, True, "")
    assert found.cutoff_words == "2026年11月12日09:00"


def test_weeks_quarters_and_years_count_the_same_cases(office: Months) -> None:
    for day in ("10-20", "11-17", "11-18"):
        office.comes(f"{day} 09:00")
    office.at("2027-01-05 08:00")
    received = {
        name: office.bulletin(name, kind).balance.received
        for kind, name in (
            (BulletinKind.WEEKLY, "2026-W47"),
            (BulletinKind.MONTHLY, "2026-11"),
            (BulletinKind.QUARTERLY, "2026-Q4"),
            (BulletinKind.ANNUAL, "2026"),
        )
    }
    assert received == {"2026-W47": 2, "2026-11": 2, "2026-Q4": 3, "2026": 3}


def _erase(number: str) -> None:
    """Somebody with the database's password takes a ticket out, as cleverly as he can."""
    with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
        connection.execute("DROP TRIGGER ticket_event_no_delete")
        for statement in (
            "DELETE FROM ticket_event WHERE ticket_id = (SELECT id FROM ticket WHERE number = ?)",
            "DELETE FROM deadline WHERE ticket_id = (SELECT id FROM ticket WHERE number = ?)",
            "DELETE FROM ticket WHERE number = ?",
        ):
            connection.execute(statement, (number,))
        connection.commit()
