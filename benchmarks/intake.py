"""How many mails a second go from a real Dovecot into tickets, beside two bare loops over the same mails.

The bare loops fetch in fifties, parse and insert one row a mail with a commit each: what the machine could do if nothing
were wanted of a mail. Every figure is taken in a process of its own.

python -m benchmarks.intake [--mails 1000] [--engine sqlite --engine postgresql] [--from FOLDER]
"""

from __future__ import annotations

import argparse
import email
import email.policy
import multiprocessing
import os
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from imapclient import IMAPClient
from sqlalchemy import event

from accounts.actor import SYSTEM
from app import create_app
from config.settings import Settings
from core.db import db, transaction
from demo.filling import SCHOOLS
from demo.office import demo_office
from demo.people import add_people
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.polling import poll_all
from mail_ingest.reading_child import reader
from operations import installation
from tests.support.dovecot import Dovecot
from tests.support.postgres import new_database
from tickets.models import Ticket
from tickets.schools import load_schools, read_schools

ADDRESS, CODE = "zjg23236764@163.com", "ABCDEFGHIJKLMNOP"
_MATTERS = (
    "课后服务每人每月收二百四十元，没有公示收费依据",
    "延时班统一订购课外读物，不订的孩子被安排在最后一排",
    "放学托管没有老师看管，几个班的孩子挤在操场上",
    "社团课程和报名时说的不一样，要求退费一直没有答复",
    "老师在课后服务时间上新课，不参加的孩子跟不上",
    "点心由固定的供应商送来，价格比外面贵，孩子吃了不舒服",
)
_FILE_BYTES = 20_000


@dataclass(frozen=True)
class Figures:
    """What one process measured."""

    seconds: float
    made: int
    syncs: int
    statements: int
    peak_mb: float
    cpu_seconds: float  # of this process and its children: what a busy machine does not change much


def write_mails(count: int) -> Iterator[bytes]:
    """Invented complaints as common programs write them: plain, with HTML, with a file; each from somebody else."""
    rng = random.Random(20261123)
    for number in range(count):
        mail = EmailMessage()
        mail["From"] = f"家长{number} <parent{number}@mail.example>"
        mail["To"] = ADDRESS
        mail["Subject"] = f"{rng.choice(_MATTERS)[:12]}（{number}）"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{number}.{rng.randrange(10**9)}@mail.example>"
        lines = [f"{rng.choice(_MATTERS)}。" for _ in range(rng.randrange(2, 12))]
        text = "\n".join(["您好，我是云岭二中七年级学生家长。", *lines, f"电话 1380000{number % 10_000:04d}"])
        charset = "gb18030" if number % 3 == 0 else "utf-8"
        mail.set_content(text, charset=charset, cte="base64")
        if number % 2:
            body = "".join(f"<div style='font-size:14px'>{line}</div>" for line in text.splitlines())
            mail.add_alternative(f"<html><body>{body}</body></html>", subtype="html", charset=charset)
        if number % 6 == 0:
            content = rng.randbytes(_FILE_BYTES)
            mail.add_attachment(content, maintype="image", subtype="jpeg", filename=f"收费截图{number}.jpg")
        yield mail.as_bytes()


