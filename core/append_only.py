"""Tables whose rows are written once: the database itself refuses to change or delete them.

Whoever owns the database file can still do it; the audit chain then tells.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection


def append_only(table: sa.FromClause) -> None:
    """Declares a table append-only: the triggers are made with it, by create_all and by the migrations alike."""

    @event.listens_for(table, "after_create")
    def _protect(target: sa.Table, connection: Connection, **_: Any) -> None:
        protect(connection, target.name)


def protect(connection: Connection, table: str) -> None:
    """Makes the triggers that refuse UPDATE and DELETE (and on PostgreSQL TRUNCATE)."""
    message = f"{table} is append-only"
    if connection.dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    connection.exec_driver_sql(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
