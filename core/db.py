"""The database: typed models on our own Base, one read transaction a request, `transaction()` for every write.

SQLite loses updates and answers "database is locked" at once when a transaction that has read begins to write. So a
request reads in one transaction, and writes in another that begins with BEGIN IMMEDIATE and loads again what it changes.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from core.errors import CannotStart

log = logging.getLogger(__name__)
BUSY_TIMEOUT_MS = 15_000
_TRIES = 4
_GATHERED = "db.gathered"
_DEADLOCKS = {"40P01", "40001"}  # deadlock_detected, serialization_failure
Done = TypeVar("Done")


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; a naive one is refused, because nobody can say what it means."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


def second_enum(members: type[enum.Enum], name: str) -> sa.Enum:
    """The type of a table's second column of one enum: its check constraint needs a name of its own."""
    return sa.Enum(
        members, name=name, native_enum=False, create_constraint=True, length=40, values_callable=_values
    )


class Base(DeclarativeBase):
    """All tables. Constraint names are fixed, so that migrations mean the same thing on both engines."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UTCDateTime,
        str: sa.Text,
        enum.Enum: sa.Enum(
            enum.Enum, native_enum=False, create_constraint=True, length=40, values_callable=_values
        ),
    }


# autoflush stays off: a read session never flushes, and a write session flushes where its code says so or at the end.
db = SQLAlchemy(metadata=Base.metadata, session_options={"autoflush": False})


class WriteOutsideTransaction(RuntimeError):
    """Something was to be written by the session that only reads; open a `transaction()` instead."""


class WriteSession(Session):
    """The session of one `transaction()`; the only kind that may flush."""


_open_transaction: ContextVar[WriteSession | None] = ContextVar("open_transaction", default=None)


@event.listens_for(Session, "before_flush")
def _refuse_flush_outside(session: Session, _context: object, _instances: object) -> None:
    if not isinstance(session, WriteSession) and (session.new or session.dirty or session.deleted):
        raise WriteOutsideTransaction("a flush outside transaction()")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement_outside(state: ORMExecuteState) -> None:
    if not isinstance(state.session, WriteSession) and (
        state.is_insert or state.is_update or state.is_delete
    ):
        raise WriteOutsideTransaction("an INSERT, UPDATE or DELETE outside transaction()")


@contextmanager
def transaction() -> Iterator[Session]:
    """A write transaction of its own; commits at the end, rolls back on any error.

    Ends the request's read transaction first: after a read, BEGIN IMMEDIATE would be ignored. What is to be changed has to
    be loaded again from the session given. Lock order inside: ticket, counter, outbox, audit; the audit entries that were
    recorded are appended last, here. Opening one inside another is a mistake of the program and raises RuntimeError.
    """
    from core import audit

    if _open_transaction.get() is not None:
        raise RuntimeError("a transaction is already open here")
    db.session.rollback()
    engine = db.engine.execution_options(sqlite_begin="IMMEDIATE")
    with WriteSession(engine, autoflush=False, expire_on_commit=False) as session:
        token = _open_transaction.set(session)
        try:
            with session.begin():
                yield session
                session.flush()
                audit.append_recorded(session)
        finally:
            _open_transaction.reset(token)


def table_of(model: type[Base]) -> sa.Table:
    """The table of a class, for statements that do without the session's bookkeeping."""
    return cast(sa.Table, model.__table__)


def insert_now(session: Session, row: Base) -> None:
    """Inserts one new row without a flush of all the others; afterwards the session holds it as if it had read it.

    For rows with one key that the database makes, and with plain defaults.
    """
    plan = _plan_of(type(row))
    known = row.__dict__
    for name, default in plan.defaults.items():
        if name not in known:
            set_committed_value(row, name, default)
    values = {name: known[name] for name in plan.defaults}
    set_committed_value(row, plan.key, session.execute(plan.insert, values).scalar_one())
    make_transient_to_detached(row)
    session.add(row)


