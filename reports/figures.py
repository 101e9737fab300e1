"""The figures of a bulletin, worked out of the courses of its tickets. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from reports.contents import (
    Balance,
    Breakdown,
    Bulletin,
    Counted,
    OpenCase,
    Rate,
    Reconciled,
    SectionBalance,
)
from reports.courses import Known, Owed, known, owed, section_at, within
from reports.facts import Arrivals, Event, Registers, TicketFacts
from reports.periods import Cut
from tickets.deadlines.rules import DeadlineKind
from tickets.vocabulary import OPEN_STATUSES, Action, Outcome, Satisfaction, Stage, Status

_LEAVES_AS = {
    Status.CLOSED: "closed",
    Status.REJECTED: "rejected",
    Status.TRANSFERRED: "transferred",
    Status.MERGED: "merged",
    Status.WITHDRAWN: "withdrawn",
    Status.VOIDED: "voided",
}
NAMED_FROM = 3  # a school or a category by its leaf is named from so many on; fewer could point to a person


@dataclass(frozen=True, kw_only=True)
class Course:
    """One ticket with what is known of it at the beginning and at the end of the period."""

    ticket: TicketFacts
    cut: Cut

    @cached_property
    def opening(self) -> Known:
        return known(self.ticket, self.cut.start)

    @cached_property
    def closing(self) -> Known:
        return known(self.ticket, self.cut.before)

    @cached_property
    def events(self) -> list[Event]:
        return within(self.ticket, self.cut.start, self.cut.before)

    @cached_property
    def owed(self) -> list[Owed]:
        return owed(self.ticket, self.cut.before, self.closing)

    @cached_property
    def section_id(self) -> int:
        return section_at(self.ticket, self.cut.before)

    @property
    def came_in(self) -> bool:
        return any(event.action is Action.REGISTER for event in self.events)


def balance(courses: Iterable[Course]) -> Balance:
    """件数平衡, every transition between open and settled counted once."""
    counts: Counter[str] = Counter()
    for course in courses:
        counts["opening"] += course.opening.open
        counts["open_at_end"] += course.closing.open
        for event in course.events:
            counts.update(_crossings(event))
    return Balance(**counts)


def _crossings(event: Event) -> list[str]:
    """What an event means for the balance: an arrival, a return, a leave; often nothing."""
    before, after = event.from_status, event.to_status
    if before is after:
        return []
    found = []
    if before is None:
        found.append("received")
    elif before not in OPEN_STATUSES:
        found.append("restored")
    if after in _LEAVES_AS:
        found.append(_LEAVES_AS[after])
    return found


def section_balances(courses: Sequence[Course], known_: Registers) -> tuple[SectionBalance, ...]:
    """The balance of each section, by who answers for a ticket at the cut-off."""
    of: dict[int, list[Course]] = {section: [] for section in known_.sections}
    for course in courses:
        of.setdefault(course.section_id, []).append(course)
    return tuple(
        SectionBalance(section=known_.sections.get(section, "未知股室"), balance=balance(rows))
        for section, rows in of.items()
    )


def matters(courses: Iterable[Course]) -> int:
    """事项: those that came in and were not merged into another by the cut-off."""
    return sum(course.came_in and course.closing.status is not Status.MERGED for course in courses)


def answered_at_once(courses: Iterable[Course]) -> int:
    """即问即答: closed with the answer given while it was asked."""
    return sum(event.action is Action.ANSWER_NOW for course in courses for event in course.events)


def rates(courses: Iterable[Course]) -> tuple[Rate, Rate]:
    """On time by the original and by the approved date, of those that fell due in the period; unanswered ones included.

    What ended before it was due (merged, withdrawn, nobody to be reached) is neither; an estimated date judges nobody.
    """
    by_original: list[bool] = []
    by_current: list[bool] = []
    for course in courses:
        first, at = course.cut.span.first_day, course.cut.at
        for each in course.owed:
            if each.row.kind is not DeadlineKind.RESOLVE or each.row.provisional:
                continue
            for last_day, found in ((each.row.original_last_day, by_original), (each.last_day, by_current)):
                due_at = Owed(row=each.row, last_day=last_day, met_at=None, ended_at=None).due_at
                if last_day < first or due_at > at or (each.ended_at is not None and each.ended_at < due_at):
                    continue
                found.append(each.met_at is not None and each.met_at < due_at)
    return (
        Rate(due=len(by_original), in_time=sum(by_original)),
        Rate(due=len(by_current), in_time=sum(by_current)),
    )


def outcomes(courses: Iterable[Course]) -> tuple[tuple[str, int], ...]:
    """What was found, of those closed in the period and still so at its end."""
    counts = Counter(
        course.closing.outcome
        for course in courses
        if course.closing.status is Status.CLOSED
        and any(
            event.to_status is Status.CLOSED and event.from_status is not Status.CLOSED
            for event in course.events
        )
    )
    found = [(each.label, counts[each]) for each in Outcome]
    return (*found, ("未作结论（当场答复等）", counts[None]))


def call_backs(courses: Iterable[Course]) -> tuple[tuple[str, int], ...]:
    """How those closed in the period said they felt about it; a mark that came by mail afterwards stands for 未评价."""
    counts: Counter[str] = Counter()
    for course in courses:
        said: list[str] = []
        for event in course.events:
            if event.to_status is not Status.CLOSED:
                continue
            if event.from_status is not Status.CLOSED:
                said.append(str(event.data.get("satisfaction", "")))
            elif event.action is Action.RATED and said:
                said[-1] = str(event.data["satisfaction"])
        counts.update(said)
    return tuple((each.label, counts[each.value]) for each in Satisfaction)


def bans(courses: Iterable[Course], words: Mapping[int, str]) -> tuple[tuple[str, int], ...]:
    """五严禁: how many of those that came in are about each."""
    counts = Counter(
        ban
        for course in courses
        if course.came_in and course.ticket.category
        for ban in course.ticket.category.bans
    )
    return tuple((name, counts[ban]) for ban, name in sorted(words.items()))


def groups(courses: Iterable[Course], words: Mapping[int, str]) -> tuple[tuple[str, int], ...]:
    """三类问题: how many of those that came in are about each."""
    counts = Counter(
        course.ticket.category.group for course in courses if course.came_in and course.ticket.category
    )
    return tuple((name, counts[group]) for group, name in sorted(words.items()))


def often_named(courses: Iterable[Course]) -> tuple[tuple[str, int], ...]:
    """The schools that came up three times or more, in the order of the register's names: this is no ranking."""
    counts = Counter(
        school.name
        for course in courses
        if course.came_in and course.closing.status is not Status.VOIDED
        for school in course.ticket.schools
    )
    return tuple(sorted((name, count) for name, count in counts.items() if count >= NAMED_FROM))