def read_mails(folder: Path) -> Iterator[bytes]:
    """Every file beneath a folder as one mail."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.read_bytes()


def bare_loop(port: int, policy: str, folder: str) -> Figures:
    """Fetch fifty, parse, insert, commit: nothing else."""
    chosen: Any = {"default": email.policy.default, "compat32": email.policy.compat32}[policy]
    books = sqlite3.connect(Path(folder) / f"bare-{policy}.db", isolation_level=None)
    books.execute("PRAGMA journal_mode=WAL")
    books.execute("PRAGMA synchronous=FULL")
    books.execute(
        "CREATE TABLE mail (id INTEGER PRIMARY KEY, subject TEXT, sender TEXT, body TEXT, raw BLOB)"
    )
    made = 0
    started, cpu = time.perf_counter(), _cpu()
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(ADDRESS, CODE)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        for first in range(0, len(uids), 50):
            for answer in client.fetch(uids[first : first + 50], ["BODY.PEEK[]"]).values():
                raw = answer[b"BODY[]"]
                row = _parsed(raw, chosen)
                books.execute("BEGIN IMMEDIATE")
                books.execute(
                    "INSERT INTO mail (subject, sender, body, raw) VALUES (?, ?, ?, ?)", (*row, raw)
                )
                books.execute("COMMIT")
                made += 1
    seconds = time.perf_counter() - started
    books.close()
    return Figures(seconds, made, made, made, _peak_mb(), _cpu() - cpu)


def _parsed(raw: bytes, policy: Any) -> tuple[str, str, str]:
    """Subject, sender and text; a mail this parser cannot take counts with nothing, which is to its advantage."""
    try:
        mail = email.message_from_bytes(raw, policy=policy)
        text = ""
        for part in mail.walk():
            if part.get_content_type() == "text/plain":
                content = part.get_payload(decode=True)
                text += content.decode(part.get_content_charset() or "utf-8", "replace")
        return str(mail["Subject"]), str(mail["From"]), text.encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001 - the strict parser was seen to raise nearly everything
        return "", "", ""


def into_tickets(port: int, database: str, folder: str) -> Figures:
    """One poll of the real thing: raw store, ledger, reader child, ticket, deadlines, history, audit, acknowledgement."""
    office = Path(folder) / "office.toml"
    office.write_text(demo_office(port, 9), encoding="utf-8")
    environ = {"HOTLINE_DATA_DIR": folder, "HOTLINE_OFFICE_FILE": str(office)}
    text = office.read_text(encoding="utf-8")
    office.write_text(
        text.replace(f'address = "{ADDRESS}"', f'address = "{ADDRESS}"\npassword_env = "BENCH_CODE"', 1),
        "utf-8",
    )
    os.environ["BENCH_CODE"] = CODE
    if database:
        environ["DATABASE_URL"] = database
    app = create_app(Settings.from_environment({**os.environ, **environ}))
    with app.app_context():
        installation.initialise()
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
            add_people(session)
        counted = _Counted()
        started, cpu = time.perf_counter(), _cpu()
        result = next(
            each for each in poll_all(open_mailbox, reader(), only_due=False) if each.address == ADDRESS
        )
        seconds = time.perf_counter() - started
        made = db.session().scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0
        if not result.ok:
            raise RuntimeError(result.message)
        db.session.remove()
        reader().close()  # its time counts when it has ended
    return Figures(
        seconds, max(made, result.counts.fetched), counted.syncs, counted.statements, _peak_mb(), _cpu() - cpu
    )


class _Counted:
    """Syncs of files, commits (each is one sync of the database's log) and statements from now on."""

    def __init__(self) -> None:
        self.syncs = self.statements = 0
        really = os.fsync

        def noted(descriptor: Any) -> None:
            self.syncs += 1
            really(descriptor)

        os.fsync = noted  # type: ignore[assignment]  # the stub's own parameter type has no public name
        event.listen(db.engine, "commit", self._commit)
        event.listen(db.engine, "before_cursor_execute", self._statement)

    def _commit(self, _connection: object) -> None:
        self.syncs += 1

    def _statement(self, *_: object) -> None:
        self.statements += 1


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _alone(function: Callable[..., Figures], *arguments: object) -> Figures:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(function, *arguments).result()


def main() -> None:
    """Prints a table, one line a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000, help="how many invented mails")
    parser.add_argument("--from", dest="folder", type=Path, help="real mails instead, one a file")
    parser.add_argument("--engine", action="append", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    with Dovecot.start({ADDRESS: CODE, "chuyoujiao@163.com": CODE}) as server:
        mails = read_mails(options.folder) if options.folder else write_mails(options.mails)
        for raw in mails:
            server.deliver(ADDRESS, raw)
        print(
            "| way | mails | mails/s | CPU ms a mail | syncs a mail | statements a mail | peak MB |\n|---|---:|---:|---:|---:|---:|---:|"
        )
        for policy in ("default", "compat32"):
            with tempfile.TemporaryDirectory() as folder:
                _print(f"bare loop, {policy}", _alone(bare_loop, server.port, policy, folder))
        for engine in options.engine or ["sqlite", "postgresql"]:
            database = new_database() if engine == "postgresql" else ""
            with tempfile.TemporaryDirectory() as folder:
                _print(f"tickets, {engine}", _alone(into_tickets, server.port, database, folder))


def _print(name: str, found: Figures) -> None:
    a_mail = max(1, found.made)
    print(
        f"| {name} | {found.made} | {found.made / found.seconds:.0f} "
        f"| {1000 * found.cpu_seconds / a_mail:.1f} | {found.syncs / a_mail:.2f} "
        f"| {found.statements / a_mail:.1f} | {found.peak_mb:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
