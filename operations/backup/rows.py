"""All rows of a database as one SQLite file, the same from either engine, and back into either engine.

Values are written as the models' own SQLite form, so the file can be read through the models: a backup's audit chain and
histories are checked without restoring it. The declared type of each column says what the value was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

BATCH = 2000
# Who works at this moment means nothing anywhere else; the structure's version stands in the manifest.
LEFT_OUT = frozenset({"lease", "alembic_version"})
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "real"),
    (sa.LargeBinary, "bytes"),
)


def tables_of(connection: Connection) -> list[sa.Table]:
    """The tables the database really has, those referred to first; without what an engine keeps for its index."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        names = [
            name for name in connection.exec_driver_sql(query).scalars() if not name.startswith("sqlite_")
        ]
    else:
        names = sa.inspect(connection).get_table_names()
    return _reflected(connection, set(names) - LEFT_OUT)


def _reflected(connection: Connection, names: Collection[str]) -> list[sa.Table]:
    present = sa.MetaData()
    present.reflect(connection, only=lambda name, _: name in names)
    return present.sorted_tables


def dump(connection: Connection, path: Path) -> dict[str, int]:
    """Writes the rows of one read transaction to a new file; how many of each table."""
    counts = {}
    tables = tables_of(connection)
    with sqlite3.connect(path, isolation_level=None) as file:
        # Written once and synced by the caller: a journal would only cost time.
        file.execute("PRAGMA journal_mode=OFF")
        file.execute("PRAGMA synchronous=OFF")
        file.execute("BEGIN")
        for table in tables:
            counts[table.name] = _dump_table(connection, table, file)
        file.execute("COMMIT")
    file.close()
    return counts


def _dump_table(connection: Connection, table: sa.Table, file: sqlite3.Connection) -> int:
    columns = ", ".join(f'"{column.name}" {_kind(column)}' for column in table.columns)
    file.execute(f'CREATE TABLE "{table.name}" ({columns})')
    marks = ", ".join("?" * len(table.columns))
    insert = f'INSERT INTO "{table.name}" VALUES ({marks})'  # noqa: S608 - names of the models
    raw = [sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in table.columns]
    query = sa.select(*raw).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
    count = 0
    with connection.execute(query) as rows:
        for part in rows.partitions():
            file.executemany(insert, [[_written(value) for value in row] for row in part])
            count += len(part)
    return count


def _kind(column: sa.Column[Any]) -> str:
    """The column's type in the file: one of a few words, read back by `read`."""
    kind = column.type
    for types, word in _KINDS:
        if isinstance(kind, types):
            return word
    return "text"


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond:06d}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return bytes(value) if isinstance(value, memoryview) else value


def tables_in(file: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """The tables of a file with their columns and kinds; the backup's own begin with an underscore."""
    names = [
        name
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("_", "sqlite_"))
    ]
    return {
        name: [(row[1], row[2]) for row in file.execute(f'PRAGMA table_info("{name}")')] for name in names
    }


def counts_in(file: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table of a file has."""
    return {
        name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of the file
        for name in tables_in(file)
    }


def load(connection: Connection, file: sqlite3.Connection) -> None:
    """Fills empty tables of the same structure, in the caller's transaction, and sets the counters behind the ids."""
    in_file = tables_in(file)
    tables = _reflected(connection, in_file.keys())
    for table in tables:
        _load_table(connection, table, in_file[table.name], file)
    if connection.dialect.name == "postgresql":
        for table in tables:
            _set_counter(connection, table)


def _load_table(
    connection: Connection, table: sa.Table, columns: Sequence[tuple[str, str]], file: sqlite3.Connection
) -> None:
    # A row may refer to a later one of its own table: such references are set when all are there.
    own = {
        key.parent.name: key.column.name
        for key in table.foreign_keys
        if key.column.table is table and key.parent.nullable
    }
    first = [(name, kind) for name, kind in columns if name not in own]
    plain = sa.table(table.name, *[sa.column(name) for name, _ in columns])
    insert = sa.insert(plain).values({name: sa.bindparam(name) for name, _ in first})
    for batch in _batches(file, table.name, first, connection.dialect.name):
        connection.execute(insert, batch)
    for name, target in own.items():
        kinds = dict(columns)
        update = (
            sa.update(plain)
            .where(sa.column(target) == sa.bindparam("row_key"))
            .values({name: sa.bindparam("row_value")})
        )
        for batch in _batches(
            file, table.name, [(target, kinds[target]), (name, kinds[name])], connection.dialect.name
        ):
            given = [
                {"row_key": row[target], "row_value": row[name]} for row in batch if row[name] is not None
            ]
            if given:
                connection.execute(update, given)


def _batches(
    file: sqlite3.Connection, table: str, columns: Sequence[tuple[str, str]], engine: str
) -> Iterator[list[dict[str, Any]]]:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    cursor = file.execute(f'SELECT {names} FROM "{table}" ORDER BY rowid')  # noqa: S608 - names of the file
    while rows := cursor.fetchmany(BATCH):
        yield [
            {name: _read(value, kind, engine) for (name, kind), value in zip(columns, row, strict=True)}
            for row in rows
        ]


def _read(value: Any, kind: str, engine: str) -> Any:
    """A value of the file for the target: SQLite takes it as it is."""
    if value is None or engine == "sqlite":
        return value
    match kind:
        case "moment":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case "date":
            return date.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
        case "boolean":
            return bool(value)
        case _:
            return value


def _set_counter(connection: Connection, table: sa.Table) -> None:
    for column in table.primary_key.columns:
        counter = connection.execute(
            sa.select(sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name))
        ).scalar_one()
        if counter is not None:
            highest = connection.execute(sa.select(sa.func.max(column))).scalar_one()
            if highest is not None:
                connection.execute(sa.select(sa.func.setval(counter, highest)))
