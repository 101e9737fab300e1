"""What mail intake brings along: the mailboxes' rows, the poll, commands, pages, the warning when a mailbox is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from accounts.access import allow, roles
from accounts.vocabulary import Role
from core.db import db
from core.registry import Job, MenuEntry, registry
from mail_ingest import accounting, alarming, banners, health, heartbeat, mailboxes, news, queries, reconcile
from mail_ingest.commands import commands
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.polling import PollResult, poll_all
from mail_ingest.reading_child import reader
from mail_ingest.views import bp
from outbox.senders import register_password_source
from tickets.reminders.news import add_source

if TYPE_CHECKING:
    from config.settings import Settings

_MAILBOXES = ("mail.index", "mail.poll", "mail.code", "mail.start", "mail.work")
_MAILS = (
    "mail.tray",
    "mail.item",
    "mail.item_ticket",
    "mail.item_aside",
    "mail.item_back",
    "mail.item_again",
    "mail.item_raw",
    "mail.item_html",
)
_COMPARED_AT = (2, 30)
_ALARMS_EVERY = 300


def init_app(app: Flask) -> None:
    """Registers seeds, jobs, commands and pages."""
    settings: Settings = app.extensions["settings"]
    app.register_blueprint(bp)
    app.cli.add_command(commands)
    allow(app, roles(*queries.AT_WORK, Role.ADMIN), _MAILBOXES)
    allow(app, roles(*queries.AT_WORK), _MAILS)
    register_password_source(app, mailboxes.pasted_code)
    found = registry(app)
    found.seeds.append(mailboxes.seed_mailboxes)
    found.jobs.append(Job(name="mail.poll", run=poll_due, seconds=lambda: settings.office.mail.poll_seconds))
    found.jobs.append(Job(name="mail.heartbeat", run=heartbeat.send_all, at=heartbeat.SENT_AT))
    found.jobs.append(Job(name="mail.alarms", run=alarming.tell_duty, seconds=lambda: _ALARMS_EVERY))
    found.jobs.append(Job(name="mail.reconcile", run=_compare, at=_COMPARED_AT))
    add_source(app, news.of_mails)
    found.banners.append(banners.banners)
    found.checks.append(health.checks)
    found.data_integrity.append(accounting.of_mails)
    found.menu.append(
        MenuEntry(
            label="邮件",
            endpoint="mail.index",
            position=40,
            visible=lambda _actor: True,
            badge=lambda actor: queries.waiting(db.session(), actor),
        )
    )


def poll_due() -> list[PollResult]:
    """The scheduler's poll: every mailbox that does not wait after a failure."""
    return poll_all(open_mailbox, reader(), only_due=True)


def _compare() -> None:
    reconcile.keep(reconcile.reconcile(open_mailbox))
