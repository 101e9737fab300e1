"""One act on one ticket while it is carried out: what is known, what it changes, what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from config.office import DeadlineSettings
from config.settings import Settings
from core.errors import DomainError
from tickets import registers
from tickets.actions import Asker, TicketState
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, OfficeHours, with_suspensions
from tickets.deadlines.standard import standard_rule
from tickets.handling import loading
from tickets.handling.filling import Filled
from tickets.intake import Registered
from tickets.models import Deadline, Ticket, TicketEvent
from tickets.office_hours import office_hours
from tickets.vocabulary import LetterKind, Status


@dataclass(frozen=True, kw_only=True)
class LetterDue:
    """Something has to be said to the complainants of a ticket; whoever called `perform` sees to it."""

    kind: LetterKind
    number: str


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """The act was decided on paper: who enters it, when it was signed, and in which words that is said."""

    recorder: Actor
    signed_at: datetime
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """What `perform` gives back. `split_off` holds the query codes of a new ticket: they are known only now."""

    ticket: Ticket
    event: TicketEvent
    letters: tuple[LetterDue, ...] = ()
    split_off: Registered | None = None


@dataclass(kw_only=True)
class Work:
    """Handed to the one function that knows an act's effects; `perform` writes down what it leaves here."""

    session: Session
    ticket: Ticket
    state: TicketState
    asker: Asker
    filled: Filled
    at: datetime
    others: dict[str, Ticket] = field(default_factory=dict)  # further tickets that were locked for this act
    data: dict[str, Any] = field(default_factory=dict)  # goes into the history
    letters: list[LetterDue] = field(default_factory=list)
    texts_changed: bool = False
    split_off: Registered | None = None
    occurred_at: datetime | None = None  # when it happened, if that was not just now
    paper: OnPaper | None = None

    @property
    def actor(self) -> Actor:
        return self.asker.actor

    @property
    def said(self) -> str:
        """The reason as the history shows it."""
        reason = self.filled.text("reason")
        return f"{self.paper.sentence}：{reason}" if self.paper else reason

    @cached_property
    def settings(self) -> DeadlineSettings:
        settings: Settings = current_app.extensions["settings"]
        return settings.office.deadlines

    @property
    def office_name(self) -> str:
        settings: Settings = current_app.extensions["settings"]
        return settings.office.name

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return registers.working_calendar(self.session)

    @cached_property
    def hours(self) -> OfficeHours:
        return office_hours()

    @cached_property
    def deadlines(self) -> list[Deadline]:
        return list(loading.deadlines_of(self.session, self.ticket))

    @cached_property
    def ways(self) -> loading.Ways:
        return loading.ways_to_reach(self.session, self.ticket)

    @property
    def stays(self) -> Status:
        return self.ticket.status

    def write(self, kind: LetterKind, ticket: Ticket | None = None) -> None:
        """Notes that a letter is due, for this ticket or for one that was merged into it."""
        self.letters.append(LetterDue(kind=kind, number=(ticket or self.ticket).number))

    def told_at(self, *, not_before: datetime | None, so: str) -> datetime:
        """The moment that was typed for what was told; DomainError if it cannot be true."""
        at = self.filled.moment("at")
        if at > self.at:
            raise DomainError("告知时间不能晚于现在。")
        # A person types minutes, and would be refused for having been quick.
        if not_before is not None and at < not_before.replace(second=0, microsecond=0):
            raise DomainError(f"告知时间填得太早：{so}。")
        self.occurred_at = at
        return at

    def own(self, *kinds: DeadlineKind) -> list[Deadline]:
        """The ticket's own deadlines that run; all kinds if none is named. Those of its orders are not its own."""
        return [
            row
            for row in self.deadlines
            if row.owner_ref == self.ticket.ref
            and row.met_at is None
            and row.ended_at is None
            and (not kinds or row.kind in kinds)
        ]

    def latest(self, kind: DeadlineKind) -> Deadline | None:
        """The newest round of a kind, running or not."""
        rows = [row for row in self.deadlines if row.owner_ref == self.ticket.ref and row.kind is kind]
        return max(rows, key=lambda row: row.round, default=None)

    def meet(self, *kinds: DeadlineKind, at: datetime | None = None) -> None:
        for row in self.own(*kinds):
            row.met_at = at or self.at

    def end(self, *kinds: DeadlineKind) -> None:
        """These no longer apply; they are neither kept nor missed from now on."""
        for row in self.own(*kinds):
            row.ended_at = self.at

    def end_everything(self) -> None:
        """Nothing is owed any more: not by the office, not by a school on an order of this ticket."""
        for row in self.deadlines:
            if row.met_at is None and row.ended_at is None:
                row.ended_at = self.at
        for stretch in loading.suspensions_of(self.session, self.ticket):
            if stretch.ended_at is None:
                stretch.ended_at = self.at

    def start(self, rule: DeadlineRule, at: datetime | None = None) -> Deadline:
        row = ledger.start(
            self.session,
            self.ticket.ref,
            rule,
            at or self.at,
            calendar=self.calendar,
            hours=self.hours,
            ticket=self.ticket,
        )
        self.deadlines.append(row)
        return row

    def start_standard(self, kind: DeadlineKind, at: datetime | None = None) -> Deadline:
        return self.start(standard_rule(kind, self.settings), at)

    def pause_anew(self) -> None:
        """Works the running deadlines out again with all stretches in which the ticket stood still."""
        pauses = ledger.pauses_of(loading.suspensions_of(self.session, self.ticket))
        for row in self.deadlines:
            if row.met_at is None and row.ended_at is None:
                self.move(row, with_suspensions(ledger.due_of(row), pauses, self.calendar))

    def move(self, row: Deadline, worked_out: Any) -> None:
        """Moves a deadline and keeps the last day before and after for the history."""
        before, after = ledger.move(row, worked_out, self.calendar)
        if before != after:
            moved = self.data.setdefault("moved", {})
            moved[f"{row.kind.value}/{row.round}"] = [before.isoformat(), after.isoformat()]
