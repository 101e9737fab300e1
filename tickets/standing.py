"""当前环节: whom a ticket waits for and until when, worked out of its status and deadlines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tickets.calendar import words
from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import (
    DeadlineKind,
    Due,
    Level,
    is_overdue,
    level,
    met_words,
    overdue_days,
    remaining_words,
)
from tickets.vocabulary import OPEN_STATUSES, Status

# The deadline that says how long a status may last; the first that runs counts.
_KINDS: dict[Status, tuple[DeadlineKind, ...]] = {
    Status.PENDING: (DeadlineKind.ACCEPT, DeadlineKind.RESOLVE),
    Status.ACCEPTED: (DeadlineKind.RESOLVE,),
    Status.IN_PROGRESS: (DeadlineKind.SIGN_OFF, DeadlineKind.FEEDBACK, DeadlineKind.RESOLVE),
    Status.PENDING_REVIEW: (DeadlineKind.RESOLVE,),
    Status.PENDING_CALLBACK: (DeadlineKind.RESOLVE, DeadlineKind.CALL_BACK),
    Status.SUSPENDED: (DeadlineKind.RESOLVE,),
    Status.TRANSFERRED: (DeadlineKind.FEEDBACK,),
}
_TONES: dict[Status, str] = {
    Status.PENDING: "neutral",
    Status.ACCEPTED: "info",
    Status.IN_PROGRESS: "info",
    Status.PENDING_REVIEW: "warn",
    Status.PENDING_CALLBACK: "info",
    Status.CLOSED: "ok",
}
_LEVELS = {
    Level.CALM: "ok",
    Level.YELLOW: "soon",
    Level.DUE_TODAY: "today",
    Level.RED: "overdue",
    Level.RED_FIVE: "overdue",
}
_WAITING: dict[tuple[Status, DeadlineKind], str] = {
    (Status.IN_PROGRESS, DeadlineKind.SIGN_OFF): "等学校签收",
    (Status.IN_PROGRESS, DeadlineKind.FEEDBACK): "等学校反馈",
    (Status.PENDING_CALLBACK, DeadlineKind.RESOLVE): "等答复送达反映人",
}
LEGAL_KINDS = frozenset({DeadlineKind.NOTICE, DeadlineKind.LEGAL})


@dataclass(frozen=True, kw_only=True)
class Clocked:
    """One deadline of a ticket with what became of it."""

    due: Due
    met_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.met_at is None and self.ended_at is None

    @property
    def kind(self) -> DeadlineKind:
        return self.due.rule.kind


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a list says in its column: for whom, how long, how pressing; `level` is a name of the page's badges."""

    waits_for: str
    words: str
    level: str
    last_day: date | None = None

    @property
    def pressing(self) -> bool:
        return self.level in {"overdue", "legal"}


def tone_of(status: Status) -> str:
    """How a status is drawn."""
    return _TONES.get(status, "muted")


def badge_level(due: Due, at: datetime, calendar: WorkingCalendar) -> str:
    """How a running deadline is drawn."""
    found = _LEVELS[level(due, at, calendar)]
    if found == "overdue" and due.rule.kind in LEGAL_KINDS:
        return "legal"
    return "provisional" if found == "ok" and due.provisional else found


def standing(
    status: Status,
    deadlines: Iterable[Clocked],
    at: datetime,
    calendar: WorkingCalendar,
    *,
    handler: str = "",
    paused_until: date | None = None,
    merged_into: str = "",
) -> Standing:
    """Where a ticket stands at a moment."""
    rows = list(deadlines)
    running = [row for row in rows if row.running]
    main = _main(status, running)
    waits_for = _waits_for(status, main, handler, merged_into)
    if status is Status.SUSPENDED and paused_until:
        until = words.month_day(paused_until, beside=office_day(at))
        return Standing(waits_for=waits_for, words=f"暂停至 {until}", level="paused", last_day=paused_until)
    late = _latest([row for row in running if is_overdue(row.due, at)], at, calendar)
    if late is not None and (main is None or not is_overdue(main.due, at)):
        main = late
    if main is None:
        return _settled(status, rows, waits_for, calendar)
    return Standing(
        waits_for=waits_for,
        words=f"{main.kind.label}{_joined(remaining_words(main.due, at, calendar))}",
        level=badge_level(main.due, at, calendar),
        last_day=main.due.last_day,
    )


def _joined(text: str) -> str:
    return text if text.startswith(("超期", "今天")) else f" {text}"


def _main(status: Status, running: Sequence[Clocked]) -> Clocked | None:
    for kind in _KINDS.get(status, ()):
        for row in running:
            if row.kind is kind:
                return row
    return None


def _latest(rows: Sequence[Clocked], at: datetime, calendar: WorkingCalendar) -> Clocked | None:
    return max(rows, key=lambda row: overdue_days(row.due, at, calendar), default=None)


def _waits_for(status: Status, main: Clocked | None, handler: str, merged_into: str) -> str:
    if status is Status.MERGED:
        return f"并入 {merged_into}" if merged_into else "已并入主件"
    special = _WAITING.get((status, main.kind)) if main is not None else None
    if special:
        return special
    if status in {Status.ACCEPTED, Status.IN_PROGRESS}:
        return f"等{handler}办理" if handler else "等指定经办人"
    if status is Status.TRANSFERRED:
        return "等对方反馈" if main is not None else "已转出"
    return {
        Status.PENDING: "等股室受理",
        Status.PENDING_REVIEW: "等负责人审核",
        Status.PENDING_CALLBACK: "等回访",
        Status.SUSPENDED: "暂停计时",
    }.get(status, "")


def _settled(status: Status, rows: Sequence[Clocked], waits_for: str, calendar: WorkingCalendar) -> Standing:
    answered = [row for row in rows if row.kind is DeadlineKind.RESOLVE and row.met_at is not None]
    if status in OPEN_STATUSES or status is not Status.CLOSED or not answered:
        return Standing(waits_for=waits_for, words="", level="met")
    last = answered[-1]
    assert last.met_at is not None  # noqa: S101 - chosen so
    said = met_words(last.due, last.met_at, calendar)
    late = said.startswith("逾期")
    return Standing(waits_for=waits_for, words=said, level="soon" if late else "met")
