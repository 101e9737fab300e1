"""The roof: migrations, the commands that run an installation, backups, health."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from accounts.access import PUBLIC, allow, roles
from accounts.vocabulary import Role
from core.db import db
from core.registry import Job, MenuEntry, registry
from operations import (
    alive,
    auditing,
    banners,
    checks,
    commands,
    first_steps,
    handbook_views,
    keeping_commands,
    metrics,
)
from operations.audit_commands import commands as audit_commands
from operations.backup import keeping
from operations.backup.commands import commands as backup_commands
from operations.installation import MIGRATIONS
from operations.views import bp

_BACKUP_LOOK_SECONDS = 300


def init_app(app: Flask) -> None:
    """Registers migrations, commands, pages, jobs, checks and banners."""
    Migrate(app, db, directory=str(MIGRATIONS))
    commands.init_app(app)
    for group in (backup_commands, audit_commands, keeping_commands.keys, keeping_commands.retention_):
        app.cli.add_command(group)
    alive.init_app(app)
    metrics.init_app(app)
    app.register_blueprint(bp)
    handbook_views.init_app(app)
    # Who may see the figures is decided by where it is asked, so the page itself does it.
    allow(app, PUBLIC, ["operations.healthz", "operations.metrics_"])
    allow(app, roles(Role.ADMIN), ["operations.system", "operations.first_steps", "operations.load_schools"])
    found = registry(app)
    found.jobs += [
        Job(name=alive.JOB, run=alive.sign_of_life, seconds=lambda: alive.EVERY_SECONDS),
        Job(name="backup.hourly", run=keeping.make_if_due, seconds=lambda: _BACKUP_LOOK_SECONDS),
        Job(name="backup.daily", run=keeping.look_after, at=(3, 10)),
        Job(name="audit.verify", run=auditing.verify, at=(4, 10)),
    ]
    found.checks += checks.ALL
    found.page_banners.append(banners.banners)
    found.banners.append(first_steps.banners)
    found.menu.append(
        MenuEntry(
            label="开始使用",
            endpoint=first_steps.PAGE,
            position=1,
            visible=lambda actor: actor.has(Role.ADMIN) and first_steps.left() > 0,
        )
    )
    found.menu.append(
        MenuEntry(
            label="系统状态",
            endpoint="operations.system",
            position=90,
            visible=lambda actor: actor.has(Role.ADMIN),
        )
    )