def open_cases(courses: Iterable[Course], known_: Registers) -> tuple[OpenCase, ...]:
    return tuple(
        OpenCase(
            number=course.ticket.number,
            section=known_.sections.get(course.section_id, ""),
            status=course.closing.status.label,
        )
        for course in courses
        if course.closing.open and course.closing.status is not None
    )


def reconciled(courses: Iterable[Course], known_: Registers) -> tuple[Reconciled, ...]:
    """对账: every ticket that was open when the period began, and where it stands now."""
    return tuple(
        Reconciled(
            number=course.ticket.number,
            section=known_.sections.get(course.section_id, ""),
            then=course.opening.status.label,
            now=course.closing.status.label
            + (f"（并入 {course.closing.merged_into}）" if course.closing.status is Status.MERGED else ""),
            settled=not course.closing.open,
        )
        for course in courses
        if course.opening.open and course.opening.status is not None and course.closing.status is not None
    )


def moved_since(course: Course, windows: Sequence[tuple[datetime, bool]]) -> list[Arrivals]:
    """Takes a hand-over after the cut-off back: one line off the section of now, one onto the section of then.

    `windows`: from when this period, the last one, the year and the campaign count, and whether the ticket belongs in.
    """
    ticket = course.ticket
    if course.section_id == ticket.section_id:
        return []
    starts = [int(belongs and ticket.recorded_at >= start) for start, belongs in windows]
    starts[1] -= starts[0]  # what is of this period is not of the one before
    return [
        Arrivals(
            channel=ticket.channel,
            section_id=section,
            category_code=ticket.category.code if ticket.category else None,
            school_id=None,
            now=sign * starts[0],
            before=sign * starts[1],
            this_year=sign * starts[2],
            campaign=sign * starts[3],
        )
        for section, sign in ((ticket.section_id, -1), (course.section_id, 1))
    ]


