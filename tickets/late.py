"""What is overdue, as it is shown, read aloud and frozen: five kinds, never mixed, each with its own unit. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.labels import Labelled
from tickets.calendar import words
from tickets.calendar.office_time import office_day
from tickets.deadlines.asking import Ask
from tickets.deadlines.rules import DeadlineKind, Unit
from tickets.vocabulary import Secrecy

_READ_OUT = (
    "最长的一件",
    "第二件",
    "第三件",
)  # nobody listens to more on the telephone; the others are counted


class Group(Labelled):
    """The five kinds of being late."""

    ACCEPT = "accept", "受理超期"
    RESOLVE = "resolve", "办理超期"
    FEEDBACK = "feedback", "学校反馈超期"
    CALL_BACK = "call_back", "回访超期"
    LEGAL = "legal", "法定期限超期"


GROUPS = tuple(Group)
_KINDS: dict[DeadlineKind, Group] = {
    DeadlineKind.ACCEPT: Group.ACCEPT,
    DeadlineKind.RESOLVE: Group.RESOLVE,
    DeadlineKind.SIGN_OFF: Group.FEEDBACK,
    DeadlineKind.FEEDBACK: Group.FEEDBACK,
    DeadlineKind.CALL_BACK: Group.CALL_BACK,
    DeadlineKind.NOTICE: Group.LEGAL,
    DeadlineKind.LEGAL: Group.LEGAL,
}

KINDS = frozenset(_KINDS)


def group_of(kind: DeadlineKind) -> Group | None:
    """Which of the five kinds a deadline counts to; None for what is no ticket's."""
    return _KINDS.get(kind)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One missed deadline of one ticket. `told` and `told_school` are what may leave the sections."""

    number: str
    subject: str
    told: str
    school: str
    told_school: str
    section: str
    group: Group
    days: int
    unit: Unit
    words: str
    waits_for: str
    handler: str
    original_last_day: date
    last_day: date
    secrecy: Secrecy
    reason: str
    expected_on: date | None
    ask: Ask | None
    may_explain: bool = False


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What is read aloud, and the lines beneath it."""

    at: datetime
    open: int
    merged: int  # complaints that were merged into one of the open tickets
    suspended: int
    longest_suspended: int  # working days
    due_today: int
    late: int  # tickets, not deadlines
    counts: Mapping[Group, int]
    by_section: Mapping[str, Mapping[Group, int]] = field(default_factory=dict)
    lines: Sequence[Line] = ()

    @property
    def longest(self) -> Line | None:
        return next(iter(self._worst_first()), None)

    def of(self, group: Group) -> list[Line]:
        return [line for line in self.lines if line.group is group]

    def for_outside(self) -> Overview:
        """The same with nothing in it but what was released."""
        lines = [
            replace(line, subject=line.told, school=line.told_school, may_explain=False)
            for line in self.lines
        ]
        return replace(self, lines=lines)

    def to_explain(self) -> list[Line]:
        """The cases whose reason this person is asked for, each once."""
        found = {line.number: line for line in self.lines if line.may_explain and line.ask is not None}
        return list(found.values())

    def unexplained(self) -> int:
        """How many cases have no reason at all."""
        return len({line.number for line in self.lines if line.ask is Ask.FIRST})

    def aloud(self) -> list[str]:
        """The sentences for the telephone: the figures, the longest cases with their reasons, what is left."""
        return [self._figures(), *self._cases()]

    def _figures(self) -> str:
        kinds = "、".join(f"{group.label} {self.counts[group]}" for group in GROUPS if self.counts.get(group))
        late = f"其中超期 {self.late} 件：{kinds}" if self.late else "没有超期的"
        with_merged = f"（连同并入的共 {self.open + self.merged} 件次）" if self.merged else ""
        longest = f"（不计入超期，最长 {self.longest_suspended} 个工作日）" if self.suspended else ""
        return (
            f"目前在办 {self.open} 件{with_merged}，{late}。"
            f"暂停计时 {self.suspended} 件{longest}，今天到期 {self.due_today} 件。"
        )

    def _cases(self) -> list[str]:
        worst = self._worst_first()
        said = [f"{which}{_aloud(line, self.at)}" for which, line in zip(_READ_OUT, worst, strict=False)]
        rest = len(worst) - len(_READ_OUT)
        return [*said, f"其余 {rest} 件见清单。"] if rest > 0 else said

    def _worst_first(self) -> list[Line]:
        """Each case once, with its longest delay."""
        found: dict[str, Line] = {}
        for line in sorted(self.lines, key=lambda line: (-line.days, line.number)):
            found.setdefault(line.number, line)
        return list(found.values())


def _aloud(line: Line, at: datetime) -> str:
    expected = (
        f"，预计 {words.month_day(line.expected_on, beside=office_day(at))} 办结" if line.expected_on else ""
    )
    return (
        f"{line.group.label} {line.words}，{line.told_school or '学校未写明'}，{line.told.rstrip('。')}，"
        f"{line.waits_for}；原因：{line.reason or '尚未填写'}{expected}。"
    )
