"""The search index over the working texts: two-character words, the same on both engines.

`grams` holds the words in their order, separated by blanks. SQLite searches it through an FTS5 table kept by triggers,
PostgreSQL through a GIN index; neither engine's own idea of a word is used, because both fail on Chinese.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from tickets.models.ticket import Ticket


class TicketSearch(Base):
    """The searchable words of one ticket."""

    __tablename__ = "ticket_search"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True, autoincrement=False)
    grams: Mapped[str]


SQLITE_DDL = (
    "CREATE VIRTUAL TABLE ticket_search_fts USING fts5("
    "grams, content='ticket_search', content_rowid='ticket_id', tokenize='unicode61 remove_diacritics 0', detail='none')",
    "CREATE TRIGGER ticket_search_ai AFTER INSERT ON ticket_search BEGIN "
    "INSERT INTO ticket_search_fts(rowid, grams) VALUES (new.ticket_id, new.grams); END",
    "CREATE TRIGGER ticket_search_ad AFTER DELETE ON ticket_search BEGIN "
    "INSERT INTO ticket_search_fts(ticket_search_fts, rowid, grams) VALUES ('delete', old.ticket_id, old.grams); END",
    "CREATE TRIGGER ticket_search_au AFTER UPDATE ON ticket_search BEGIN "
    "INSERT INTO ticket_search_fts(ticket_search_fts, rowid, grams) VALUES ('delete', old.ticket_id, old.grams); "
    "INSERT INTO ticket_search_fts(rowid, grams) VALUES (new.ticket_id, new.grams); END",
)
# Beside its words each ticket holds the word of its block, so that the newest hits are found without reading all.
BLOCK = 4096
POSTGRESQL_WORDS = (
    f"array_to_tsvector(array_append(string_to_array(grams, ' '), '#' || (ticket_id / {BLOCK})::text))"
)
POSTGRESQL_DDL = (f"CREATE INDEX ix_ticket_search_words ON ticket_search USING gin ({POSTGRESQL_WORDS})",)


def create_index(connection: Connection) -> None:
    """Makes the engine's own index over `grams`; the migrations call it too."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRESQL_DDL:
        connection.exec_driver_sql(statement)


@event.listens_for(TicketSearch.__table__, "after_create")
def _index_with_table(_table: object, connection: Connection, **_: object) -> None:
    create_index(connection)
