"""Several web processes and workers over one PostgreSQL and one blob folder; workers die at random, nothing is done twice."""

from __future__ import annotations

import email
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.actor import SYSTEM
from app import create_app
from benchmarks.installation import Browser, token
from config.settings import Settings
from core.clock import SystemClock, office_day
from core.db import db, transaction
from demo.mail_server import DEMO_ACCOUNTS, DemoMailServer
from demo.mail_sink import MailSink
from demo.office import demo_office
from demo.people import add_people
from mail_ingest.mailboxes import set_code
from mail_ingest.models import MailItem, MailLink
from mail_ingest.vocabulary import LinkRole
from operations import installation
from outbox.models import OutboxMessage
from outbox.vocabulary import OutboxKind
from reports.models import Report
from tests.mail_ingest.post import a_mail
from tests.operations.processes import PROJECT, until
from tests.operations.support import let_go, run_json
from tests.support.postgres import drop_database, new_database
from tickets.models import Ticket

PROCESSES = 4
LEASE_SECONDS = 4
ADDRESSES = tuple(DEMO_ACCOUNTS)
WORKER = f"from app import create_app; from operations.worker import work; work(create_app(), lease_seconds={LEASE_SECONDS})"


@contextmanager
def running(environ: dict[str, str], log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the installation, killed at the end if it still runs."""
    with log.open("ab") as said:
        child = subprocess.Popen([sys.executable, *words], cwd=PROJECT, env=environ, stdout=said, stderr=said)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


class Workers:
    """Workers that are killed without warning; a new one takes each one's place."""

    def __init__(self, environ: dict[str, str], log: Path, stack: ExitStack) -> None:
        self._environ, self._log, self._stack = environ, log, stack
        self._alive = [self._start() for _ in range(PROCESSES)]
        self._chance = random.Random(20261123)
        self.killed = 0

    def _start(self) -> subprocess.Popen[bytes]:
        return self._stack.enter_context(running(self._environ, self._log, "-c", WORKER))

    def kill_one(self) -> None:
        place = self._chance.randrange(PROCESSES)
        self._alive[place].send_signal(signal.SIGKILL)
        self._alive[place].wait()
        self.killed += 1
        self._alive[place] = self._start()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def office(folder: Path, imap_port: int, smtp_port: int) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An installation on PostgreSQL for which last month's bulletin is due, and the settings of its processes."""
    folder.mkdir(mode=0o700)
    url = new_database()
    text = demo_office(imap_port, smtp_port).replace("# since = 2026-12-01", f"since = {_last_month()}")
    (folder / "office.toml").write_text(text, encoding="utf-8")
    environ = {
        "HOTLINE_DATA_DIR": str(folder),
        "HOTLINE_OFFICE_FILE": str(folder / "office.toml"),
        "DATABASE_URL": url,
    }
    settings = Settings.from_environment(environ)
    app = create_app(settings)
    with app.app_context():
        installation.initialise()
        with transaction() as session:
            add_people(session)
        for address, code in DEMO_ACCOUNTS.items():
            with transaction() as session:
                set_code(session, address, code, actor=SYSTEM)
    try:
        yield app, {**os.environ, **environ}
    finally:
        let_go(app)
        drop_database(url)


def _last_month() -> date:
    return (office_day(SystemClock().now()).replace(day=1) - timedelta(days=1)).replace(day=1)


@contextmanager
def web_processes(environ: dict[str, str], log: Path) -> Iterator[list[Browser]]:
    """Web processes without a schedule, each with a person signed in."""
    ports = [free_port() for _ in range(PROCESSES)]
    with ExitStack() as stack:
        for port in ports:
            listen = f"--listen=127.0.0.1:{port}"
            stack.enter_context(running(environ, log, "-m", "waitress", listen, "--call", "app:create_app"))
        for port in ports:
            until(lambda port=port: answers(port), 120)  # type: ignore[misc]  # bound at once
        yield [Browser(f"http://127.0.0.1:{port}", "linfang") for port in ports]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def register(browser: Browser, place: int) -> None:
    page = browser.get("/tickets/new")
    fields = {"channel": "phone", "matter": f"第 {place} 个来电：没有公示收费。", "anonymity": "confidential"}
    status, _ = browser.send("/tickets/new", {"csrf_token": token(page), **fields})
    assert status == 303


def many_at_work(folder: Path, *, mails: int, kills: int) -> None:
    """Mails come in, calls are entered in every web process, workers die; then everything has to be there once."""
    calls = 2 * PROCESSES
    sink = MailSink(accounts=dict(DEMO_ACCOUNTS))
    with (
        DemoMailServer(dict(DEMO_ACCOUNTS)) as server,
        sink,
        office(folder / "office", server.port, sink.port) as (app, environ),
    ):
        with ExitStack() as stack:
            browsers = stack.enter_context(web_processes(environ, folder / "log"))
            workers = Workers(environ, folder / "log", stack)
            for number in range(mails):
                server.deliver(ADDRESSES[number % 2], mail_of(number))
                if number < calls:
                    register(browsers[number % PROCESSES], number)
                if (number + 1) % (mails // kills) == 0:
                    enough = number // 2
                    until(lambda enough=enough: len(origins(app)) >= enough, 120)  # type: ignore[misc]  # bound at once
                    workers.kill_one()
            until(lambda: len(origins(app)) >= mails, 240)
            until(lambda: bulletins(app) != [], 120)
        nothing_twice(app, mails=mails, calls=calls)
        sent = Counter(email.message_from_bytes(each.raw)["Message-ID"] for each in sink.received)
        assert max(sent.values(), default=1) <= 2, (
            "a mail whose receipt was lost leaves once more, under the same number"
        )


def mail_of(number: int) -> bytes:
    sender = f"jiazhang{number} <jiazhang{number}@qq.example>"
    return a_mail(
        f"第 {number} 封",
        f"城东中学第 {number} 周没有老师。",
        sender=sender,
        message_id=f"<{number}@post.example>",
    )


def nothing_twice(app: Flask, *, mails: int, calls: int) -> None:
    """One ticket a mail and a call, one acknowledgement a ticket that came by mail, one bulletin a period, one chain."""
    made = origins(app)
    assert len(made) == len(set(made)) == mails
    with app.app_context():
        session = db.session()
        tickets = session.scalars(sa.select(Ticket.number)).all()
        told = session.scalars(
            sa.select(OutboxMessage.object_ref).where(OutboxMessage.kind == OutboxKind.ACKNOWLEDGEMENT)
        ).all()
        items = session.scalar(sa.select(sa.func.count()).select_from(MailItem))
        db.session.remove()
    assert len(tickets) == len(set(tickets)) == mails + calls
    assert items == mails
    assert sorted(told) == sorted(set(told))
    assert len(told) == mails
    assert len(bulletins(app)) == len(set(bulletins(app))) >= 1
    assert run_json(app, "audit", "verify")["ok"] is True


def origins(app: Flask) -> list[int]:
    """The tickets that mails have made."""
    with app.app_context():
        found = (
            db.session().scalars(sa.select(MailLink.ticket_id).where(MailLink.role == LinkRole.ORIGIN)).all()
        )
        db.session.remove()
        return list(found)


def bulletins(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session().execute(sa.select(Report.kind, Report.period)).all()
        db.session.remove()
        return [(row.kind.value, row.period) for row in rows]


@pytest.mark.engine
@pytest.mark.slow
def test_nothing_is_done_twice_when_workers_die(tmp_path: Path) -> None:
    many_at_work(tmp_path, mails=40, kills=4)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.long
def test_nor_with_two_hundred_mails(tmp_path: Path) -> None:
    many_at_work(tmp_path, mails=200, kills=20)
