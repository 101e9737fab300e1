"""Mails from files instead of a server: .eml, folders of any depth, Maildir and mbox, through the same pipeline.

Run again, it changes nothing: equal bytes are the same mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from core.clock import now
from core.db import db, end_read
from core.progress import Steps, progress
from mail_ingest import mailboxes, storing
from mail_ingest.counting import Counts
from mail_ingest.mailbox import BATCH_BYTES, BATCH_MAILS
from mail_ingest.processing import work_off
from mail_ingest.reader_process import Reader
from mail_ingest.storing import Arrived, Place

ReceivedBy: TypeAlias = Literal["header", "now"]

_HEAD = 64 * 1024
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks of senders are often a little fast
# An mbox separates mails by lines that no mail contains unescaped: From, an address, a date as ctime writes it.
_SEPARATOR = re.compile(
    rb"^From [^\r\n]*?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +[A-Z][a-z]{2} +\d{1,2} +\d\d:\d\d[^\r\n]*\d{4}[^\r\n]*\r?\n",
    re.MULTILINE,
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_UNFOLD = re.compile(rb"\r?\n[ \t]+")
_RECEIVED = re.compile(rb"^Received:[^\r\n]*;([^;\r\n]+)$", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^Date:([^\r\n]+)$", re.IGNORECASE | re.MULTILINE)


@dataclass
class Imported:
    """What `mail import` reports."""

    files: int = 0
    counts: Counts = field(default_factory=Counts)

    def as_json(self) -> dict[str, Any]:
        return {"files": self.files, **self.counts.as_json()}


def import_paths(
    paths: Iterable[Path], *, address: str | None, received: ReceivedBy, reader: Reader
) -> Imported:
    """Takes in every mail under the paths; without address they count as sent to the first mailbox."""
    mailbox_id = _mailbox_id(address)
    result = Imported()
    found = [(path, list(files_under(path))) for path in paths]
    with progress("mail.import", "导入邮件", sum(len(files) for _, files in found)) as steps:
        for path, files in found:
            place = Place(mailbox_id=mailbox_id, folder=str(path), uidvalidity=0)
            _import_files(place, files, received, result, steps)
    result.counts.add(work_off(reader))
    return result


def _import_files(
    place: Place, files: Iterable[Path], received: ReceivedBy, result: Imported, steps: Steps
) -> None:
    batch: list[Arrived] = []
    size = 0
    for file in files:
        result.files += 1
        for raw in mails_in(file):
            moment = received_at(raw) if received == "header" else None
            batch.append(Arrived(raw=raw, received_at=moment or now()))
            size += len(raw)
            if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
                _store(place, batch, result.counts)
                batch, size = [], 0
        steps.step()
    if batch:
        _store(place, batch, result.counts)


def files_under(path: Path) -> Iterator[Path]:
    """Every regular file of a folder in a settled order; of a Maildir only its mails, not the server's own files."""
    if not path.is_dir():
        yield path
        return
    children = sorted(path.iterdir())
    is_maildir = {"cur", "new"} <= {child.name for child in children if child.is_dir()}
    for child in children:
        if child.is_dir():
            if not child.is_symlink() and not (is_maildir and child.name == "tmp"):
                yield from files_under(child)
        elif child.is_file() and not is_maildir:
            yield child


def mails_in(file: Path) -> Iterator[bytes]:
    """The mail of a file, or the mails of an mbox. An .eml is one mail even if it begins like an mbox."""
    content = file.read_bytes()
    if file.suffix.lower() == ".eml" or not _SEPARATOR.match(content):
        yield content
        return
    starts = [match for match in _SEPARATOR.finditer(content) if _begins_a_mail(content, match.start())]
    ends = [match.start() for match in starts[1:]] + [len(content)]
    for start, end in zip(starts, ends, strict=True):
        yield _ESCAPED.sub(rb"\1", _without_last_blank_line(content[start.end() : end]))


def received_at(raw: bytes) -> datetime | None:
    """When a mail arrived by its own headers: the topmost Received, which the last server wrote, else Date."""
    head = _UNFOLD.sub(b" ", _END_OF_HEAD.split(raw[:_HEAD], maxsplit=1)[0])
    for pattern in (_RECEIVED, _DATE):
        match = pattern.search(head)
        if match and (moment := _moment(match[1])) is not None:
            return moment
    return None


def _moment(written: bytes) -> datetime | None:
    """An aware moment that can be meant; a mail from 1970 or 2099 has a sender with a broken clock."""
    try:
        moment = parsedate_to_datetime(written.decode("ascii", "replace").strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if _EARLIEST <= moment <= now() + _AHEAD else None


def _begins_a_mail(content: bytes, position: int) -> bool:
    return position == 0 or content[max(0, position - 4) : position].endswith((b"\n\n", b"\n\r\n"))


def _without_last_blank_line(mail: bytes) -> bytes:
    """The empty line before the next separator belongs to the mbox."""
    for ending in (b"\r\n\r\n", b"\n\n"):
        if mail.endswith(ending):
            return mail[: -len(ending) // 2]
    return mail


def _mailbox_id(address: str | None) -> int:
    session = db.session()
    try:
        if address is not None:
            return mailboxes.find(session, address)[0].id
        return mailboxes.first(session).id
    finally:
        end_read()


def _store(place: Place, batch: list[Arrived], counts: Counts) -> None:
    stored = storing.store(place, batch)
    counts.fetched += len(batch)
    counts.duplicates += stored.known