@dataclass(frozen=True)
class _Plan:
    key: str
    defaults: dict[str, Any]  # of every other column
    insert: sa.sql.dml.ReturningInsert[Any]


@cache
def _plan_of(model: type[Base]) -> _Plan:
    table = table_of(model)
    [key] = table.primary_key.columns
    defaults = {
        column.key: column.default.arg if isinstance(column.default, sa.ColumnDefault) else None
        for column in table.columns
        if column is not key
    }
    return _Plan(key.key, defaults, sa.insert(table).returning(key))


def insert_later(session: Session, model: type[Base], **values: Any) -> None:
    """Inserts a row that nothing of this transaction changes: at once, or within `gathering` together with its like.

    All rows of a table must name the same columns.
    """
    table = table_of(model)
    gathered: dict[sa.Table, list[dict[str, Any]]] | None = session.info.get(_GATHERED)
    if gathered is None:
        session.execute(sa.insert(table), [values])
    else:
        gathered.setdefault(table, []).append(values)


@contextmanager
def gathering(session: Session) -> Iterator[None]:
    """Rows of `insert_later` are written at the end, one statement a table; within another `gathering`, at the end of that.

    A row costs a fifth of what the session asks for it. Until it is written no query sees it: `write_gathered`.
    """
    if _GATHERED in session.info:
        yield
        return
    session.info[_GATHERED] = {}
    try:
        yield
        write_gathered(session)
    finally:
        session.info.pop(_GATHERED, None)


def write_gathered(session: Session) -> None:
    """Writes what was gathered so far, after what the session holds: rows are written after those they refer to."""
    session.flush()
    gathered: dict[sa.Table, list[dict[str, Any]]] = session.info.get(_GATHERED, {})
    for table in sorted(gathered, key=_written_after().__getitem__):
        session.execute(sa.insert(table), gathered[table])
    gathered.clear()


@cache
def _written_after() -> dict[sa.Table, int]:
    return {table: place for place, table in enumerate(Base.metadata.sorted_tables)}


def repeated(work: Callable[[], Done]) -> Done:
    """Does work that opens its own transaction, and once more if another process was in its way in that very instant.

    That is a unique key that both wanted to write, or locks that each held of the other's: what was rolled back finds the
    other's rows the next time. The work must load everything inside its transaction.
    """
    for _ in range(_TRIES - 1):
        try:
            return work()
        except IntegrityError:
            log.info("another process wrote the same row; once more")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _DEADLOCKS:
                raise
            log.info("a deadlock was broken; once more")
    return work()


def end_read() -> None:
    """Lets go of the read transaction, before a long wait or a look at what others have written meanwhile."""
    db.session.rollback()


def init_database(app: Flask, url: str) -> None:
    """Binds the application to its database and makes every connection safe."""
    options: dict[str, Any] = {
        "pool_size": 16,
        "max_overflow": 16,
        "pool_pre_ping": url.startswith("postgresql"),
        "hide_parameters": True,  # an error's text goes to the log, a complaint's must not
    }
    if url.startswith("sqlite"):
        options["connect_args"] = {"check_same_thread": False}
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _make_sqlite_safe(db.engine)
        else:
            _plan_each_question(db.engine)


def _plan_each_question(engine: Engine) -> None:
    """A plan for any word, any section is the wrong one for most: measured, 250 ms instead of 1 for a word that nowhere stands."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.commit()


def _make_sqlite_safe(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-32000",
            "mmap_size=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            "BEGIN " + connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        )


def check_durable() -> None:
    """Refuses to start on a database that may forget what it has confirmed."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
            safe = (journal == "wal" or db.engine.url.database in {None, "", ":memory:"}) and synchronous == 2
            found = f"journal_mode={journal}，synchronous={synchronous}"
        else:
            synchronous = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
            fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
            safe = synchronous != "off" and fsync == "on"
            found = f"synchronous_commit={synchronous}，fsync={fsync}"
    if not safe:
        raise CannotStart(
            f"数据库的写盘方式不安全（{found}）：断电会丢件，系统不启动。请恢复数据库的默认设置。"
        )
