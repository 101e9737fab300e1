"""What the accounts bring to the application: the guard, the frame of the pages, pages, commands, menu."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from accounts import admin_views, lockout
from accounts.access import PUBLIC, SIGNED_IN, allow, roles
from accounts.commands import commands
from accounts.current import init_guard
from accounts.frame import init_frame
from accounts.sections import seed_sections
from accounts.views import bp
from accounts.vocabulary import Role
from core.clock import now
from core.db import transaction
from core.registry import Job, MenuEntry, registry

if TYPE_CHECKING:
    from config.settings import Settings

_TRIES_KEPT = timedelta(days=1)
_LOOKING_AFTER = ("accounts.index", "accounts.new", "accounts.edit", "accounts.act")


def init_app(app: Flask) -> None:
    """Puts the guard before every page; to be called before any other feature is."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        SESSION_COOKIE_NAME=settings.session_cookie_name,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open all day; it ends with the session
        WTF_I18N_ENABLED=False,
    )
    init_guard(app)  # before the form token is looked at: who is not signed in is told that first
    CSRFProtect(app)
    init_frame(app)
    app.register_blueprint(bp)
    app.cli.add_command(commands)
    allow(app, PUBLIC, [name for name in ("static", "bootstrap.static") if name in app.view_functions])
    allow(app, PUBLIC, ["accounts.login", "accounts.link"])
    allow(
        app,
        SIGNED_IN,
        [
            "accounts.home",
            "accounts.logout",
            "accounts.code",
            "accounts.mine",
            "accounts.password",
            "accounts.end_own_session",
        ],
    )
    allow(app, roles(Role.ADMIN, Role.HEAD), _LOOKING_AFTER)
    allow(app, roles(Role.ADMIN, Role.HEAD, Role.LEADER, Role.SUPERVISOR), ["accounts.changes"])
    found = registry(app)
    found.menu += [
        MenuEntry(
            label="账号",
            endpoint="accounts.index",
            position=80,
            visible=lambda actor: actor.has(Role.ADMIN, Role.HEAD),
        ),
        MenuEntry(label="我的账号", endpoint="accounts.mine", position=95, visible=lambda _actor: True),
    ]
    found.seeds.append(seed_sections)
    found.banners.append(admin_views.role_change_banner)
    found.jobs.append(Job(name="accounts.forget_tries", run=_forget_tries, at=(3, 40)))


def _forget_tries() -> None:
    with transaction() as session:
        lockout.forget_before(session, now() - _TRIES_KEPT)
