"""Runs the migrations in the application's own database; `flask --app app db …` and `init` come here."""

from __future__ import annotations

from alembic import context
from flask import current_app

_migrate = current_app.extensions["migrate"]
_engine = _migrate.db.engine
_OWN_OF_THE_INDEX = "ticket_search_"


def _include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The tables FTS5 keeps for itself and the index over words are made by hand, not compared."""
    if kind in {"table", "index"} and name is not None:
        return not (name.startswith(_OWN_OF_THE_INDEX) or name == "ix_ticket_search_words")
    return True


with _engine.connect() as _connection:
    context.configure(
        connection=_connection,
        target_metadata=_migrate.db.metadatas[None],
        include_name=_include_name,
        render_as_batch=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    _connection.commit()
