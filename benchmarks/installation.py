"""An installation to measure: filled, served by `python app.py`, and asked by a signed-in person."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from accounts.actor import SYSTEM
from app import create_app
from benchmarks.fill import fill
from config.settings import Settings
from core.clock import SystemClock
from core.db import db, transaction
from demo.filling import SCHOOLS
from demo.mail_server import DEMO_ACCOUNTS
from demo.office import demo_office
from demo.people import PASSWORD, add_people
from mail_ingest.mailboxes import set_code
from operations import installation
from tickets.schools import load_schools, read_schools

PROJECT = Path(__file__).resolve().parents[1]
_NOBODY = 9  # a port on which nothing answers


class Browser:
    """A signed-in person with a cookie jar."""

    def __init__(self, base: str, username: str) -> None:
        self._base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        # Without the handler a redirect is an error that carries its address.
        self._staying = urllib.request.OpenerDirector()
        for handler in (urllib.request.HTTPHandler(), jar):
            self._staying.add_handler(handler)
        page = self.get("/login")
        self.post("/login", {"csrf_token": token(page), "username": username, "password": PASSWORD})

    def get(self, path: str) -> str:
        """The page; HTTPError for anything but a page."""
        with self._opener.open(self._base + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, fields: dict[str, str]) -> str:
        """The page that follows."""
        with self._opener.open(self._base + path, urllib.parse.urlencode(fields).encode()) as answer:
            return str(answer.read().decode())

    def send(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """The answer's own status and the address it leads to, without going there."""
        request = urllib.request.Request(self._base + path, urllib.parse.urlencode(fields).encode())  # noqa: S310 - our own server
        with self._staying.open(request) as answer:
            answer.read()
            return int(answer.status), str(answer.headers.get("Location", ""))


def token(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("a page without a form token")
    return found[1]


@contextmanager
def served(folder: Path, database: str | None, **environ: str) -> Iterator[tuple[str, int]]:
    """`python app.py` on a free port over a prepared folder: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {
        **os.environ,
        **environ_of(folder, database),
        "HOTLINE_LISTEN": f"127.0.0.1:{port}",
        **environ,
    }
    with subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(base, server)
            yield base, server.pid
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(base + "/login").close()  # noqa: S310 - our own server
        except OSError:
            if server.poll() is not None:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")


def environ_of(folder: Path, database: str | None) -> dict[str, str]:
    """The settings of an installation in a folder."""
    office = {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_OFFICE_FILE": str(folder / "office.toml")}
    return {**office, **({"DATABASE_URL": database} if database else {})}


def application(folder: Path, database: str | None) -> Flask:
    """The application over a folder, in this process."""
    return create_app(Settings.from_environment(environ_of(folder, database)))


def prepare(folder: Path, count: int, database: str | None, imap_port: int = 0) -> float:
    """An installation with people, schools and tickets; the seconds the tickets took.

    With a port of the demonstration's mail server its mailboxes are read; without, nobody knows their codes.
    """
    (folder / "office.toml").write_text(demo_office(imap_port or _NOBODY, _NOBODY), encoding="utf-8")
    app = application(folder, database)
    with app.app_context():
        installation.initialise()
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
            add_people(session)
        for address, code in DEMO_ACCOUNTS.items() if imap_port else ():
            with transaction() as session:
                set_code(session, address, code, actor=SYSTEM)
        started = time.perf_counter()
        fill(count, until=SystemClock().now())
        seconds = time.perf_counter() - started
        db.session.remove()
        db.engine.dispose()
    return seconds
