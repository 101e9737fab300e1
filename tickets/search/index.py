"""The search index in the database: what is put in, and the condition a query makes of it. The same on both engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from core.db import insert_later
from tickets.models import Message, School, Ticket, TicketSchool, TicketSearch
from tickets.models.search import BLOCK, POSTGRESQL_WORDS
from tickets.search.grams import Asked, asked_for, index_text

_NEWEST_BLOCKS: Final = 4
_COMMON: Final = 200  # hits among the newest blocks


def put_into_index(session: Session, ticket: Ticket) -> None:
    """Indexes a ticket's working texts anew; called whenever one of them has changed."""
    schools = session.scalars(
        sa.select(School.name)
        .join(TicketSchool, TicketSchool.school_id == School.id)
        .where(TicketSchool.ticket_id == ticket.id)
    )
    messages = session.execute(sa.select(Message.subject, Message.text).where(Message.ticket_id == ticket.id))
    grams = _grams(ticket, [*schools, *(text for row in messages for text in row)])
    row = session.get(TicketSearch, ticket.id)
    if row is None:
        session.add(TicketSearch(ticket_id=ticket.id, grams=grams))
    else:
        row.grams = grams


def put_new_into_index(session: Session, ticket: Ticket, texts: Iterable[str]) -> None:
    """The same for a ticket that has just been made; `texts`: the names of its schools, the words of its first message."""
    insert_later(session, TicketSearch, ticket_id=ticket.id, grams=_grams(ticket, texts))


def _grams(ticket: Ticket, texts: Iterable[str]) -> str:
    return index_text(
        [
            ticket.number,
            ticket.title,
            ticket.matter,
            ticket.request,
            ticket.school_text,
            ticket.grade_text,
            ticket.source_ref,
            ticket.answer,
            ticket.measures,
            *texts,
        ]
    )


def found_by(session: Session, query: str, *, before: int | None = None) -> Iterator[sa.FromClause]:
    """The tickets that hold every run of a query, by `id`; nothing if the query has no words.

    The index finds those that hold all the words; that the words of a longer run follow one another is read in each of them.

    To be joined to Ticket and ordered by its own `id`. Several are to be tried in turn until one of them fills the page:
    the newest hits (before a ticket's id), and only then all. So neither engine reads further than the page's last line.
    """
    asked = asked_for(query)
    if not asked:
        return
    if session.get_bind().dialect.name == "sqlite":
        yield _in_sqlite(asked).subquery("hits")
        return
    # Words are letters and digits only, so quoting them cannot be escaped from.
    words_asked = " & ".join(
        f"'{word}'{':*' if each.begins else ''}" for each in asked for word in each.words
    )
    newest = before or session.execute(sa.select(sa.func.max(TicketSearch.ticket_id))).scalar_one() or 0
    oldest_block = max(newest // BLOCK - _NEWEST_BLOCKS + 1, 0)
    blocks = " | ".join(f"'#{block}'" for block in range(oldest_block, newest // BLOCK + 1))
    near = _holding(f"{words_asked} & ({blocks})", asked)
    yield near.subquery("hits")
    if oldest_block:
        yield from _everywhere(session, near, _holding(words_asked, asked))


def _everywhere(
    session: Session, near: sa.Select[int], all_of_them: sa.Select[int]
) -> Iterator[sa.FromClause]:
    """A word that stands in few tickets is looked up first; walking the tickets for it would read every one of them."""
    counted = sa.select(sa.func.count()).select_from(near.limit(_COMMON).subquery())
    if session.execute(counted).scalar_one() < _COMMON:
        yield all_of_them.cte("hits").prefix_with("MATERIALIZED")
    else:
        yield all_of_them.subquery("hits")


def _in_sqlite(asked: list[Asked]) -> sa.TextualSelect:
    match = " AND ".join(f'"{word}"{" *" if each.begins else ""}' for each in asked for word in each.words)
    phrases = {f"phrase_{place}": each.phrase for place, each in enumerate(asked) if each.phrase}
    follows = "".join(f" AND instr(grams, :{name}) > 0" for name in phrases)
    hits = sa.text(f"SELECT rowid AS id FROM ticket_search_fts WHERE ticket_search_fts MATCH :words{follows}")  # noqa: S608 - names made here
    return hits.bindparams(words=match, **phrases).columns(sa.column("id", sa.Integer))


def _holding(tsquery: str, asked: list[Asked]) -> sa.Select[int]:
    vector: sa.ColumnElement[Any] = sa.literal_column(POSTGRESQL_WORDS)
    return sa.select(TicketSearch.ticket_id.label("id")).where(
        vector.bool_op("@@")(sa.cast(tsquery, TSQUERY)),
        *(TicketSearch.grams.contains(each.phrase) for each in asked if each.phrase),
    )
