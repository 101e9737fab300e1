"""What has come to somebody's desk since the last time, as one digest a person: assigned, sent back, written again, came back.

A digest counts and nothing else: neither number nor school nor what it is about. Other features add what they know; other ways than
mail are a port, and none is needed.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.clock import now
from core.db import transaction
from core.state import get_fact, set_fact
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets import duties
from tickets.loading import SOURCE
from tickets.models import NoticeAddress, Ticket, TicketEvent
from tickets.reminders.raising import deputies_today, staff_sender
from tickets.vocabulary import Action

log = logging.getLogger(__name__)

EVERY_SECONDS = 1800
_TOLD = "news.told_at"
_SOURCES, _CHANNELS = "news_sources", "news_channels"
_ASSIGNED, _SENT_BACK = "新指定给您承办", "退回补办"
_WROTE_AGAIN, _CAME_BACK = "办结后反映人又来信，请决定是否重启", "给反映人的信被退回，请另行告知"
_WATCHED = (
    Action.ASSIGN,
    Action.ACCEPT,
    Action.START,
    Action.REDO,
    Action.REOPEN,
    Action.SEND_BACK,
    Action.WROTE_AGAIN,
    Action.UNDELIVERED,
    Action.NOTICE_BACK,
)

# Person, words, how many.
News = tuple[int, str, int]
Source = Callable[[Session, Sequence[Actor], datetime, datetime], Iterable[News]]


class Channel(Protocol):
    """Another way to reach somebody at work than mail: a group robot, a short message. It gets a count and nothing else."""

    def push(self, account_id: int, words: str, /) -> None:
        """Passes a sentence on. What it raises is logged: the mail has been written already."""


def add_source(app: Flask, source: Source) -> None:
    """Has a feature asked for what came to whom within a time."""
    app.extensions.setdefault(_SOURCES, []).append(source)


def add_channel(app: Flask, channel: Channel) -> None:
    app.extensions.setdefault(_CHANNELS, []).append(channel)


def tell_news() -> int:
    """One digest to each person something has come to since the last run; how many. The first run only marks where to begin."""
    told: dict[int, Counter[str]] = {}
    with transaction() as session:
        until, since = now(), get_fact(session, _TOLD)
        set_fact(session, _TOLD, until.isoformat())
        if since is not None:
            told = _collected(session, datetime.fromisoformat(since), until)
        written = _write(session, told, until)
    _push(told)
    return written


def _collected(session: Session, since: datetime, until: datetime) -> dict[int, Counter[str]]:
    people = duties.staff(session)
    standing_in = deputies_today(session)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    sources: list[Source] = [_of_tickets, *current_app.extensions.get(_SOURCES, [])]
    for source in sources:
        for person, words, count in source(session, people, since, until):
            for each in (person, *standing_in.get(person, ())):
                found[each][words] += count
    return found


def _of_tickets(
    session: Session, people: Sequence[Actor], since: datetime, until: datetime
) -> Iterable[News]:
    rows = session.execute(
        sa.select(TicketEvent, Ticket)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(
            TicketEvent.recorded_at > since,
            TicketEvent.recorded_at <= until,
            TicketEvent.action.in_(_WATCHED),
            Ticket.source != SOURCE,
        )
        .order_by(TicketEvent.id)
    )
    for event, ticket in rows:
        match event.action:
            case Action.SEND_BACK | Action.UNDELIVERED | Action.NOTICE_BACK:
                words = _SENT_BACK if event.action is Action.SEND_BACK else _CAME_BACK
                if ticket.handler_id is not None and ticket.handler_id != event.actor_id:
                    yield ticket.handler_id, words, 1
            case Action.WROTE_AGAIN:
                for person in heads_of(people, ticket.section_id, leaders=ticket.conflict):
                    yield person, _WROTE_AGAIN, 1
            case _:
                named = json.loads(event.data).get("handler_id")
                if isinstance(named, int) and named != event.actor_id:
                    yield named, _ASSIGNED, 1


def heads_of(people: Iterable[Actor], section_id: int, *, leaders: bool = False) -> list[int]:
    """Who decides in a section: its heads, or where it is about the section itself its leaders."""
    role = Role.LEADER if leaders else Role.HEAD
    return [
        person.id
        for person in people
        if person.id is not None and section_id in person.section_ids and person.has(role)
    ]


def _write(session: Session, told: dict[int, Counter[str]], until: datetime) -> int:
    sender = staff_sender()
    if sender is None or not told:
        return 0
    addresses = session.scalars(
        sa.select(NoticeAddress)
        .where(NoticeAddress.account_id.in_(list(told)))
        .order_by(NoticeAddress.account_id)
    )
    return sum(
        enqueue(
            session,
            OutboxKind.STAFF,
            dedupe=f"news/{row.account_id}/{until.isoformat()}",
            object_ref="news",
            sender=sender,
            recipient=row.mail,
            subject="工作提醒：有新的事项",
            body=digest(told[row.account_id]),
        )
        is not None
        for row in addresses
    )


def digest(counted: Counter[str]) -> str:
    lines = "\n".join(f"{words}：{count}" for words, count in sorted(counted.items()))
    return f"您好：\n\n{lines}\n\n请登录系统查看。\n（本邮件由系统自动发出，请勿回复）\n"


def _push(told: dict[int, Counter[str]]) -> None:
    channels: list[Channel] = current_app.extensions.get(_CHANNELS, [])
    for channel in channels:
        for person, counted in told.items():
            try:
                channel.push(person, f"有 {counted.total()} 件新的事项，请登录查看。")
            except Exception:
                log.exception("a channel for staff notices failed")
