"""Tickets that say much the same: words weighed by how rare they are (TF-IDF over the search index), the same on both engines.

How rare a word is, is learnt from a sample of the tickets; candidates come from the index by the rarest words of the text;
only the best of those are compared in full. So a hundred thousand tickets cost little more than a thousand.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core.clock import now
from tickets.models import Ticket, TicketSearch
from tickets.models.search import POSTGRESQL_WORDS
from tickets.queries.listing import first_school
from tickets.search.grams import compared, words
from tickets.visibility import visible_to
from tickets.vocabulary import Status

# From this likeness on two texts are about one matter more often than not; below it nothing is shown to people.
SHOWN_FROM = 0.22
_SAMPLE = 2500
_SAMPLE_AGES = timedelta(minutes=30)
_WORDS = 200
_LOOKED_UP = 20_000
_CANDIDATES = 400
_READ_AT_MOST = 4000
_CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class Match:
    """A ticket and how like it is, from 0 to 1."""

    ticket_id: int
    score: float


@dataclass(frozen=True, kw_only=True)
class SeenMatch:
    """A like ticket as a person who may see it is told of it."""

    number: str
    title: str
    school: str
    status: Status
    received_at: datetime
    score: float


@dataclass
class _Weights:
    """How many tickets of a sample hold each word."""

    held_by: Counter[str] = field(default_factory=Counter)
    sampled: int = 0
    tickets: int = 0
    newest: int = 0
    learnt_at: datetime | None = None
    squares: dict[str, float] = field(default_factory=dict)
    unknown: float = 0.0

    def settle(self) -> None:
        """Works the squared weights out once: they are asked for a hundred thousand times a search."""
        self.squares = {word: self._square(count) for word, count in self.held_by.items()}
        self.unknown = self._square(0)

    def _square(self, held_by: int) -> float:
        return math.log((self.sampled + 1.0) / (held_by + 0.5)) ** 2

    def square(self, word: str) -> float:
        return self.squares.get(word, self.unknown)

    def length(self, words_held: Iterable[str]) -> float:
        square, unknown = self.squares.get, self.unknown
        return math.sqrt(sum([square(word, unknown) for word in words_held]))

    def expected(self, word: str) -> float:
        """How many tickets probably hold the word."""
        return (self.held_by[word] + 0.5) / max(self.sampled, 1) * self.tickets


def matches(
    session: Session,
    text: str,
    *,
    limit: int,
    leave_out: sa.ColumnElement[bool] | None = None,
    among: sa.ColumnElement[bool] | None = None,
) -> list[Match]:
    """The tickets most like a text, the likest first; `leave_out` and `among` are conditions on Ticket."""
    wanted = frozenset(word for word in words(text[:_READ_AT_MOST]) if len(word) > 1)
    weights = _weights(session)
    if not wanted or not weights.sampled:
        return []
    likely = _likely(session, _rarest(wanted, weights), weights)
    candidates = _read(session, likely, leave_out=leave_out, among=among)
    own = weights.length(wanted)
    found = []
    for ticket_id, grams in candidates:
        score = _likeness(wanted, own, compared(grams), weights)
        if score > 0:
            found.append(Match(ticket_id=ticket_id, score=round(score, 4)))
    return heapq.nsmallest(limit, found, key=lambda match: (-match.score, match.ticket_id))


def seen_matches(session: Session, actor: Actor, text: str, *, limit: int) -> list[SeenMatch]:
    """Like tickets this person may see, only those worth a look."""
    found = matches(session, text, limit=limit, among=visible_to(actor))
    scores = {match.ticket_id: match.score for match in found if match.score >= SHOWN_FROM}
    if not scores:
        return []
    rows = session.execute(
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.school_text,
            Ticket.status,
            Ticket.received_at,
            first_school().label("school"),
        ).where(Ticket.id.in_(scores))
    ).all()
    seen = [
        SeenMatch(
            number=row.number,
            title=row.title,
            school=row.school or row.school_text,
            status=row.status,
            received_at=row.received_at,
            score=scores[row.id],
        )
        for row in rows
    ]
    return sorted(seen, key=lambda match: -match.score)


def _likeness(wanted: frozenset[str], own: float, held: set[str], weights: _Weights) -> float:
    """The cosine of the angle between two texts, each word weighed once."""
    shared = sum(weights.square(word) for word in wanted & held)
    other = weights.length(held) if shared else 0.0
    return shared / (own * other) if own and other else 0.0


def _rarest(wanted: Iterable[str], weights: _Weights) -> list[str]:
    """The rarest words, as many as can be looked up: what they say together finds every text that is really alike."""
    picked: list[str] = []
    expected = 0.0
    for word in sorted(wanted, key=lambda each: (weights.held_by[each], each)):
        expected += weights.expected(word)
        if picked and (expected > _LOOKED_UP or len(picked) >= _WORDS):
            break
        picked.append(word)
    return picked


def _likely(session: Session, picked: Sequence[str], weights: _Weights) -> list[int]:
    """The tickets that share the most of these words, by the index alone."""
    one = _ONE_WORD[session.get_bind().dialect.name]
    # Words are letters and digits only, so quoting them cannot be escaped from.
    question = " UNION ALL ".join(one.format(place=place) for place in range(len(picked)))
    words_asked = {
        f"word_{place}": _QUOTED[session.get_bind().dialect.name].format(word)
        for place, word in enumerate(picked)
    }
    gained = [weights.square(word) for word in picked]
    shared: dict[int, float] = defaultdict(float)
    for place, ticket_id in session.execute(sa.text(question), words_asked):
        shared[ticket_id] += gained[place]
    return heapq.nlargest(_CANDIDATES, shared, key=shared.__getitem__)


_ONE_WORD = {
    "sqlite": "SELECT {place}, rowid FROM ticket_search_fts WHERE ticket_search_fts MATCH :word_{place}",
    "postgresql": "SELECT {place}, ticket_id FROM ticket_search "  # noqa: S608 - put together of constants
    f"WHERE {POSTGRESQL_WORDS} @@ CAST(:word_{{place}} AS tsquery)",
}
_QUOTED = {"sqlite": '"{}"', "postgresql": "'{}'"}


def _read(
    session: Session,
    likely: Sequence[int],
    *,
    leave_out: sa.ColumnElement[bool] | None,
    among: sa.ColumnElement[bool] | None,
) -> list[tuple[int, str]]:
    query = sa.select(TicketSearch.ticket_id, TicketSearch.grams).where(TicketSearch.ticket_id.in_(likely))
    if leave_out is not None or among is not None:
        query = query.join(Ticket, Ticket.id == TicketSearch.ticket_id)
    if leave_out is not None:
        query = query.where(sa.not_(leave_out))
    if among is not None:
        query = query.where(among)
    return [(row.ticket_id, row.grams) for row in session.execute(query)]


def _weights(session: Session) -> _Weights:
    """Learnt once in a while and kept in the process; learnt again soon while there are few tickets."""
    kept: _Weights = current_app.extensions.setdefault("similar", _Weights())
    newest = session.execute(sa.select(sa.func.max(TicketSearch.ticket_id))).scalar_one() or 0
    moment = now()
    grown = newest > kept.newest * 1.1 + 20
    aged = kept.learnt_at is None or abs(moment - kept.learnt_at) > _SAMPLE_AGES
    if grown or (aged and newest != kept.newest):
        kept = _learn(session, newest)
        kept.learnt_at = moment
        current_app.extensions["similar"] = kept
    return kept


def _learn(session: Session, newest: int) -> _Weights:
    # Ids without gaps, so evenly spaced ones are a fair sample and cost no scan.
    step = max(newest // _SAMPLE, 1)
    ids = list(range(1, newest + 1, step))
    learnt = _Weights(tickets=newest, newest=newest)
    for place in range(0, len(ids), _CHUNK):
        rows = session.scalars(
            sa.select(TicketSearch.grams).where(TicketSearch.ticket_id.in_(ids[place : place + _CHUNK]))
        )
        for grams in rows:
            learnt.held_by.update(compared(grams))
            learnt.sampled += 1
    learnt.settle()
    return learnt
