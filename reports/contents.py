"""Everything a data bulletin (数据专报) holds: what is frozen, what the renderers lay out, what the next one is checked against.

The figures stand beside the finished words and tables. A renderer lays out the head, `chapters` and `annexes` and makes up
nothing: so the paper, the workbook and the screen cannot differ, and an old bulletin keeps its wording. Pure.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.labels import Labelled
from tickets.calendar.office_time import OFFICE_ZONE


class BulletinKind(Labelled):
    WEEKLY = "weekly", "周报"
    MONTHLY = "monthly", "月报"
    QUARTERLY = "quarterly", "季报"
    ANNUAL = "annual", "年报"


# What is printed


class CellKind(enum.StrEnum):
    """How a column is set: `date` cells are ISO days, `number` cells whole numbers; None is an empty cell."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


Cell = str | int | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """`width` is in Chinese characters. On paper only printed columns stand; a workbook has them all."""

    title: str
    width: int = 8
    kind: CellKind = CellKind.TEXT
    printed: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, finished. `name` is short (a sheet's name); `empty` is the sentence that stands there without rows.

    With `printed` off it stands in the workbook only.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: tuple[Cell, ...] | None = None
    note: str = ""
    empty: str = "本期无。"
    printed: bool = True


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Part of a chapter: （一）heading, or none; paragraphs, then tables."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """一、总体情况: the heading comes with its number."""

    heading: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Annex:
    """附件1: the number is `number`, the title without it. `landscape`: wide tables, A4 lengthwise."""

    number: int
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    landscape: bool = False


# What is counted


@dataclass(frozen=True, kw_only=True)
class Span:
    """The period: first and last day in the office; `name` as the command takes it (2026-11, 2026-W47, 2026-Q4, 2026)."""

    kind: BulletinKind
    name: str
    label: str
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class Balance:
    """件数平衡: what was open and came in equals what went out and is open. 件次, every transition counted once."""

    opening: int = 0
    received: int = 0
    restored: int = (
        0  # settled ones that were taken up again: reopened, taken out of a merge, an answer that came back
    )
    closed: int = 0
    rejected: int = 0
    transferred: int = 0
    merged: int = 0
    withdrawn: int = 0
    voided: int = 0
    open_at_end: int = 0

    @property
    def into(self) -> int:
        return self.opening + self.received + self.restored

    @property
    def out_of(self) -> int:
        return (
            self.closed
            + self.rejected
            + self.transferred
            + self.merged
            + self.withdrawn
            + self.voided
            + self.open_at_end
        )

    @property
    def balances(self) -> bool:
        return self.into == self.out_of


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One line of a breakdown of what came in. None: there is nothing to compare with."""

    label: str
    now: int
    before: int | None
    this_year: int
    campaign: int | None = None


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """What came in, by one feature; `name` says which: 来源, 股室, 城乡, 学段, 类别."""

    name: str
    lines: tuple[Counted, ...]


@dataclass(frozen=True, kw_only=True)
class SectionBalance:
    """The balance of one section, by the section that answers for each ticket at the cut-off."""

    section: str
    balance: Balance


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many of those that fell due in the period were answered in time."""

    due: int
    in_time: int

    @property
    def words(self) -> str:
        if not self.due:
            return "本期无到期件"
        share = f"（{self.in_time * 100 / self.due:.1f}%）" if self.due >= 10 else ""
        return f"{self.in_time}/{self.due}{share}"


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What is asked for besides; `in_time` of a rate is the part, `due` the whole. None: there is nothing to compare with."""

    in_time_never_suspended: Rate = Rate(due=0, in_time=0)
    rectified: int = 0
    satisfied: Rate = Rate(due=0, in_time=0)
    approved_on_paper: Rate = Rate(due=0, in_time=0)
    year_before: int | None = None


@dataclass(frozen=True, kw_only=True)
class Worked:
    """One kind of work besides single cases: how much of it in the period and in the year."""

    label: str
    unit: str
    now: int
    this_year: int


@dataclass(frozen=True, kw_only=True)
class OverdueCount:
    """One of the five kinds of being late, at the cut-off: tickets, and how many days the longest, in its own unit."""

    kind: str
    label: str
    tickets: int
    longest: int
    unit: str


@dataclass(frozen=True, kw_only=True)
class OverdueCase:
    """One ticket late in one kind at the cut-off, or closed late within the period (`closed_on`)."""

    number: str
    kind: str
    label: str
    school: str
    section: str
    subject: str
    days: int
    unit: str
    waits_for: str
    handler: str
    reason: str
    expected_on: date | None
    original_day: date
    current_day: date
    extensions: int
    extended_days: int
    approved_by: str
    suspended_days: int
    pressed: int  # how often it was pressed for by supervision orders
    closed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """A ticket that the last bulletin left open, and where it stands at this one's cut-off."""

    number: str
    section: str
    then: str
    now: str
    settled: bool


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """A ticket open at the cut-off: what the next bulletin reconciles."""

    number: str
    section: str
    status: str


@dataclass(frozen=True, kw_only=True)
class NumberRun:
    """The numbers given in the period under one prefix and day, and those that are missing in between."""

    first: str
    last: str
    count: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tally:
    """One feature's account of what became of everything that reached it: the parts add up to the total."""

    name: str
    total: int
    parts: tuple[tuple[str, int], ...]
    sentences: tuple[str, ...] = ()

    @property
    def adds_up(self) -> bool:
        return self.total == sum(count for _, count in self.parts)


@dataclass(frozen=True, kw_only=True)
class Integrity:
    """数据完整性: what could have made the figures prettier, all of it said."""

    numbers: tuple[NumberRun, ...] = ()
    tallies: tuple[Tally, ...] = ()
    backfilled: int = 0
    loaded: int = 0
    corrections: int = 0
    scope_changed: int = 0
    urgency_lowered: int = 0
    needs_reading: int = 0
    provisional: int = 0
    anchor_seq: int = 0
    anchor_mac: str = ""


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """A whole bulletin. `number` is empty for a draft; `cutoff` is the moment up to which records count, in UTC."""

    office: str
    title: str
    span: Span
    number: str
    issue_no: int
    cutoff: datetime
    draft: bool = False
    corrects: str = ""
    correction_reason: str = ""

    balance: Balance
    matters: int
    sections: tuple[SectionBalance, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    answered_at_once: int = 0  # closed with the answer given while it was asked; counted in `closed` too
    outcomes: tuple[tuple[str, int], ...] = ()
    call_backs: tuple[tuple[str, int], ...] = ()
    in_time_original: Rate
    in_time_current: Rate
    quality: Quality = Quality()
    worked: tuple[Worked, ...] = ()
    overdue: tuple[OverdueCount, ...] = ()
    overdue_cases: tuple[OverdueCase, ...] = ()
    late_closed: tuple[OverdueCase, ...] = ()
    extended: int = 0
    suspended: int = 0
    bans: tuple[tuple[str, int], ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    schools: tuple[tuple[str, int], ...] = ()
    pressing: tuple[tuple[str, int], ...] = ()  # supervision orders by kind and state
    guarding: tuple[tuple[str, int], ...] = ()  # 打听、施压, inquiries after a leak, sealed hand-overs
    open_cases: tuple[OpenCase, ...] = ()
    reconciled: tuple[Reconciled, ...] = ()
    integrity: Integrity = Integrity()

    chapters: tuple[Chapter, ...] = ()
    annexes: tuple[Annex, ...] = ()

    @property
    def nothing_came(self) -> bool:
        """零报告: nothing came in; the bulletin is made all the same."""
        return self.balance.received == 0

    @property
    def cutoff_words(self) -> str:
        """数据截至 … , by the office's clock; the end of a day is its 24 o'clock."""
        local = self.cutoff.astimezone(OFFICE_ZONE)
        if (local.hour, local.minute, local.second) == (0, 0, 0):
            day = local.date() - timedelta(days=1)
            return f"{day.year}年{day.month}月{day.day}日24时"
        return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
