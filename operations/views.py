"""Pages and answers about the installation itself."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from accounts.current import current_actor
from accounts.vocabulary import Role
from config.network import is_loopback
from core.db import db
from operations import alive, doctor, metrics, overview

if TYPE_CHECKING:
    from config.settings import Settings

bp = Blueprint("operations", __name__)
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """For whoever watches from outside: whether it works, and nothing else."""
    found = alive.look()
    answer = jsonify(ok=found.ok, database=found.database, scheduler=found.scheduler)
    return answer, 200 if found.ok else 503


@bp.get("/metrics")
def metrics_() -> ResponseReturnValue:
    """Figures, for a collector on this machine or for the admin."""
    if not _from_this_machine():
        actor = current_actor()
        if actor is None or not actor.has(Role.ADMIN):
            abort(403)
    return Response(metrics.page(), content_type=CONTENT_TYPE_LATEST)


@bp.get("/admin/system")
def system() -> ResponseReturnValue:
    """系统状态: what `doctor` says, and how things stand."""
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "operations/system.html",
        checks=doctor.by_gravity(doctor.examine()),
        standing=overview.standing(db.session(), settings),
    )


def _from_this_machine() -> bool:
    """Whether it was asked here, and not passed on by a web server on this machine for somebody elsewhere."""
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    host = request.host.rsplit(":", 1)[0].strip("[]")
    return near and is_loopback(host) and not any(name in request.headers for name in _PASSED_ON)
