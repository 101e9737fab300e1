"""An office at work all at once: people with time to think, mail coming in, a backup being made; what they wait for.

python -m benchmarks.load [--users 50] [--seconds 60] [--tickets 10000] [--engine sqlite]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.installation import PROJECT, Browser, application, environ_of, prepare, served, token
from benchmarks.machine import alone, cpu_seconds
from core.db import db
from demo.mail_server import DEMO_ACCOUNTS, DemoMailServer
from demo.people import PEOPLE
from mail_ingest.models import MailItem
from tests.support.postgres import drop_database, new_database

THINKING = 2.0  # seconds between two pages, on average
WRITES = 0.2
WANTED_P95 = 300.0
_A_MAIL_EVERY = 1.0  # seconds
_AT_THE_DESK = 7  # of the demonstration's people, the first take calls and handle cases
_WORDS = ("课后", "食堂", "收费", "没人看管")
_SEARCH = "/tickets?view=all&q="
_READS = ("/tickets", "/tickets?view=all", "/today", "/overdue", _SEARCH)


@dataclass
class Office:
    """What everybody waited for, in milliseconds, and what went wrong."""

    users: int
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    locked: int = 0
    mails: int = 0
    mails_read: int = 0
    backups: int = 0
    cpu: float = 0.0
    seconds: float = 0.0

    @property
    def p95(self) -> float:
        """What one waits at most in nineteen of twenty requests."""
        every = sorted([*self.reads, *self.writes])
        return every[int(len(every) * 0.95)] if every else 0.0


def at_work(users: int, seconds: float, *, tickets: int, engine: str) -> Office:
    """An office of so many people for so long; mail comes in and backups are made meanwhile."""
    database = new_database() if engine == "postgresql" else None
    office = Office(users=users)
    with tempfile.TemporaryDirectory() as name, DemoMailServer(dict(DEMO_ACCOUNTS), port=0) as mails:
        folder = Path(name)
        alone(prepare, folder, tickets, database, mails.port)
        with served(folder, database) as (base, process):
            browsers = [Browser(base, PEOPLE[each % _AT_THE_DESK].username) for each in range(users)]
            stop = threading.Event()
            threads = [
                threading.Thread(target=_work, args=(browser, stop, office, each))
                for each, browser in enumerate(browsers)
            ]
            threads.append(threading.Thread(target=_deliver, args=(mails, stop, office)))
            threads.append(threading.Thread(target=_back_up, args=(folder, database, stop, office)))
            spent, started = cpu_seconds(process), time.perf_counter()
            for thread in threads:
                thread.start()
            stop.wait(seconds)
            stop.set()
            for thread in threads:
                thread.join()
            office.seconds = time.perf_counter() - started
            office.cpu = cpu_seconds(process) - spent
        office.mails_read = alone(_mails_read, folder, database)
        said = "".join(file.read_text(encoding="utf-8") for file in (folder / "logs").glob("*"))
        office.locked = said.count("database is locked")
    if database:
        drop_database(database)
    return office


def _work(browser: Browser, stop: threading.Event, office: Office, seed: int) -> None:
    chance = random.Random(seed)
    stop.wait(chance.random() * THINKING)
    while not stop.is_set():
        write = chance.random() < WRITES
        started = time.perf_counter()
        try:
            waited = _write(browser, seed) if write else _read(browser, chance)
        except (OSError, RuntimeError) as error:
            office.errors.append(
                f"{type(error).__name__}: {error} after {time.perf_counter() - started:.1f} s"
            )
        else:
            (office.writes if write else office.reads).append(waited)
        stop.wait(chance.uniform(0.5, 1.5) * THINKING)


def _read(browser: Browser, chance: random.Random) -> float:
    path = chance.choice(_READS)
    if path == _SEARCH:
        path += urllib.parse.quote(chance.choice(_WORDS))
    started = time.perf_counter()
    page = browser.get(path)
    waited = (time.perf_counter() - started) * 1000
    numbers = re.findall(r"/tickets/([A-Z]{2}\d{8}-\d+)", page)
    if numbers and chance.random() < 0.5:
        started = time.perf_counter()
        browser.get(f"/tickets/{chance.choice(numbers)}")
        waited = max(waited, (time.perf_counter() - started) * 1000)
    return waited


def _write(browser: Browser, seed: int) -> float:
    page = browser.get("/tickets/new")
    fields = {
        "csrf_token": token(page),
        "channel": "phone",
        "matter": f"云岭二中课后服务收费太高，没有公示，第 {seed} 位家长来电。",
        "anonymity": "confidential",
    }
    started = time.perf_counter()
    status, _ = browser.send("/tickets/new", fields)
    if status != 303:
        raise RuntimeError(f"a call was answered with {status}")
    return (time.perf_counter() - started) * 1000


def _deliver(mails: DemoMailServer, stop: threading.Event, office: Office) -> None:
    addresses = tuple(DEMO_ACCOUNTS)
    while not stop.wait(_A_MAIL_EVERY):
        mail = EmailMessage()
        mail["From"], mail["To"] = f"jiazhang{office.mails}@example.com", addresses[office.mails % 2]
        mail["Subject"], mail["Message-ID"] = "课后服务的费用", f"<{office.mails}@load.example>"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail.set_content(f"云岭二中课后服务收费太高，没有公示。这是第 {office.mails} 封。")
        mails.deliver(addresses[office.mails % 2], mail.as_bytes())
        office.mails += 1


def _back_up(folder: Path, database: str | None, stop: threading.Event, office: Office) -> None:
    while not stop.is_set():
        made = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "backup", "create", "--out", str(folder / "usb")],
            cwd=PROJECT,
            env={**os.environ, **environ_of(folder, database)},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            office.errors.append(f"backup: {made.stderr.strip()[-300:]}")
        office.backups += 1
        stop.wait(2)


def _mails_read(folder: Path, database: str | None) -> int:
    """How many of the mails are in the office's books; asked when the server has ended."""
    app = application(folder, database)
    with app.app_context():
        return db.session().scalar(sa.select(sa.func.count()).select_from(MailItem)) or 0


def told(office: Office, engine: str) -> str:
    """A row of the table."""
    reads, writes = (statistics.median(each) if each else 0.0 for each in (office.reads, office.writes))
    return (
        f"| {engine} | {office.users} | {len(office.reads)} | {len(office.writes)} | {reads:.0f} | {writes:.0f}"
        f" | {office.p95:.0f} | {len(office.errors)} | {office.locked} | {office.mails_read} of {office.mails}"
        f" | {office.backups} | {100 * office.cpu / office.seconds:.0f} % |"
    )


HEAD = (
    "| engine | people | pages | calls entered | median page, ms | median call, ms | p95, ms | errors | “locked” |"
    " mails read | backups | CPU of the server |\n|---|" + "---:|" * 11
)


def main() -> None:
    """Prints a table, one row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--engine", action="append", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    print(HEAD, flush=True)
    for engine in options.engine or ["sqlite", "postgresql"]:
        office = at_work(options.users, options.seconds, tickets=options.tickets, engine=engine)
        print(told(office, engine), flush=True)
        for error in office.errors[:10]:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
