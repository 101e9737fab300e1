"""Counts a month once more, from nothing but the raw rows, in the simplest way that could be right.

It shares no code with the package: statuses are words, moments are compared as text, days are counted one by one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db import db

OPEN = {"pending", "accepted", "in_progress", "pending_review", "pending_callback", "suspended"}
KINDS = {
    "accept": "accept",
    "resolve": "resolve",
    "sign_off": "feedback",
    "feedback": "feedback",
    "call_back": "call_back",
    "notice": "legal",
    "legal": "legal",
}


@dataclass(frozen=True)
class Recounted:
    balance: Mapping[str, int]
    matters: int
    original: tuple[int, int]
    current: tuple[int, int]
    overdue: Mapping[str, int]
    channels: Mapping[str, int]


def recount(first: str, last: str) -> Recounted:
    """The month from the first to the last day, both as the office writes them; asked after it has ended."""
    start, end = _midnight(first), _midnight(_after(last))
    events = _rows("SELECT * FROM ticket_event ORDER BY ticket_id, position")
    balance: dict[str, int] = defaultdict(int)
    at_start: dict[int, str] = {}
    at_end: dict[int, str] = {}
    new: set[int] = set()
    for event in events:
        if event["recorded_at"] >= end:
            continue
        before, after = event["from_status"], event["to_status"]
        if event["recorded_at"] < start:
            at_start[event["ticket_id"]] = after
        elif before != after:
            if before is None:
                balance["received"] += 1
                new.add(event["ticket_id"])
            elif before not in OPEN:
                balance["restored"] += 1
            if after not in OPEN:
                balance[after] += 1
        at_end[event["ticket_id"]] = after
    balance["opening"] = sum(status in OPEN for status in at_start.values())
    balance["open_at_end"] = sum(status in OPEN for status in at_end.values())
    deadlines = _rows("SELECT * FROM deadline WHERE ticket_id IS NOT NULL")
    tickets = {row["id"]: row for row in _rows("SELECT * FROM ticket")}
    return Recounted(
        balance=dict(balance),
        matters=sum(at_end[ticket] != "merged" for ticket in new),
        original=_rate(deadlines, first, last, "original_last_day"),
        current=_rate(deadlines, first, last, "last_day"),
        overdue=_overdue(deadlines, end),
        channels=_by([tickets[ticket]["channel"] for ticket in new]),
    )


def _rate(deadlines: list[Mapping[str, Any]], first: str, last: str, column: str) -> tuple[int, int]:
    due = in_time = 0
    for row in deadlines:
        if row["kind"] != "resolve" or row["provisional"] or not first <= row[column] <= last:
            continue
        limit = _midnight(_after(row[column]))
        if row["ended_at"] and row["ended_at"] < limit:
            continue
        due += 1
        in_time += bool(row["met_at"] and row["met_at"] < limit)
    return due, in_time


def _overdue(deadlines: list[Mapping[str, Any]], end: str) -> Mapping[str, int]:
    late: dict[str, set[str]] = defaultdict(set)
    for row in deadlines:
        gone = (row["met_at"] and row["met_at"] < end) or (row["ended_at"] and row["ended_at"] < end)
        if row["started_at"] < end and not gone and not row["provisional"] and row["due_at"] <= end:
            late[KINDS[row["kind"]]].add(row["ticket_id"])
    return {kind: len(tickets) for kind, tickets in late.items()}


def _by(values: list[str]) -> Mapping[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}


def _rows(query: str) -> list[Mapping[str, Any]]:
    with db.engine.connect() as connection:
        return [
            json.loads(json.dumps(dict(row), default=str))
            for row in connection.execute(sa.text(query)).mappings()
        ]


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _midnight(day: str) -> str:
    """0:00 of an office day as the database writes it: eight hours earlier."""
    return (datetime.fromisoformat(day) - timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S.%f")
