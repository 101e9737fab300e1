"""One step of one order while it is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core import vault
from core.errors import DomainError
from tickets import messages
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, with_suspensions
from tickets.handling import loading
from tickets.handling.filling import Filled
from tickets.handling.work import Work
from tickets.messages import NewAttachment, NewMessage
from tickets.models import Deadline, Order, OrderMessage, Ticket
from tickets.orders.facts import running
from tickets.orders.rules import OrderRule
from tickets.orders.words import PaperKind
from tickets.vocabulary import OPEN_STATUSES, Channel, Direction, Status

# What the school is to read is sealed apart; of a draft's texts the history keeps nothing.
_NOT_FOR_HISTORY = frozenset({"text", "requirement"})


@dataclass(kw_only=True)
class OrderWork:
    """Handed to the one function that knows a verb's effects."""

    work: Work
    rule: OrderRule
    ticket: Ticket
    draft: Order | None
    files: tuple[NewAttachment, ...] = ()
    texts_changed: bool = False

    @property
    def session(self) -> Session:
        return self.work.session

    @property
    def filled(self) -> Filled:
        return self.work.filled

    @property
    def at(self) -> datetime:
        return self.work.at

    @property
    def order(self) -> Order:
        assert self.draft is not None  # noqa: S101 - only drafting begins without one, and makes it
        return self.draft

    def for_history(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.filled.for_history().items()
            if name not in _NOT_FOR_HISTORY and name != "due"
        }

    def happened_at(self, *, not_before: datetime | None, so: str) -> datetime:
        """The moment that was typed; DomainError if it cannot be true."""
        at = self.filled.moment("at")
        if at > self.at:
            raise DomainError("时间不能晚于现在。")
        # A person types minutes, and would be refused for having been quick.
        if not_before is not None and at < not_before.replace(second=0, microsecond=0):
            raise DomainError(f"时间填得太早：{so}。")
        self.work.occurred_at = at
        return at

    def running(self, kind: DeadlineKind) -> Deadline | None:
        return running(self.session, self.order, kind)

    def start(self, rule: DeadlineRule, at: datetime) -> None:
        """Starts a deadline of the school; nothing is owed on a ticket that is over."""
        if self.ticket.status not in OPEN_STATUSES:
            return
        row = ledger.start(
            self.session,
            self.order.ref,
            rule,
            at,
            calendar=self.work.calendar,
            hours=self.work.hours,
            ticket=self.ticket,
        )
        pauses = ledger.pauses_of(loading.suspensions_of(self.session, self.ticket))
        if pauses:
            ledger.move(
                row, with_suspensions(ledger.due_of(row), pauses, self.work.calendar), self.work.calendar
            )
        if self.ticket.status is Status.SUSPENDED and row.kind.can_pause:
            row.paused_at = self.at
        self.session.flush()

    def meet(self, *kinds: DeadlineKind, at: datetime) -> None:
        for kind in kinds:
            row = self.running(kind)
            if row is not None:
                row.met_at = at
        self.session.flush()

    def end(self, *kinds: DeadlineKind) -> None:
        for kind in kinds:
            row = self.running(kind)
            if row is not None:
                row.ended_at = self.at
        self.session.flush()

    def file(
        self,
        kind: PaperKind,
        text: str,
        *,
        at: datetime,
        direction: Direction,
        channel: Channel = Channel.OTHER,
        with_files: bool = True,
    ) -> str:
        """Puts a paper with its files into the ticket's course, under the order."""
        key = vault.data_key(self.session, self.ticket.data_key_id)
        added = messages.add_message(
            self.session,
            self.ticket,
            key,
            messages.open_masker(self.session, self.ticket),
            NewMessage(
                subject=f"{kind.label} {self.order.called}",
                text=text,
                sender=self.order.school_name,
                attachments=self.files if with_files else (),
            ),
            occurred_at=at,
            direction=direction,
            channel=channel,
            author=self.order.school_name
            if direction is Direction.SCHOOL_IN
            else self.work.actor.display_name,
        )
        self.session.add(OrderMessage(order_id=self.order.id, message_id=added.id, kind=kind))
        self.session.flush()
        self.texts_changed = True
        return added.id
