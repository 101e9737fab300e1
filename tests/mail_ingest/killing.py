"""Polls that die in a process of their own, and what an office holds afterwards.

The process is forked from a warm server, so that a death costs no start of Python. The mailbox is a list: what dies here is
our own work; how a connection dies is tested with servers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from config.settings import Settings
from core import audit, failpoints
from core.blobs import blob_store
from core.clock import FixedClock
from core.db import db, end_read, transaction
from mail_ingest import dealing, opening, processing
from mail_ingest.counting import Counts
from mail_ingest.folders import Folder, FolderRole
from mail_ingest.mailbox import ConnectionSettings, FetchedHeaders, FetchedMail, FetchFault, OpenFolder
from mail_ingest.models import MailItem, MailLedger, MailLink
from mail_ingest.polling import poll_all
from mail_ingest.reader_process import Reader, ReaderFailed
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.reading.read import fingerprint, read_mail
from mail_ingest.vocabulary import ItemState, LedgerState
from outbox.models import OutboxMessage
from tests.mail_ingest.post import CODE, ZHONGJIAO, Box, a_mail, office_text
from tests.support.moments import MONDAY_MORNING
from tickets.models import Ticket

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.mail_ingest.killing"])
POISON = b"X-Breaks-The-Reader: yes"
_PATIENCE_SECONDS = 120


class ListMailbox:
    """A mailbox whose mails are the list it was given, numbered from one."""

    def __init__(self, mails: Sequence[bytes]) -> None:
        self._mails = dict(enumerate(mails, start=1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._mails = {}

    def folders(self) -> list[Folder]:
        return [Folder("INBOX", FolderRole.INBOX)]

    def open_folder(self, name: str) -> OpenFolder:
        assert name == "INBOX"
        return OpenFolder(uidvalidity=1, exists=len(self._mails), uidnext=None)

    def uids(self) -> list[int]:
        return list(self._mails)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: len(self._mails[uid]) for uid in uids}

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail | FetchFault]:
        for uid in uids:
            yield FetchedMail(uid, self._mails[uid], MONDAY_MORNING, len(self._mails[uid]))

    def fetch_headers(self, uids: Sequence[int]) -> Iterator[FetchedHeaders | FetchFault]:
        for uid in uids:
            yield FetchedHeaders(uid, self._mails[uid], MONDAY_MORNING, len(self._mails[uid]))


class WarmReader(Reader):
    """Reads in this process: the child that reads has tests of its own, and starting one takes longer than a poll."""

    def read(self, raw: bytes) -> ParsedMail:
        if POISON in raw:
            raise ReaderFailed("故意损坏")
        return read_mail(raw)


@dataclass
class Post:
    """An office on disk and the mails that lie in its mailbox."""

    environ: Mapping[str, str]
    mails: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, database: str = "") -> Post:
        """An office that has no database yet, in an empty folder."""
        file = folder / "office.toml"
        file.write_text(office_text(Box(ZHONGJIAO, "zhongjiao", 1)), encoding="utf-8")
        environ = {
            "HOTLINE_DATA_DIR": str(folder),
            "HOTLINE_OFFICE_FILE": str(file),
            "SECRET_KEY": "a secret key for tests only 0123456789",
        }
        return cls({**environ, "DATABASE_URL": database} if database else environ)

    def app(self) -> Flask:
        os.environ["CODE_A"] = CODE  # the poll takes codes from the process, which may be a forked one
        return create_app(Settings.from_environment(self.environ), FixedClock(MONDAY_MORNING))

    def poll(self, app: Flask) -> None:
        """One poll that nothing disturbs."""
        with app.app_context():
            for result in poll_all(self._open, WarmReader(), only_due=False):
                assert result.ok, result
            db.session.remove()

    def _open(self, _settings: ConnectionSettings) -> ListMailbox:
        return ListMailbox(self.mails)

    def poll_until_killed(self, how: Death) -> bool:
        """A poll in a process of its own; whether it was killed before it was done."""
        child = FORK.Process(target=_poll_and_die, args=(self, how))
        child.start()
        child.join(_PATIENCE_SECONDS)
        assert child.exitcode in {0, -signal.SIGKILL}, f"{how}: ended with {child.exitcode}"
        return child.exitcode == -signal.SIGKILL


@dataclass(frozen=True)
class Death:
    """When a poll dies: at the n-th pass of a failpoint, or so many seconds after its start; `broken`: by which bad design."""

    failpoint: str = ""
    passes: int = 1
    after_seconds: float | None = None
    broken: str = ""


def _poll_and_die(post: Post, how: Death) -> None:
    app = post.app()
    if how.broken:
        BROKEN[how.broken]()
    if how.failpoint:
        failpoints.arm(how.failpoint, how.passes)
    if how.after_seconds is not None:
        timer = threading.Timer(how.after_seconds, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    post.poll(app)
    os._exit(0)


@dataclass(frozen=True)
class Found:
    """What an office holds of some mails: counted by how often, never by number, because order may change over a death."""

    tickets: tuple[tuple[str, int], ...]
    states: tuple[tuple[str, int], ...]
    roles: tuple[tuple[str, int], ...]
    ledger: tuple[tuple[str, int], ...]
    acknowledged: int
    changed: int  # stored mails whose bytes are none that came, and mails whose bytes are not there
    chain_ok: bool


def found(app: Flask, mails: Sequence[bytes]) -> Found:
    """Everything the office holds, against the mails that lay in its mailbox."""
    with app.app_context():
        session = db.session()
        blobs = blob_store()
        stored = Counter(blobs.get(name) for name in session.scalars(sa.select(MailItem.blob)))
        result = Found(
            tickets=_counted(session.scalars(sa.select(Ticket.title))),
            states=_counted(
                f"{row.state.value} {row.kind.value if row.kind else '-'}"
                for row in session.scalars(sa.select(MailItem))
            ),
            roles=_counted(row.value for row in session.scalars(sa.select(MailLink.role))),
            ledger=_counted(row.value for row in session.scalars(sa.select(MailLedger.state))),
            acknowledged=sum(
                each.startswith("acknowledge/") for each in session.scalars(sa.select(OutboxMessage.dedupe))
            ),
            changed=(stored - Counter(set(mails))).total() + (Counter(set(mails)) - stored).total(),
            chain_ok=audit.verify_chain(session).ok,
        )
        end_read()
        return result


def _counted(values: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items()))


def a_batch(tag: str, *, answers: str = "") -> list[bytes]:
    """One mail of every fate: five ordinary ones, a copy, a reply, a bounce, one that breaks the reader."""
    mark = tag.encode().hex()  # addresses are ASCII
    ordinary = [
        a_mail(f"{tag} 第一封", sender=_sender(tag, 1), message_id=f"<1.{mark}@x.example>"),
        a_mail(f"{tag} 没有编号", sender=_sender(tag, 2)),
        a_mail(
            f"{tag} 同号甲",
            "延时班收费没有公示。",
            sender=_sender(tag, 3),
            message_id=f"<3.{mark}@x.example>",
        ),
        a_mail(f"{tag} 同号乙", "食堂饭菜变质。", sender=_sender(tag, 4), message_id=f"<3.{mark}@x.example>"),
        with_file(a_mail(f"{tag} 带附件", sender=_sender(tag, 5), message_id=f"<5.{mark}@x.example>"), tag),
    ]
    copy = b"Received: from second.example by us; Mon, 23 Nov 2026 09:00:01 +0800\n" + ordinary[0]
    bounce = a_mail(
        f"{tag} 退信", sender="MAILER-DAEMON <mailer-daemon@x.example>", Auto_Submitted="auto-replied"
    )
    poison = POISON + b"\n" + a_mail(f"{tag} 读不懂", sender=_sender(tag, 6))
    reply = [a_mail(f"{tag} 补充", sender="家长 <base.0@x.example>", In_Reply_To=answers)] if answers else []
    return [*ordinary, copy, *reply, bounce, poison]


def _sender(tag: str, number: int) -> str:
    return f"家长 <{tag}.{number}@x.example>"


def with_file(raw: bytes, tag: str) -> bytes:
    """The mail with a file of its own."""
    head, _, body = raw.partition(b"\n\n")
    kept = b"\n".join(
        line for line in head.split(b"\n") if not line.lower().startswith((b"content-", b"mime-"))
    )
    inner = b"\n".join(line for line in head.split(b"\n") if line.lower().startswith(b"content-"))
    return (
        kept
        + b'\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n\n--cut\n'
        + inner
        + b"\n\n"
        + body
        + b'\n--cut\nContent-Type: image/jpeg; name="a.jpg"\nContent-Disposition: attachment; filename="a.jpg"\n\n'
        + tag.encode()
        + b"\n--cut--\n"
    )


def _forgets_what_was_left() -> None:
    """Takes up only what this run has stored: what a crash left behind stays behind."""
    really = processing.unfinished
    left: set[int] | None = None

    def of_this_run(session: Session, *, limit: int = 1000, after: int = 0) -> list[processing.Waiting]:
        nonlocal left
        waiting = really(session, limit=limit, after=after)
        if left is None:
            left = {each.id for each in waiting}
        return [each for each in waiting if each.id not in left]

    processing.unfinished = of_this_run


def _ticket_first() -> None:
    """The ticket in one transaction, the note that its mail is dealt with in another."""

    def dealt_with(group: Sequence[Any]) -> Counts:
        for read in group:
            with transaction() as session:
                item = session.get_one(MailItem, read.id)
                opening.open_ticket(session, item, read.parsed, read.files)
                session.flush()
                session.execute(sa.delete(MailLink).where(MailLink.item_id == item.id))
                item.state, item.origin_fingerprint = ItemState.NEW, None
            failpoints.hit(processing.AFTER_COMMIT)
            with transaction() as session:
                session.get_one(MailItem, read.id).state = ItemState.LINKED
                done = sa.update(MailLedger).where(MailLedger.item_id == read.id)
                session.execute(done.values(state=LedgerState.DONE))
        return Counts(tickets=len(group))

    processing._deal_with_all = dealt_with


def _trusts_message_ids() -> None:
    """Takes two mails for one if their senders gave them the same Message-ID."""
    vars(dealing)["fingerprint"] = lambda parsed: parsed.message_id or fingerprint(parsed)


BROKEN: dict[str, Callable[[], None]] = {
    "forgets what was left": _forgets_what_was_left,
    "ticket first": _ticket_first,
    "trusts Message-IDs": _trusts_message_ids,
}
