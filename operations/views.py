"""Pages and answers about the installation itself."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from prometheus_client import CONTENT_TYPE_LATEST

from accounts.current import current_actor, require_actor
from accounts.vocabulary import Role
from config.network import is_loopback
from core.db import db, end_read, transaction
from core.errors import DomainError
from core.forms import OfficeForm
from core.progress import going_on
from operations import alive, doctor, metrics, overview
from operations import first_steps as first
from tickets import schools

if TYPE_CHECKING:
    from config.settings import Settings

bp = Blueprint("operations", __name__)


class SchoolsForm(OfficeForm):
    """The register of schools as a file."""

    file = FileField("学校名单（CSV 文件）", [FileRequired("请先选一个文件。")])


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
        going_on=going_on(db.session()),
    )


@bp.get("/admin/start")
def first_steps() -> ResponseReturnValue:
    """开始使用: what a new installation still lacks, step by step."""
    return _first_steps(SchoolsForm())


@bp.post("/admin/start/schools")
def load_schools() -> ResponseReturnValue:
    """Enters the schools of a file; what is wrong in it is said line by line, and nothing is entered then."""
    form = SchoolsForm()
    if not form.validate():
        return _first_steps(form), 422
    try:
        lines = schools.read_schools(_text_of(form.file.data.read()))
        with transaction() as session:
            done = schools.load_schools(session, lines, actor=require_actor())
    except DomainError as refusal:
        end_read()
        return _first_steps(form, message=str(refusal)), 422
    flash(f"学校名单：新增 {done.added} 所，更新 {done.changed} 所。", "success")
    return redirect(url_for("operations.first_steps"), code=303)


def _text_of(raw: bytes) -> str:
    """A table as a spreadsheet program saves it: UTF-8, or the older encoding that is still its default."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError("看不懂这个文件。请在表格软件里另存为“CSV UTF-8”。")


def _first_steps(form: SchoolsForm, *, message: str = "") -> str:
    return render_template(
        "operations/start.html", steps=first.steps(db.session()), form=form, message=message
    )


def _from_this_machine() -> bool:
    """Whether it was asked here, and not passed on by a web server on this machine for somebody elsewhere."""
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    host = request.host.rsplit(":", 1)[0].strip("[]")
    return near and is_loopback(host) and not any(name in request.headers for name in _PASSED_ON)
