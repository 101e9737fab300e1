"""What holds for every deadline, whatever it starts with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.deadlines.support import CALENDAR, SUMMER
from tickets.calendar.office_time import office_day
from tickets.deadlines import rules
from tickets.deadlines.days import day_list
from tickets.deadlines.explanation import explain
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Due, Level, Pause, Unit

MOMENTS = st.datetimes(datetime(2022, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
ANY_MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
LENGTHS = st.integers(0, 90)
SPANS = st.timedeltas(timedelta(0), timedelta(days=60))

WORKING = st.builds(DeadlineRule, st.just(DeadlineKind.RESOLVE), LENGTHS)
NATURAL = st.builds(DeadlineRule, st.just(DeadlineKind.LEGAL), LENGTHS, st.just(Unit.NATURAL))
RULES = WORKING | NATURAL


def due(start: datetime, rule: DeadlineRule) -> Due:
    return rules.due(start, rule, CALENDAR, SUMMER)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    starts = draw(st.lists(MOMENTS, max_size=3))
    return [Pause(start, start + draw(SPANS)) for start in starts]


@given(ANY_MOMENT, RULES)
def test_the_last_day_is_always_a_working_day(start: datetime, rule: DeadlineRule) -> None:
    deadline = due(start, rule)

    assert CALENDAR.is_working_day(deadline.last_day)
    assert deadline.warn_day <= deadline.last_day
    assert deadline.due_at > start


@given(MOMENTS, SPANS, RULES)
def test_who_comes_later_is_never_due_earlier(start: datetime, later: timedelta, rule: DeadlineRule) -> None:
    assert due(start, rule).due_at <= due(start + later, rule).due_at


@given(MOMENTS, LENGTHS, LENGTHS, st.sampled_from(Unit))
def test_a_longer_rule_is_never_due_earlier(start: datetime, one: int, other: int, unit: Unit) -> None:
    shorter, longer = sorted((one, other))
    kind = DeadlineKind.RESOLVE if unit is Unit.WORKING else DeadlineKind.LEGAL

    assert (
        due(start, DeadlineRule(kind, shorter, unit)).due_at
        <= due(start, DeadlineRule(kind, longer, unit)).due_at
    )


@given(MOMENTS, RULES, st.integers(1, 30), pauses())
def test_an_extension_never_shortens_and_keeps_the_original(
    start: datetime, rule: DeadlineRule, days: int, stops: list[Pause]
) -> None:
    deadline = rules.with_suspensions(due(start, rule), stops, CALENDAR)
    longer = rules.extend(deadline, days, CALENDAR)

    assert longer.due_at >= deadline.due_at
    assert longer.warn_day > deadline.warn_day
    assert rules.original(longer, CALENDAR) == due(start, rule)


@given(MOMENTS, RULES, pauses())
def test_a_suspension_never_shortens_and_never_moves_what_the_law_promises(
    start: datetime, rule: DeadlineRule, stops: list[Pause]
) -> None:
    deadline = due(start, rule)
    stopped = rules.with_suspensions(deadline, stops, CALENDAR)

    assert stopped.due_at >= deadline.due_at
    assert stopped == deadline or rule.unit is Unit.WORKING
    assert rules.with_suspensions(stopped, [], CALENDAR) == deadline


@given(MOMENTS, WORKING, pauses(), SPANS)
def test_what_is_said_to_be_left_is_what_the_day_list_still_counts(
    start: datetime, rule: DeadlineRule, stops: list[Pause], passed: timedelta
) -> None:
    deadline = rules.with_suspensions(due(start, rule), stops, CALENDAR)
    now = start + passed
    left = sum(it.counts and it.date > office_day(now) for it in day_list(deadline, CALENDAR))
    assume(left and office_day(now) >= deadline.day_zero and not deadline.provisional)

    assert rules.remaining_words(deadline, now, CALENDAR) == f"还剩 {left} 个工作日"


@given(MOMENTS, RULES, SPANS, SPANS)
def test_the_level_only_ever_rises(
    start: datetime, rule: DeadlineRule, one: timedelta, more: timedelta
) -> None:
    deadline = due(start, rule)
    before = rules.level(deadline, start + one, CALENDAR)
    after = rules.level(deadline, start + one + more, CALENDAR)

    assert before.severity <= after.severity


@given(MOMENTS, RULES, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_red_is_exactly_what_the_index_finds(start: datetime, rule: DeadlineRule, passed: timedelta) -> None:
    deadline, now = due(start, rule), start + passed
    red = rules.level(deadline, now, CALENDAR) in {Level.RED, Level.RED_FIVE}

    assert red == (deadline.due_at <= now and not deadline.provisional)
    assert red or rules.overdue_days(deadline, now, CALENDAR) == 0


@given(ANY_MOMENT, RULES, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_date_in_an_unknown_year_is_never_red(
    start: datetime, rule: DeadlineRule, passed: timedelta
) -> None:
    deadline = due(start, rule)
    assume(deadline.last_day.year not in CALENDAR.announced_years)
    level = rules.level(deadline, start + passed, CALENDAR)

    assert level in {Level.CALM, Level.YELLOW}


@given(MOMENTS, RULES, pauses())
def test_the_day_list_counts_to_exactly_the_length(
    start: datetime, rule: DeadlineRule, stops: list[Pause]
) -> None:
    deadline = rules.with_suspensions(due(start, rule), stops, CALENDAR)
    listed = day_list(deadline, CALENDAR)

    assert (listed[0].date, listed[-1].date) == (office_day(start), deadline.last_day)
    assert [it.ordinal for it in listed if it.counts] == list(range(1, rule.length + 1))
    assert all(it.why for it in listed)


@given(ANY_MOMENT, RULES, MOMENTS, pauses())
def test_everything_can_be_said_of_every_deadline(
    start: datetime, rule: DeadlineRule, now: datetime, stops: list[Pause]
) -> None:
    deadline = rules.with_suspensions(due(start, rule), stops, CALENDAR)

    assert all(explain(deadline, CALENDAR, SUMMER, at=now).sentences)
    unit = "日" if rule.unit is Unit.NATURAL else "工作日"
    said = rules.remaining_words(deadline, now, CALENDAR)
    assert unit in said or "到期" in said or "期限" in said
    assert rules.met_words(deadline, now, CALENDAR)
