"""Which days a period has, and which periods are due."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.contents import BulletinKind
from reports.periods import (
    UnknownPeriod,
    containing,
    cut_of,
    days_of,
    draft_cut,
    due,
    parse,
    previous,
    year_begins,
)

W, M, Q, A = BulletinKind.WEEKLY, BulletinKind.MONTHLY, BulletinKind.QUARTERLY, BulletinKind.ANNUAL


@pytest.mark.parametrize(
    ("kind", "text", "ends", "days", "label"),
    [
        pytest.param(M, "2026-11", 0, "2026-11-01/2026-11-30", "2026年11月", id="a calendar month"),
        pytest.param(
            M, "2026-11", 25, "2026-10-26/2026-11-25", "2026年11月", id="a month that ends on the 25th"
        ),
        pytest.param(M, "2027-01", 25, "2026-12-26/2027-01-25", "2027年1月", id="over new year"),
        pytest.param(
            M, "2026-02", 30, "2026-01-31/2026-02-28", "2026年2月", id="a february that has no 30th"
        ),
        pytest.param(M, "2026-03", 30, "2026-03-01/2026-03-30", "2026年3月", id="and the march after it"),
        pytest.param(W, "2026-W47", 25, "2026-11-16/2026-11-22", "2026年第47周", id="a week is a week"),
        pytest.param(W, "2026-W53", 0, "2026-12-28/2027-01-03", "2026年第53周", id="a week over new year"),
        pytest.param(Q, "2026-Q4", 0, "2026-10-01/2026-12-31", "2026年第四季度", id="a quarter"),
        pytest.param(
            Q, "2026-Q4", 25, "2026-09-26/2026-12-25", "2026年第四季度", id="a quarter of such months"
        ),
        pytest.param(A, "2026", 0, "2026-01-01/2026-12-31", "2026年", id="a year"),
        pytest.param(A, "2026", 25, "2025-12-26/2026-12-25", "2026年", id="a year of such months"),
    ],
)
def test_the_days_of_a_period(kind: BulletinKind, text: str, ends: int, days: str, label: str) -> None:
    span = parse(kind, text, ends)
    assert (f"{span.first_day}/{span.last_day}", span.label) == (days, label)
    assert span.name == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (M, "2026-13"),
        (M, "2026-1"),
        (M, "2026-W03"),
        (W, "2026-W54"),
        (W, "2025-W53"),
        (Q, "2026-Q5"),
        (A, "26"),
        (A, ""),
    ],
)
def test_what_names_no_period_is_said_so(kind: BulletinKind, text: str) -> None:
    with pytest.raises(UnknownPeriod, match="应写成"):
        parse(kind, text)


@given(
    kind=st.sampled_from(BulletinKind),
    day=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    ends=st.integers(0, 31),
)
def test_every_day_lies_in_exactly_one_period_of_a_kind(kind: BulletinKind, day: date, ends: int) -> None:
    span = containing(kind, day, ends)
    assert span.first_day <= day <= span.last_day
    assert parse(kind, span.name, ends) == span
    before = previous(span, ends)
    assert (span.first_day - before.last_day).days == 1


def test_what_a_finished_period_counts_ends_at_24_o_clock_in_the_office() -> None:
    cut = cut_of(parse(M, "2026-11"))
    assert cut.start == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert cut.before == cut.at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert days_of(cut) == (date(2026, 11, 1), date(2026, 11, 30))


def test_a_draft_counts_up_to_and_with_its_cut_off_and_never_past_the_period() -> None:
    span = parse(M, "2026-11")
    noon = datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert draft_cut(span, noon).before > noon
    assert days_of(draft_cut(span, noon))[1] == date(2026, 11, 19)
    assert draft_cut(span, datetime(2027, 1, 1, tzinfo=UTC)).at == cut_of(span).at
    with pytest.raises(UnknownPeriod):
        draft_cut(span, datetime(2026, 10, 1, tzinfo=UTC))


def test_missed_periods_are_due_from_the_first_that_ends_after_the_start() -> None:
    now = datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight of new year in the office
    names = [span.name for span in due([W, M, Q, A], date(2026, 12, 14), now)]
    assert names == ["2026-W51", "2026-W52", "2026-12", "2026-Q4", "2026"]


def test_this_year_begins_with_its_first_month() -> None:
    assert year_begins(parse(M, "2026-11", 25), 25) == date(2025, 12, 26)
    assert year_begins(parse(W, "2026-W53")) == date(2026, 1, 1)
