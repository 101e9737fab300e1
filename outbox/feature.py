"""What the outbox brings along: the sender's job, commands, page, menu entry, banner and check."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from accounts.access import allow, roles
from core.clock import now
from core.db import db, end_read
from core.registry import CheckResult, Job, MenuEntry, registry
from outbox import queries, views
from outbox.commands import commands
from outbox.sender import LEASE, OutboxRun, SendResult
from outbox.senders import all_on_loopback, settings_in_use
from outbox.smtp_transport import open_smtp

_EVERY_SECONDS = 20
_EVERY_SECONDS_ON_LOOPBACK = 5
# The pace of one mail in 20 seconds meets a job of every 20 seconds: a little patience, or every second run comes too
# early. Short, because a run that sleeps holds up the end of the process.
_PATIENCE_SECONDS = 1.0


def init_app(app: Flask) -> None:
    """Registers everything; the mails of other features come through `outbox.verbs.enqueue`."""
    app.register_blueprint(views.bp)
    app.cli.add_command(commands)
    allow(
        app,
        roles(*views.ROLES),
        ["outbox.index", "outbox.again", "outbox.cancel", "outbox.retry"],
    )
    found = registry(app)

    def seconds() -> int:
        with app.app_context():
            quick = settings_in_use().demo or all_on_loopback()
        return _EVERY_SECONDS_ON_LOOPBACK if quick else _EVERY_SECONDS

    found.jobs.append(Job(name=LEASE, run=send_due, seconds=seconds))
    found.menu.append(
        MenuEntry(
            label="发件箱",
            endpoint="outbox.index",
            position=60,
            visible=lambda actor: actor.has(*views.ROLES),
            badge=views.badge,
        )
    )
    found.banners.append(views.banners)
    found.checks.append(check)


def send_due() -> SendResult:
    """The scheduler's run: what may go now."""
    return OutboxRun(open_smtp, wait=_PATIENCE_SECONDS).run()


def check() -> list[CheckResult]:
    """What `doctor` says of sending."""
    reading = db.session()
    found = queries.attention(reading, seen_by=None, down_before=now() - timedelta(hours=2))
    end_read()
    if found.stopped:
        words = "；".join(f"{sender.address}：{sender.last_message}" for sender in found.stopped)
        return [CheckResult(name="outbox", level="error", message=f"发不出信。{words}")]
    if found.stuck:
        return [
            CheckResult(
                name="outbox", level="warning", message=f"{found.stuck} 封信没有发出，请到发件箱页处理。"
            )
        ]
    return [CheckResult(name="outbox", level="ok", message="发信正常。")]
