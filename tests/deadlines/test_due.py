"""When a thing is due: day zero, working and natural days, papers, extensions, pauses, unknown years."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from tests.calendar.notices import NOTICES
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
from tickets.calendar.notice import parse_notice, with_notice
from tickets.calendar.seed import calendar_from
from tickets.deadlines import rules
from tickets.deadlines.rules import (
    DeadlineKind,
    DeadlineRule,
    OfficeHours,
    Pause,
    Season,
    Unit,
    original,
    recomputed,
)


@pytest.mark.parametrize(
    ("received", "zero"),
    [
        pytest.param("2026-11-23 09:00", "2026-11-23", id="in the morning of a working day"),
        pytest.param("2026-11-23 00:00", "2026-11-23", id="at midnight"),
        pytest.param("2026-11-23 17:30", "2026-11-23", id="at closing time: in time"),
        pytest.param("2026-11-23 17:30:01", "2026-11-24", id="a second later: the next working day"),
        pytest.param("2026-11-20 17:31", "2026-11-23", id="friday evening"),
        pytest.param("2026-11-21 10:00", "2026-11-23", id="saturday"),
        pytest.param("2026-10-10 10:00", "2026-10-10", id="a saturday worked instead"),
        pytest.param("2026-10-09 18:00", "2026-10-10", id="evening before it"),
        pytest.param("2026-10-01 10:00", "2026-10-08", id="国庆"),
        pytest.param("2026-12-31 18:00", "2027-01-04", id="over the end of a year"),
    ],
)
def test_the_day_a_thing_counts_as_received(received: str, zero: str) -> None:
    assert rules.day_zero(local(received), CALENDAR, HOURS) == day(zero)


@pytest.mark.parametrize(
    ("received", "zero"),
    [
        pytest.param("2026-04-30 17:45", "2026-05-06", id="the day before summer begins"),
        pytest.param("2026-05-06 17:45", "2026-05-06", id="in summer the office closes later"),
        pytest.param("2026-09-30 18:00", "2026-09-30", id="on its last day still"),
        pytest.param("2026-10-08 17:45", "2026-10-09", id="after it no more"),
    ],
)
def test_closing_time_goes_by_the_season(received: str, zero: str) -> None:
    assert rules.day_zero(local(received), CALENDAR, SUMMER) == day(zero)


def test_a_season_may_span_the_new_year() -> None:
    hours = OfficeHours(time(17, 30), (Season.parse("12-01", "02-29", "17:00"),))

    closing = [
        hours.closing_time(day(text)) for text in ("2026-11-30", "2026-12-01", "2027-02-28", "2027-03-01")
    ]

    assert closing == [time(17, 30), time(17, 0), time(17, 0), time(17, 30)]


@pytest.mark.parametrize("wrong", ["13-01", "02-30", "tomorrow", ""])
def test_a_season_that_is_no_date_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Season.parse("05-01", wrong, "18:00")


@pytest.mark.parametrize(
    ("received", "n", "last"),
    [
        pytest.param("2026-11-20 17:31", 3, "2026-11-26", id="friday after closing time"),
        pytest.param("2026-11-21 10:00", 3, "2026-11-26", id="saturday"),
        pytest.param("2026-11-23 09:00", 3, "2026-11-26", id="monday morning"),
        pytest.param("2026-10-09 10:00", 1, "2026-10-10", id="a make-up saturday counts"),
        pytest.param("2026-09-24 17:45", 10, "2026-10-16", id="evening before 中秋, over 国庆"),
        pytest.param("2026-09-24 17:00", 10, "2026-10-15", id="the same afternoon"),
        pytest.param("2026-09-17 10:00", 2, "2026-09-20", id="a make-up sunday may be the last day"),
        pytest.param("2026-02-13 10:00", 10, "2026-03-05", id="2026 春节, two make-up saturdays"),
        pytest.param("2025-01-24 10:00", 6, "2025-02-08", id="2025 春节"),
        pytest.param("2025-09-26 10:00", 10, "2025-10-16", id="2025 国庆"),
        pytest.param("2024-02-08 10:00", 3, "2024-02-19", id="2024 春节, 除夕 is worked"),
        pytest.param("2024-09-13 10:00", 2, "2024-09-18", id="2024 中秋"),
        pytest.param("2023-04-28 10:00", 4, "2023-05-08", id="2023 劳动节, make-up saturday"),
        pytest.param("2023-12-29 10:00", 1, "2024-01-02", id="2023 to 2024"),
        pytest.param("2025-12-31 10:00", 1, "2026-01-04", id="2025 to 2026: a make-up sunday comes first"),
        pytest.param("2026-11-23 09:00", 0, "2026-11-23", id="the same day"),
    ],
)
def test_the_last_day_is_the_nth_working_day_after_day_zero(received: str, n: int, last: str) -> None:
    assert due(received, working(n)).last_day == day(last)


def test_it_is_due_at_midnight_of_the_office_said_in_utc() -> None:
    assert due("2026-11-23 09:00", ACCEPT).due_at == datetime(2026, 11, 26, 16, tzinfo=UTC)


def test_the_day_is_the_offices_day_and_not_the_servers() -> None:
    already_tuesday = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)

    assert rules.due(already_tuesday, ACCEPT, CALENDAR, HOURS).last_day == day("2026-11-27")


def test_a_moment_without_its_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        rules.due(datetime(2026, 11, 23, 9), ACCEPT, CALENDAR, HOURS)  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize(
    ("start", "rule", "warn", "last"),
    [
        pytest.param("2026-09-29 10:00", LEGAL, "2026-11-28", "2026-11-30", id="a saturday moves to monday"),
        pytest.param(
            "2026-09-29 23:59", LEGAL, "2026-11-28", "2026-11-30", id="closing time does not matter"
        ),
        pytest.param("2026-11-25 10:00", NOTICE, "2026-12-10", "2026-12-10", id="a working day stays"),
        pytest.param(
            "2026-11-21 10:00",
            NOTICE,
            "2026-12-06",
            "2026-12-07",
            id="received on a saturday: the next day is the first",
        ),
        pytest.param("2026-09-16 10:00", NOTICE, "2026-10-01", "2026-10-08", id="over a whole holiday"),
        pytest.param(
            "2026-09-25 10:00", NOTICE, "2026-10-10", "2026-10-10", id="a make-up saturday is a working day"
        ),
    ],
)
def test_natural_days_begin_the_day_after_and_end_on_a_working_day(
    start: str, rule: DeadlineRule, warn: str, last: str
) -> None:
    deadline = due(start, rule)

    assert (deadline.warn_day, deadline.last_day) == (day(warn), day(last))


def test_the_legal_extension_counts_from_the_day_before_it_was_moved() -> None:
    deadline = extended(due("2026-09-29 10:00", LEGAL), 30)

    assert deadline.last_day == day("2026-12-28"), "60 + 30 days, not 60 + 2 + 30"


def test_a_day_named_on_a_paper_stands_as_it_is() -> None:
    deadline = due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2026-12-05")))

    assert deadline.last_day == day("2026-12-05"), "a saturday, but it was written so"
    assert not due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2027-03-01"))).provisional


def test_a_paper_cannot_name_a_day_in_natural_days() -> None:
    with pytest.raises(ValueError, match="natural"):
        DeadlineRule(DeadlineKind.LEGAL, 0, Unit.NATURAL, by_date=day("2026-12-05"))


def test_no_rule_is_shorter_than_nothing() -> None:
    with pytest.raises(ValueError, match="negative"):
        working(-1)


def test_an_extension_adds_working_days_and_the_original_stays() -> None:
    deadline = due("2026-11-23 10:00")

    longer = extended(extended(deadline, 4), 5)

    assert longer == extended(deadline, 9)
    assert longer.last_day == day("2026-12-18")
    assert original(longer, CALENDAR) == deadline


@pytest.mark.parametrize("days", [0, -3])
def test_an_extension_has_at_least_one_day(days: int) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        extended(due("2026-11-23 10:00"), days)


@pytest.mark.parametrize(
    ("stopped", "resumed", "last"),
    [
        pytest.param(
            "2026-11-25 10:00", "2026-11-30 09:00", "2026-12-10", id="wed to mon: three working days"
        ),
        pytest.param("2026-11-25 23:59", "2026-11-26 00:01", "2026-12-08", id="over one midnight: one day"),
        pytest.param("2026-11-25 10:00", "2026-11-25 16:00", "2026-12-07", id="resumed the same day: none"),
        pytest.param("2026-11-28 10:00", "2026-11-29 16:00", "2026-12-07", id="within a weekend: none"),
        pytest.param("2026-12-07 10:00", "2026-12-08 09:00", "2026-12-08", id="stopped on the last day"),
        pytest.param(
            "2026-12-08 10:00", "2026-12-15 09:00", "2026-12-07", id="too late: what is late stays late"
        ),
    ],
)
def test_paused_working_days_are_not_counted(stopped: str, resumed: str, last: str) -> None:
    deadline = due("2026-11-23 10:00")
    assert deadline.last_day == day("2026-12-07")

    assert suspended(deadline, pause(stopped, resumed)).last_day == day(last)


def test_what_was_left_when_it_stopped_is_left_when_it_goes_on() -> None:
    deadline = due("2026-11-23 10:00")
    paused = suspended(deadline, pause("2026-11-25 10:00", "2026-12-02 09:00"))

    before = rules.remaining_words(deadline, local("2026-11-25 09:59"), CALENDAR)
    after = rules.remaining_words(paused, local("2026-12-02 09:00"), CALENDAR)

    assert before == after == "还剩 8 个工作日"


def test_days_that_stand_still_ahead_are_not_promised_as_left() -> None:
    paused = suspended(due("2026-11-23 10:00"), pause("2026-11-25 10:00", "2026-12-02 09:00"))

    assert rules.remaining_words(paused, local("2026-11-26 09:00"), CALENDAR) == "还剩 9 个工作日"


def test_pauses_that_overlap_count_once() -> None:
    deadline = due("2026-11-23 10:00")
    one = pause("2026-11-25 10:00", "2026-11-30 09:00")
    inside = pause("2026-11-26 10:00", "2026-11-27 09:00")

    assert suspended(deadline, inside, one).last_day == suspended(deadline, one).last_day


def test_a_pause_asked_for_until_a_day_includes_that_day() -> None:
    planned = Pause.through(local("2026-11-25 10:00"), day("2026-11-29"))

    assert planned == Pause(local("2026-11-25 10:00"), datetime(2026, 11, 29, 16, tzinfo=UTC))
    assert suspended(due("2026-11-23 10:00"), planned).last_day == day("2026-12-10")


def test_an_extension_and_a_pause_do_not_depend_on_their_order() -> None:
    deadline, stop = due("2026-11-23 10:00"), pause("2026-11-25 10:00", "2026-11-30 09:00")

    assert extended(suspended(deadline, stop), 5) == suspended(extended(deadline, 5), stop)


def test_a_pause_also_moves_a_day_named_on_a_paper() -> None:
    deadline = due("2026-11-25 10:00", DeadlineRule.on(DeadlineKind.FEEDBACK, day("2026-12-03")))

    assert suspended(deadline, pause("2026-11-30 10:00", "2026-12-02 09:00")).last_day == day("2026-12-07")


@pytest.mark.parametrize("rule", [NOTICE, LEGAL])
def test_what_the_law_promises_cannot_be_paused(rule: DeadlineRule) -> None:
    deadline = due("2026-09-29 10:00", rule)

    assert suspended(deadline, pause("2026-10-09 10:00", "2026-10-29 10:00")) == deadline
    assert not rule.kind.can_pause


def test_all_pauses_of_a_ticket_may_be_put_to_each_of_its_deadlines() -> None:
    early, late = pause("2026-11-25 10:00", "2026-11-27 09:00"), pause("2026-12-01 10:00", "2026-12-02 09:00")

    assert replace(due("2026-11-23 10:00"), pauses=(late, early)).pauses == (early, late)
    assert replace(due("2026-11-23 10:00", LEGAL), pauses=(late, early)) == due("2026-11-23 10:00", LEGAL)


@pytest.mark.parametrize(
    ("start", "rule", "provisional"),
    [
        pytest.param("2026-12-16 10:00", COMPLAINT, False, id="ends on 31 December"),
        pytest.param("2026-12-18 10:00", COMPLAINT, True, id="ends in a year not announced"),
        pytest.param("2026-12-20 10:00", NOTICE, True, id="natural days that end there"),
        pytest.param("2022-12-29 10:00", working(3), True, id="began before the first known year"),
        pytest.param("2022-12-29 10:00", NOTICE, False, id="natural days need only the year they end in"),
        pytest.param("2150-06-01 10:00", COMPLAINT, True, id="a year nobody knows"),
    ],
)
def test_a_date_is_an_estimate_if_it_rests_on_a_year_not_announced(
    start: str, rule: DeadlineRule, provisional: bool
) -> None:
    assert due(start, rule).provisional is provisional


def test_announcing_a_year_recomputes_what_rested_on_it() -> None:
    estimated = extended(due("2026-12-18 10:00"), 3)
    announced = with_notice(
        CALENDAR,
        parse_notice(
            "关于2027年部分节假日安排的通知\n一、元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日上班。"
        ),
    )

    settled = recomputed(estimated, announced, HOURS)

    assert (estimated.last_day, estimated.provisional) == (day("2027-01-07"), True)
    assert (settled.last_day, settled.provisional, settled.extended) == (day("2027-01-07"), False, 3)
    later = recomputed(extended(estimated, 2), announced, HOURS)
    assert later.last_day == day("2027-01-09"), "the make-up saturday counts"


def test_recomputing_also_moves_the_day_it_counts_as_received() -> None:
    unknown = calendar_from((), frozenset(), version=0)
    estimated = rules.due(local("2026-10-10 10:00"), working(1), unknown, HOURS)

    settled = recomputed(estimated, with_notice(unknown, parse_notice(NOTICES[2026])), HOURS)

    assert (estimated.day_zero, estimated.last_day) == (day("2026-10-12"), day("2026-10-13"))
    assert (settled.day_zero, settled.last_day) == (day("2026-10-10"), day("2026-10-12"))


def test_the_zone_in_which_a_moment_is_said_does_not_matter() -> None:
    said_in_utc = local("2026-11-23 10:00").astimezone(UTC)

    assert rules.due(said_in_utc, COMPLAINT, CALENDAR, HOURS) == due("2026-11-23 10:00")
