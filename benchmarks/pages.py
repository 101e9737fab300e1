"""How long the pages take behind the shipped server, signed in: the median of 50 requests a page, and the server's own CPU.

python -m benchmarks.pages --tickets 1000 --tickets 100000 [--engine sqlite --engine postgresql]
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fill import words_to_search
from benchmarks.installation import Browser, prepare, served, token
from benchmarks.machine import alone, cpu_seconds
from tests.support.postgres import drop_database, new_database

REQUESTS = 50
ENGINES = ("sqlite", "postgresql")
# What is wanted at 100,000 tickets, in milliseconds; every search has the same.
WANTED = {
    "list": 12.0,
    "whole list": 12.0,
    "detail": 12.0,
    "overdue": 12.0,
    "search": 15.0,
    "phone form, GET + POST": 20.0,
}


@dataclass(frozen=True, kw_only=True)
class Took:
    """Milliseconds a request: how long one waits, and how much of it is the server's own CPU."""

    wall: float
    cpu: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """Everything measured of one size on one engine."""

    engine: str
    tickets: int
    filled_in: float
    pages: dict[str, Took]


def columns(sizes: list[int], engines: list[str], say: Callable[[str], object] = print) -> Iterator[Column]:
    """Fills, serves and measures, one installation after the other."""
    for count in sizes:
        for engine in engines:
            say(f"{count:,} tickets on {engine}: filling")
            database = new_database() if engine == "postgresql" else None
            with tempfile.TemporaryDirectory() as name:
                seconds = alone(prepare, Path(name), count, database)
                say(f"{count:,} tickets on {engine}: filled in {seconds:.0f} s, measuring")
                with served(Path(name), database) as (base, process):
                    pages = dict(measure(base, process))
                pages["monthly bulletin"] = alone(bulletin, Path(name), database)
            if database:
                drop_database(database)
            yield Column(engine=engine, tickets=count, filled_in=seconds, pages=pages)


def measure(base: str, process: int) -> Iterator[tuple[str, Took]]:
    """Every page of the list, one after the other."""
    browser = Browser(base, "sumin")
    listed = browser.get("/tickets?view=all")
    number = re.search(r"/tickets/([A-Z]{2}\d{8}-\d+)", listed)
    older = re.search(r'href="/tickets\?[^"]*after=(\d+)', listed)
    if number is None or older is None:
        raise RuntimeError("the list is empty")
    deep = int(older[1]) // 10
    # Nobody has asked yet for what the first page of a process works out.
    for path in ("/today", "/tickets", "/overdue", "/tickets/new"):
        browser.get(path)
    pages = {
        "workbench": "/today",
        "list": "/tickets",
        "whole list": "/tickets?view=all",
        "list, deep": f"/tickets?view=all&after={deep}",
        "list, filtered": "/tickets?view=all&status=closed&category=B1",
        "detail": f"/tickets/{number[1]}",
        "overdue": "/overdue",
        **{
            f"search, {name} word": f"/tickets?view=all&q={urllib.parse.quote(word)}"
            for name, word in words_to_search()
        },
    }
    for name, path in pages.items():
        yield name, median_of(lambda path=path: browser.get(path), process)  # type: ignore[misc]  # bound at once
    yield "phone form, GET + POST", median_of(lambda: _log_a_call(browser), process)


def median_of(ask: Callable[[], object], process: int) -> Took:
    """The median of the requests, after three that warm the caches; the CPU is their average."""
    for _ in range(3):
        ask()
    times = []
    spent = cpu_seconds(process)
    for _ in range(REQUESTS):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    spent = cpu_seconds(process) - spent
    return Took(wall=statistics.median(times) * 1000, cpu=spent / REQUESTS * 1000)


def _log_a_call(browser: Browser) -> None:
    page = browser.get("/tickets/new")
    status, address = browser.send(
        "/tickets/new",
        {
            "csrf_token": token(page),
            "channel": "phone",
            "matter": "云岭二中课后服务收费太高，没有公示。",
            "anonymity": "confidential",
        },
    )
    if status != 303 or "/tickets/" not in address:
        raise RuntimeError(f"the call was not registered: {status}")


def bulletin(folder: Path, database: str | None) -> Took:
    """The bulletin of last month, made and frozen with all its files, once."""
    from benchmarks.installation import application
    from core.clock import now, office_day
    from reports import freezing, periods
    from reports.contents import BulletinKind

    app = application(folder, database)
    with app.app_context():
        first = office_day(now()).replace(day=1)
        year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
        span = periods.parse(BulletinKind.MONTHLY, f"{year}-{month:02}")
        started, spent = time.perf_counter(), cpu_seconds(os.getpid())
        freezing.freeze(span)
        return Took(
            wall=(time.perf_counter() - started) * 1000, cpu=(cpu_seconds(os.getpid()) - spent) * 1000
        )


def table(measured: list[Column]) -> str:
    """One row a page; wall time, and in brackets the server's CPU."""
    head = " | ".join(f"{column.tickets:,} {column.engine}" for column in measured)
    lines = [f"| page, ms | {head} | wanted at 100,000 |", f"|---|{'---:|' * (len(measured) + 1)}"]
    for page in measured[0].pages:
        cells = " | ".join(_cell(column.pages[page]) for column in measured)
        goal = wanted(page)
        lines.append(f"| {page} | {cells} | {f'{goal:.0f}' if goal else ''} |")
    return "\n".join(lines)


def _cell(took: Took) -> str:
    return f"{took.wall:,.0f} ({took.cpu:,.0f})" if took.wall >= 1000 else f"{took.wall:.1f} ({took.cpu:.1f})"


def wanted(page: str) -> float | None:
    """How long a page may take, if a limit was set for it."""
    return WANTED.get("search" if page.startswith("search") else page)


def missed(measured: list[Column]) -> list[str]:
    """A sentence for each figure that is over its limit, with what holds it."""
    found = []
    for column in measured:
        for page, took in column.pages.items():
            goal = wanted(page)
            if goal is None or took.wall <= goal or column.tickets > 100_000:
                continue
            where = f"{page}, {column.tickets:,} on {column.engine}"
            rest = max(took.wall - took.cpu, 0.0)
            found.append(
                f"{where}: {took.wall:.1f} ms instead of {goal:.0f}. The server computes for {took.cpu:.1f} ms"
                f" (rows, rules and template in Python); {rest:.1f} ms wait for database, disk and other processes."
            )
    return found


def grown(measured: list[Column]) -> list[str]:
    """How much slower each engine is at its largest size than at its smallest."""
    lines = []
    for engine in ENGINES:
        of_engine = sorted(
            (each for each in measured if each.engine == engine), key=lambda each: each.tickets
        )
        if len(of_engine) < 2:
            continue
        small, large = of_engine[0], of_engine[-1]
        worst, factor = max(
            (
                (page, large.pages[page].wall / small.pages[page].wall)
                for page in small.pages
                if page != "monthly bulletin"
            ),
            key=lambda each: each[1],
        )
        lines.append(
            f"{engine}: from {small.tickets:,} to {large.tickets:,} tickets the page that grows most is"
            f" “{worst}”, to {factor:.1f} times."
        )
    return lines


def main() -> None:
    """Prints a table, one column a size and engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, action="append", help="how many tickets; may be repeated")
    parser.add_argument("--engine", action="append", choices=ENGINES)
    options = parser.parse_args()
    measured = list(columns(options.tickets or [1_000, 100_000], options.engine or list(ENGINES)))
    print(table(measured))
    print("\n".join([*missed(measured), *grown(measured)]))


if __name__ == "__main__":
    main()
