"""What mail intake brings along: the mailboxes' rows, the poll, commands, pages, the warning when a mailbox is dead."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from flask import Flask, current_app

from core.registry import Job, registry
from mail_ingest import mailboxes
from mail_ingest.commands import commands
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.polling import PollResult, poll_all
from mail_ingest.reader_process import Reader

if TYPE_CHECKING:
    from config.settings import Settings


def init_app(app: Flask) -> None:
    """Registers seeds, the poll, commands and pages."""
    found = registry(app)
    found.seeds.append(mailboxes.seed_mailboxes)
    settings: Settings = app.extensions["settings"]
    app.cli.add_command(commands)
    found.jobs.append(Job(name="mail.poll", run=poll_due, seconds=lambda: settings.office.mail.poll_seconds))


def poll_due() -> list[PollResult]:
    """The scheduler's poll: every mailbox that does not wait after a failure."""
    return poll_all(open_mailbox, reader(), only_due=True)


def reader() -> Reader:
    """The process's one reader child, started when the first mail is read, ended with the process."""
    found: Reader | None = current_app.extensions.get("mail_reader")
    if found is None:
        found = Reader()
        current_app.extensions["mail_reader"] = found
        atexit.register(found.close)
    return found