def breakdowns(rows: Sequence[Arrivals], known_: Registers, *, comparable: bool) -> tuple[Breakdown, ...]:
    """What came in by channel, section, 城乡, stage and category; `comparable`: there was a period before this one."""
    return tuple(
        Breakdown(name=name, lines=_lines(rows, label_of, known_, comparable=comparable))
        for name, label_of in (
            ("来源", _channel),
            ("股室", _section),
            ("城乡", _town),
            ("学段", _stage),
            ("类别", _category),
        )
    )


def _lines(
    rows: Sequence[Arrivals], label_of: object, known_: Registers, *, comparable: bool
) -> tuple[Counted, ...]:
    assert callable(label_of)  # noqa: S101 - one of the functions below
    sums: dict[str, list[int]] = {}
    order: dict[str, tuple[int, str]] = {}
    for row in rows:
        place, label = label_of(row, known_)
        order[label] = (place, label)
        line = sums.setdefault(label, [0, 0, 0, 0])
        for index, count in enumerate((row.now, row.before, row.this_year, row.campaign)):
            line[index] += count
    return tuple(
        Counted(
            label=label,
            now=sums[label][0],
            before=sums[label][1] if comparable else None,
            this_year=sums[label][2],
            campaign=sums[label][3],
        )
        for label in sorted(sums, key=order.__getitem__)
        if any(sums[label])
    )


def _channel(row: Arrivals, _known: Registers) -> tuple[int, str]:
    return list(type(row.channel)).index(row.channel), row.channel.label


def _section(row: Arrivals, known_: Registers) -> tuple[int, str]:
    return row.section_id, known_.sections.get(row.section_id, "未知股室")


def _town(row: Arrivals, known_: Registers) -> tuple[int, str]:
    school = known_.schools.get(row.school_id or 0)
    if school is None:
        return 2, "学校未写明"
    return (0, "城区") if school.urban else (1, "乡镇")


def _stage(row: Arrivals, known_: Registers) -> tuple[int, str]:
    school = known_.schools.get(row.school_id or 0)
    if school is None:
        return 99, "学校未写明"
    if school.stage is None:
        return 98, "多学段"
    return list(Stage).index(school.stage), school.stage.label


def _category(row: Arrivals, known_: Registers) -> tuple[int, str]:
    category = known_.categories.get(row.category_code or "")
    if category is None:
        return 999, "未分类"
    return list(known_.categories).index(category.code), category.parent


def differences(
    courses: Sequence[Course], rows: Sequence[Arrivals], counted: Balance, last: Bulletin | None
) -> list[str]:
    """What does not agree; with a single line here no bulletin is made."""
    found = [course.closing.trouble for course in courses if course.closing.trouble]
    for course in courses:
        ticket, closing = course.ticket, course.closing
        if closing.status is None:
            found.append(f"{ticket.number} 没有经过记录")
        elif ticket.status is not closing.status and not any(
            event.recorded_at >= course.cut.before for event in ticket.events
        ):
            found.append(
                f"{ticket.number} 状态与经过不符：现为“{ticket.status.label}”，按经过应为“{closing.status.label}”"
            )
    if not counted.balances:
        found.append(f"件数不平衡：来件一侧合计 {counted.into} 件，去向一侧合计 {counted.out_of} 件")
    arrived = sum(row.now for row in rows)
    if arrived != counted.received:
        found.append(f"登记表有 {arrived} 件，经过记录里只登记了 {counted.received} 件")
    if last is not None:
        found += _against_last(courses, last)
    return found


def _against_last(courses: Iterable[Course], last: Bulletin) -> list[str]:
    before = {case.number for case in last.open_cases}
    now = {course.ticket.number for course in courses if course.opening.open}
    return [
        *(f"{number} 上期（{last.number}）列为在办，本期期初没有" for number in sorted(before - now)),
        *(f"{number} 本期期初在办，上期（{last.number}）没有列出" for number in sorted(now - before)),
    ]


def leaf_counts(rows: Sequence[Arrivals], known_: Registers) -> tuple[tuple[str, int], ...]:
    """The categories by their leaves; those with fewer than three together, so that no cell points to a person."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.category_code or ""] += row.now
    named = tuple(
        (f"{category.parent}：{category.name}", counts[code])
        for code, category in known_.categories.items()
        if counts[code] >= NAMED_FROM
    )
    rest = sum(counts.values()) - sum(count for _, count in named)
    return (*named, (f"其余各不足 {NAMED_FROM} 件的类别合计", rest)) if rest else named
