"""How long the pages take behind the shipped server, logged in: the median of 50 requests a page.

python -m benchmarks.pages --tickets 1000 --tickets 100000 [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts.actor import SYSTEM
from app import create_app
from benchmarks.fill import fill, words_to_search
from config.settings import Settings
from core.clock import SystemClock
from core.db import db, transaction
from demo.filling import SCHOOLS
from demo.office import demo_office
from demo.people import PASSWORD, add_people
from operations import installation
from tickets.schools import load_schools, read_schools

REQUESTS = 50
PROJECT = Path(__file__).resolve().parents[1]


class Browser:
    """A signed-in person with a cookie jar."""

    def __init__(self, base: str, username: str) -> None:
        self._base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        page = self.get("/login")
        self.post("/login", {"csrf_token": token(page), "username": username, "password": PASSWORD})

    def get(self, path: str) -> str:
        with self._opener.open(self._base + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, fields: dict[str, str]) -> str:
        with self._opener.open(self._base + path, urllib.parse.urlencode(fields).encode()) as answer:
            return str(answer.read().decode())


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("a page without a form token")
    return found[1]


def median_ms(ask: Callable[[], object]) -> float:
    """The median of the requests, after three that warm the caches."""
    for _ in range(3):
        ask()
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def measure(base: str) -> Iterator[tuple[str, float]]:
    """Every page of the list, one after the other."""
    browser = Browser(base, "sumin")
    listed = browser.get("/tickets?view=all")
    number = re.search(r"/tickets/([A-Z]{2}\d{8}-\d+)", listed)
    older = re.search(r'href="(/tickets\?[^"]*after=[^"]*)"', listed)
    if number is None:
        raise RuntimeError("the list is empty")
    yield "list", median_ms(lambda: browser.get("/tickets"))
    yield "whole list", median_ms(lambda: browser.get("/tickets?view=all"))
    if older:
        deep = older[1].replace("&amp;", "&")
        yield "list, next page", median_ms(lambda: browser.get(deep))
    yield "list, filtered", median_ms(lambda: browser.get("/tickets?view=all&status=closed&category=B1"))
    yield "detail", median_ms(lambda: browser.get(f"/tickets/{number[1]}"))
    yield "overdue", median_ms(lambda: browser.get("/overdue"))
    for name, word in words_to_search():
        path = f"/tickets?view=all&q={urllib.parse.quote(word)}"
        yield f"search, {name} word", median_ms(lambda path=path: browser.get(path))  # type: ignore[misc]  # bound at once
    yield "phone form, GET + POST", median_ms(lambda: _log_a_call(browser))


def _log_a_call(browser: Browser) -> None:
    page = browser.get("/tickets/new")
    browser.post(
        "/tickets/new",
        {
            "csrf_token": token(page),
            "channel": "phone",
            "matter": "云岭二中课后服务收费太高，没有公示。",
            "anonymity": "confidential",
        },
    )


@contextmanager
def served(folder: Path, database: str | None) -> Iterator[str]:
    """`python app.py` on a free port over a prepared folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "HOTLINE_DATA_DIR": str(folder),
        "HOTLINE_OFFICE_FILE": str(folder / "office.toml"),
        "HOTLINE_LISTEN": f"127.0.0.1:{port}",
        **({"DATABASE_URL": database} if database else {}),
    }
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL
    ) as server:
        base = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(base + "/login").close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield base
        finally:
            server.terminate()
            server.wait(15)


def prepare(folder: Path, count: int, database: str | None) -> float:
    """An installation with people, schools and tickets; the seconds the tickets took."""
    (folder / "office.toml").write_text(demo_office(9, 9), encoding="utf-8")
    environ = {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_OFFICE_FILE": str(folder / "office.toml")}
    app = create_app(
        Settings.from_environment({**environ, **({"DATABASE_URL": database} if database else {})})
    )
    with app.app_context():
        installation.initialise()
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
            add_people(session)
        started = time.perf_counter()
        fill(count, until=SystemClock().now())
        seconds = time.perf_counter() - started
        db.session.remove()
        db.engine.dispose()
    return seconds


def _figure(column: dict[str, float], page: str) -> str:
    return f"{column[page]:.1f}" if page in column else "–"


def main() -> None:
    """Prints a table, one column a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, action="append", help="how many tickets; may be repeated")
    parser.add_argument("--database", help="an empty PostgreSQL database; SQLite if not given")
    options = parser.parse_args()
    columns: dict[str, dict[str, float]] = {}
    for count in options.tickets or [1_000, 100_000]:
        with tempfile.TemporaryDirectory() as name:
            seconds = prepare(Path(name), count, options.database)
            with served(Path(name), options.database) as base:
                columns[f"{count:,}"] = dict(measure(base))
        print(f"{count:,} tickets filled in {seconds:.0f} s", file=sys.stderr)
    print(f"| page | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for page in next(iter(columns.values())):
        print(f"| {page} | {' | '.join(_figure(column, page) for column in columns.values())} |")


if __name__ == "__main__":
    main()
