"""The engine takes the indexes that were made for a question, and reads no table from end to end for a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from accounts.actor import Actor, actor_of
from accounts.models import Account
from core.clock import now
from core.db import db
from tickets.models import Ticket
from tickets.queries import detail, listing, overdue
from tickets.queries.listing import View, Wanted
from tickets.queries.workbench import workbench
from tickets.reminders import alarms
from tickets.visibility import visible_to
from tickets.vocabulary import Status

# Tables that grow with the years; the others have as many rows as the office has people, schools and categories.
_GROWING = (
    "ticket",
    "deadline",
    "ticket_category",
    "ticket_school",
    "informed_section",
    "complainant",
    "suspension",
    "ticket_event",
    "message",
)


@contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def _note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)


def plan_of(ask: Callable[[Session, Actor], object]) -> str:
    """What the engine would do for every question that is asked meanwhile."""
    reading = db.session()
    actor = actor_of(reading.scalars(sa.select(Account).where(Account.username == "chief")).one())
    _newest_number(actor)  # no page asks that
    with _statements() as seen:
        ask(reading, actor)
    connection = reading.connection()
    if connection.dialect.name == "postgresql":
        # A small table is read from end to end however many indexes it has: the way with an index is to be seen.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(
            str(row[0])
            for statement, parameters in seen
            for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
        )
    rows = [
        row
        for statement, parameters in seen
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    ]
    return "\n".join(str(row[3]) for row in rows)


def _one_ticket(reading: Session, actor: Actor) -> None:
    detail.page(reading, actor, detail.seen_by(reading, actor, _newest_number(actor)), now())


@cache
def _newest_number(actor: Actor) -> str:
    with Session(db.engine) as beside:
        newest = sa.select(Ticket.number).where(visible_to(actor)).order_by(Ticket.id.desc()).limit(1)
        return beside.scalars(newest).one()


QUESTIONS: dict[str, Callable[[Session, Actor], object]] = {
    "menu": lambda reading, actor: listing.badges(reading, actor, now()),
    "list": lambda reading, actor: listing.page(reading, actor, Wanted(), now()),
    "whole list": lambda reading, actor: listing.page(reading, actor, Wanted(view=View.ALL), now()),
    "deep page": lambda reading, actor: listing.page(reading, actor, Wanted(view=View.ALL, after=400), now()),
    "mine": lambda reading, actor: listing.page(reading, actor, Wanted(view=View.MINE), now()),
    "overdue list": lambda reading, actor: listing.page(reading, actor, Wanted(view=View.OVERDUE), now()),
    "category": lambda reading, actor: listing.page(
        reading, actor, Wanted(view=View.ALL, status=Status.CLOSED, category="B1"), now()
    ),
    "overdue": lambda reading, actor: overdue.overview(reading, actor, now()),
    "search": lambda reading, actor: listing.page(
        reading, actor, Wanted(view=View.ALL, q="食堂的饭菜"), now()
    ),
    "absent word": lambda reading, actor: listing.page(
        reading, actor, Wanted(view=View.ALL, q="鲸鱼"), now()
    ),
    "workbench": lambda reading, actor: workbench(reading, actor, now()),
    "one ticket": _one_ticket,
    "many about one school": lambda reading, actor: alarms.clusters(reading, seen_by=actor),
}


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_nothing_that_grows_is_read_from_end_to_end(filled: Flask, question: str) -> None:
    with filled.app_context():
        plan = plan_of(QUESTIONS[question])

    # A walk along the key, newest first, ends with the page's last line: it is written as a scan.
    scanned = set(re.findall(r"SCAN (\w+)", plan)) - ({"ticket"} if question == "whole list" else set())
    assert scanned.isdisjoint(_GROWING), plan


@pytest.mark.engine
@pytest.mark.parametrize("question", list(QUESTIONS))
def test_nor_on_postgresql(filled_on_postgresql: Flask, question: str) -> None:
    with filled_on_postgresql.app_context():
        plan = plan_of(QUESTIONS[question])

    scanned = set(re.findall(r"Seq Scan on (\w+)", plan))
    assert scanned.isdisjoint((*_GROWING, "ticket_search")), plan


@pytest.mark.engine
@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("menu", "ix_deadline_running"),
        ("overdue", "ix_deadline_running"),
        ("search", "ix_ticket_search_words"),
        ("absent word", "ix_ticket_search_words"),
        ("deep page", "pk_ticket"),
        ("many about one school", "ix_ticket_received_at"),
    ],
)
def test_postgresql_takes_the_same_indexes(filled_on_postgresql: Flask, question: str, index: str) -> None:
    with filled_on_postgresql.app_context():
        assert index in plan_of(QUESTIONS[question])


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("menu", "ix_deadline_running"),
        ("menu", "ix_ticket_status_id"),
        ("overdue", "ix_deadline_running"),
        ("overdue list", "ix_deadline_running"),
        ("mine", "ix_ticket_handler_id_status_id"),
        ("category", "ix_ticket_category_category_code"),
        ("many about one school", "ix_ticket_received_at"),
    ],
)
def test_an_index_is_there_because_a_question_takes_it(filled: Flask, question: str, index: str) -> None:
    with filled.app_context():
        assert f"USING INDEX {index}" in plan_of(QUESTIONS[question]).replace("COVERING ", "")


def test_the_whole_list_walks_the_key_and_sorts_nothing(filled: Flask) -> None:
    with filled.app_context():
        plan = plan_of(QUESTIONS["deep page"]).splitlines()

    assert plan[0].startswith("SEARCH ticket USING INTEGER PRIMARY KEY (rowid<?)"), plan
