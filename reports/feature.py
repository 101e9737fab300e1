"""What reporting brings along: the nightly bulletins, commands, the follow-up of their mails."""

from __future__ import annotations

import logging

from flask import Flask

from core.registry import Job, registry
from outbox.verbs import on_sent
from outbox.vocabulary import OutboxKind
from reports import announcing, freezing, records
from reports.commands import commands

log = logging.getLogger(__name__)
LEASE = "reports.run_due"
_AT = (0, 40)  # by then everything of the day before has been committed


def init_app(app: Flask) -> None:
    """Registers commands, pages, menu entries and jobs."""
    app.cli.add_command(commands)
    on_sent(app, OutboxKind.REPORT, announcing.mail_left)
    found = registry(app)
    found.seeds.append(records.seed_since)
    found.jobs.append(Job(name=LEASE, run=make_due, at=_AT))


def make_due() -> freezing.Run:
    """The scheduler's run; whatever was missed is made up."""
    run = freezing.run_due()
    for span, differences in run.failed:
        log.error("no bulletin for %s %s: %d differences", span.kind.value, span.name, len(differences))
    return run
