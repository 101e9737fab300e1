"""The search index in the database: what is put in, and the condition a query makes of it. The same on both engines."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from tickets.models import Message, School, Ticket, TicketSchool, TicketSearch
from tickets.search.grams import index_text, query_words


def put_into_index(session: Session, ticket: Ticket) -> None:
    """Indexes a ticket's working texts anew; called whenever one of them has changed."""
    grams = _grams(session, ticket)
    row = session.get(TicketSearch, ticket.id)
    if row is None:
        session.add(TicketSearch(ticket_id=ticket.id, grams=grams))
    else:
        row.grams = grams


def put_new_into_index(session: Session, ticket: Ticket) -> None:
    """The same for a ticket that has just been made: nothing of it is in the index."""
    session.add(TicketSearch(ticket_id=ticket.id, grams=_grams(session, ticket)))


def _grams(session: Session, ticket: Ticket) -> str:
    schools = session.scalars(
        sa.select(School.name)
        .join(TicketSchool, TicketSchool.school_id == School.id)
        .where(TicketSchool.ticket_id == ticket.id)
    )
    messages = session.execute(sa.select(Message.subject, Message.text).where(Message.ticket_id == ticket.id))
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
            *schools,
            *(text for row in messages for text in row),
        ]
    )


def found_by(query: str, dialect: str) -> sa.Subquery | None:
    """The tickets that hold every word of a query, by `id`; None if the query has no words.

    To be joined to Ticket and ordered by its own id: so both engines read no further than the page's last line.
    """
    wanted = query_words(query)
    if not wanted:
        return None
    # Words are letters and digits only, so quoting them cannot be escaped from.
    if dialect == "sqlite":
        match = " AND ".join(f'"{word}"' for word in wanted)
        hits = sa.text("SELECT rowid AS id FROM ticket_search_fts WHERE ticket_search_fts MATCH :words")
        return hits.bindparams(words=match).columns(sa.column("id", sa.Integer)).subquery("hits")
    vector = sa.func.array_to_tsvector(sa.func.string_to_array(TicketSearch.grams, " "))
    tsquery = sa.cast(" & ".join(f"'{word}'" for word in wanted), TSQUERY)
    return sa.select(TicketSearch.ticket_id.label("id")).where(vector.bool_op("@@")(tsquery)).subquery("hits")
