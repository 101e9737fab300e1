"""What reporting brings along: the nightly bulletins, commands, pages, the follow-up of their mails."""

from __future__ import annotations

import logging

from flask import Flask

from accounts.access import allow, roles
from accounts.vocabulary import Role
from core.registry import Job, MenuEntry, registry
from outbox.verbs import on_sent
from outbox.vocabulary import OutboxKind
from reports import announcing, freezing, records
from reports.commands import commands
from reports.render.charts import chart_of
from reports.views import bp

log = logging.getLogger(__name__)
LEASE = "reports.run_due"
_AT = (0, 40)  # by then everything of the day before has been committed


def init_app(app: Flask) -> None:
    """Registers commands, pages, menu entries and jobs."""
    app.register_blueprint(bp)
    app.cli.add_command(commands)
    app.jinja_env.globals["chart_of"] = (
        chart_of  # the tables of a bulletin are macros: they see no page's context
    )
    allow(
        app,
        roles(Role.SUPERVISOR, Role.HEAD, Role.LEADER),
        [
            "reports.index",
            "reports.show",
            "reports.file",
            "reports.new_order",
            "reports.situation",
            "reports.situation_file",
            "reports.situation_paper",
            "reports.situation_scan",
            "reports.work",
        ],
    )
    allow(
        app,
        roles(Role.HEAD, Role.LEADER),
        [
            "reports.deliver",
            "reports.correct",
            "reports.draft",
            "reports.note_work",
            "reports.situation_edit",
            "reports.situation_submit",
            "reports.situation_verdict",
            "reports.situation_sign",
            "reports.situation_keep",
            "reports.situation_deliver",
            "reports.situation_drop",
        ],
    )
    allow(
        app,
        roles(Role.SUPERVISOR, Role.HANDLER, Role.HEAD, Role.LEADER),
        [
            "reports.supervision",
            "reports.statistics",
            "reports.case",
            "reports.school",
            "reports.order",
            "reports.scan",
            "reports.order_paper",
            "reports.answer_paper",
            "reports.verdict",
        ],
    )
    allow(
        app,
        roles(Role.HANDLER, Role.HEAD),
        ["reports.answer", "reports.new_layout", "reports.layout", "reports.layout_retire"],
    )
    allow(app, roles(Role.HANDLER, Role.HEAD, Role.LEADER), ["reports.layouts", "reports.layout_export"])
    allow(app, roles(Role.SUPERVISOR, Role.HEAD), ["reports.audit"])
    on_sent(app, OutboxKind.REPORT, announcing.mail_left)
    found = registry(app)
    found.seeds.append(records.seed_since)
    found.jobs.append(Job(name=LEASE, run=make_due, at=_AT))
    found.menu += [
        MenuEntry(label="督办", endpoint="reports.supervision", position=40, visible=lambda _actor: True),
        MenuEntry(label="专报", endpoint="reports.index", position=45, visible=lambda _actor: True),
    ]


def make_due() -> freezing.Run:
    """The scheduler's run; whatever was missed is made up."""
    run = freezing.run_due()
    for span, differences in run.failed:
        log.error("no bulletin for %s %s: %d differences", span.kind.value, span.name, len(differences))
    return run
