"""Installations with something in them: tickets, mails, accounts, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from core.blobs import blob_store
from core.clock import now
from core.db import Base, db, transaction
from operations import installation
from tests.support.app import make_app, unprepared_app
from tests.support.postgres import drop_database, new_database
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.messages import NewAttachment, NewMessage
from tickets.vocabulary import Channel

PHONE = "13900001111"


@contextmanager
def installation_on(engine: str, folder: Path, **environ: str) -> Iterator[Flask]:
    """An initialised installation on one engine, gone afterwards."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with empty_database(engine) as url:
        if url or environ:
            app = unprepared_app(folder, **({"DATABASE_URL": url} if url else {}), **environ)
            with app.app_context():
                installation.initialise()
        else:
            app = make_app(folder)
        yield app
        let_go(app)


@contextmanager
def empty_database(engine: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database; an empty word for SQLite in the data folder."""
    url = new_database() if engine == "postgresql" else ""
    yield url
    if url:
        drop_database(url)


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def add_tickets(app: Flask, count: int, *, first: int = 1) -> list[str]:
    """Registers invented complaints, every third with a file."""
    numbers = []
    with app.app_context():
        for each in range(first, first + count):
            files = (_file(each),) if each % 3 == 0 else ()
            matter = f"孩子说课后服务第 {each} 周没有老师在教室，家长想知道费用怎么退。"
            new = NewTicket(
                channel=Channel.PHONE,
                received_at=now(),
                matter=matter,
                people=(Person(name="林小满", phone=PHONE),),
                message=NewMessage(subject="课后服务", text=matter, sender="林小满", attachments=files),
            )
            with transaction() as session:
                numbers.append(register(session, new).ticket.number)
    return numbers


def _file(each: int) -> NewAttachment:
    stored = blob_store().put(f"费用通知 {each}".encode() * 50)
    return NewAttachment(
        blob=stored.name, name=f"通知{each}.txt", content_type="text/plain", size=stored.size
    )


def contents(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as values that compare equal on both engines."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [
                tuple(_plain(value) for value in row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in Base.metadata.sorted_tables
        }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def run(app: Flask, *words: str) -> Result:
    """A command of the installation."""
    result = app.test_cli_runner().invoke(args=list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run_json(app: Flask, *words: str, exit_code: int = 0) -> dict[str, Any]:
    result = run(app, *words, "--json")
    assert result.exit_code == exit_code, result.output
    plain: dict[str, Any] = json.loads(result.stdout)
    return plain
