"""How fast, how many a day, not at night; and what the day's limit must never stop."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from core.clock import OFFICE_ZONE
from outbox import pace
from outbox.pace import Pace, Standing

ACKNOWLEDGEMENT = 2
RULES = Pace(seconds_between=20, per_day=50)
NIGHT = Pace(seconds_between=20, per_day=50, quiet_from=time(22), quiet_to=time(7))


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=OFFICE_ZONE)


NOON = local(23, 12)


def test_a_sender_that_has_sent_nothing_may_go_at_once() -> None:
    assert pace.earliest(ACKNOWLEDGEMENT, Standing(), RULES, NOON) == NOON


def test_twenty_seconds_lie_between_two_mails() -> None:
    standing = Standing(last_at=local(23, 11, 59, 50))

    assert pace.earliest(pace.OWED, standing, RULES, NOON) == local(23, 12, 0, 10)


@pytest.mark.parametrize(
    ("priority", "goes"),
    [
        pytest.param(pace.URGENT, NOON, id="an alarm"),
        pytest.param(pace.OWED, NOON, id="an answer is owed"),
        pytest.param(ACKNOWLEDGEMENT, local(24, 0), id="the rest tomorrow"),
        pytest.param(pace.LOWEST, local(24, 0), id="and the least"),
    ],
)
def test_a_full_day_never_stops_an_answer(priority: int, goes: datetime) -> None:
    assert pace.earliest(priority, Standing(sent_today=50), RULES, NOON) == goes


def test_what_answers_by_itself_has_an_hours_limit_over_the_whole_office() -> None:
    standing = Standing(sent_today=1, acknowledged_this_hour=60)
    at = local(23, 12, 20)

    assert pace.earliest(ACKNOWLEDGEMENT, standing, RULES, at) == local(23, 13)
    assert pace.earliest(pace.OWED, standing, RULES, at) == at
    assert pace.earliest(ACKNOWLEDGEMENT, Standing(acknowledged_this_hour=59), RULES, at) == at


def test_staff_get_only_a_few_through_a_mailbox_of_the_public() -> None:
    mailbox = Pace(seconds_between=0, per_day=50, staff_per_day=10)
    standing = Standing(sent_today=10, staff_today=10)

    assert pace.earliest(pace.STAFF, standing, mailbox, NOON) == local(24, 0)
    assert pace.earliest(pace.STAFF, standing, RULES, NOON) == NOON
    assert pace.earliest(pace.LOWEST, standing, mailbox, NOON) == NOON


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (local(23, 21, 59, 59), local(23, 21, 59, 59)),
        (local(23, 22), local(24, 7)),
        (local(24, 3), local(24, 7)),
        (local(24, 7), local(24, 7)),
    ],
)
def test_nobody_is_woken_at_night(moment: datetime, goes: datetime) -> None:
    assert pace.earliest(pace.OWED, Standing(), NIGHT, moment) == goes
    assert pace.earliest(pace.URGENT, Standing(), NIGHT, moment) == moment


def test_quiet_hours_may_lie_within_a_day() -> None:
    siesta = Pace(seconds_between=0, per_day=50, quiet_from=time(12), quiet_to=time(14, 30))

    assert pace.earliest(pace.OWED, Standing(), siesta, NOON) == local(23, 14, 30)
    assert pace.earliest(pace.OWED, Standing(), siesta, local(23, 15)) == local(23, 15)


def test_a_full_day_ends_after_the_quiet_hours_of_the_next() -> None:
    assert pace.earliest(ACKNOWLEDGEMENT, Standing(sent_today=50), NIGHT, NOON) == local(24, 7)


def test_a_stopped_sender_goes_on_when_the_stop_ends() -> None:
    standing = Standing(blocked_until=local(24, 0, 5), sent_today=50)

    assert pace.earliest(ACKNOWLEDGEMENT, standing, RULES, NOON) == local(24, 0, 5)


def test_the_day_of_each_waiting_mail_is_told() -> None:
    two_a_day = Pace(seconds_between=20, per_day=2)
    waiting = [(pace.OWED, NOON)] + [(ACKNOWLEDGEMENT, NOON)] * 4

    days = pace.days_of(waiting, Standing(), two_a_day, NOON)

    assert days == [date(2026, 11, 23)] * 2 + [date(2026, 11, 24)] * 2 + [date(2026, 11, 25)]


def test_the_told_day_knows_of_stops_of_the_staffs_limit_and_of_the_night() -> None:
    rules = Pace(seconds_between=0, per_day=50, staff_per_day=1, quiet_from=time(22), quiet_to=time(7))

    assert pace.days_of([(pace.STAFF, NOON)] * 2, Standing(), rules, NOON) == [
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]
    assert pace.days_of([(pace.OWED, local(23, 23))], Standing(), rules, NOON) == [date(2026, 11, 24)]
    blocked = Standing(blocked_until=local(25, 0, 5))
    assert pace.days_of([(pace.OWED, NOON)], blocked, rules, NOON) == [date(2026, 11, 25)]


def test_a_mail_is_tried_for_about_72_hours() -> None:
    waits: list[timedelta] = []
    while (wait := pace.next_try(len(waits) + 1)) is not None:
        waits.append(wait)

    assert waits[:4] == [timedelta(minutes=each) for each in (1, 5, 15, 60)]
    assert timedelta(hours=70) < sum(waits, timedelta()) <= timedelta(hours=72)


def test_a_server_that_is_away_is_asked_ever_more_seldom_and_never_given_up() -> None:
    assert [pace.next_connection(failures) // timedelta(minutes=1) for failures in (1, 2, 3, 4, 5, 500)] == [
        1,
        5,
        15,
        30,
        60,
        60,
    ]
