"""What is overdue, on one screen: read aloud when somebody phones from above, printed, and frozen as it was said."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.vocabulary import Role
from core import audit
from core.blobs import BlobMissing, blob_store
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from tickets import overdue_reasons, snapshots
from tickets.forms.fields import with_ids
from tickets.forms.overdue import ReasonForm, SnapshotForm
from tickets.late import GROUPS
from tickets.queries import detail
from tickets.queries.overdue import overview
from tickets.snapshots import Frozen, Inquiry
from tickets.views.acting import ticket_page
from tickets.vocabulary import AskedHow, OverdueReason

_DESK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)
# The frozen file brings its own looks along and nothing else.
_PAPER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/overdue", "overdue", show)
    bp.add_url_rule("/overdue/reasons", "explain", explain, methods=["POST"])
    bp.add_url_rule("/overdue/snapshots", "snapshots", index)
    bp.add_url_rule("/overdue/snapshots", "freeze", freeze, methods=["POST"])
    bp.add_url_rule("/overdue/snapshots/<snapshot>", "snapshot", show_snapshot)
    bp.add_url_rule("/overdue/snapshots/<snapshot>/file", "snapshot_file", file)


def show() -> ResponseReturnValue:
    """The five kinds apart, by section, days over with their unit, whom each waits for, and why."""
    return _page()


def _page(
    *, reason: ReasonForm | None = None, snapshot: SnapshotForm | None = None, message: str = ""
) -> str:
    actor = require_actor()
    found = overview(db.session(), actor, now())
    forms = {
        line.number: with_ids(ReasonForm(formdata=None, number=line.number), line.number)
        for line in found.to_explain()
    }
    if reason is not None and reason.number.data in forms:
        forms[reason.number.data] = with_ids(reason, reason.number.data)
    return render_template(
        "overdue/index.html",
        found=found,
        groups=GROUPS,
        forms=forms,
        wrong=reason or snapshot,
        snapshot=snapshot or SnapshotForm(formdata=None),
        freezing=snapshot is not None,
        message=message,
        may_open=actor.has(*_DESK),
        may_freeze=actor.has(*_DESK),
    )


def explain() -> ResponseReturnValue:
    """The section says why a case is late; on a refusal the page it was typed on comes back with every word."""
    form, actor = ReasonForm(), require_actor()
    if not form.validate_on_submit() or form.expected_on.day is None:
        return _asked_again(form, actor, "")
    try:
        with transaction() as writing:
            overdue_reasons.explain(
                writing,
                form.number.data,
                reason=OverdueReason(form.reason.data),
                text=form.text.data or "",
                expected_on=form.expected_on.day,
                actor=actor,
            )
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _asked_again(form, actor, str(refusal))
    flash(f"{form.number.data} 的超期原因已记下，会写进本期专报。", "success")
    if form.beside.data == "ticket":
        return redirect(url_for("tickets.show", number=form.number.data), code=303)
    return redirect(url_for("tickets.overdue", _anchor="reasons"), code=303)


def _asked_again(form: ReasonForm, actor: Actor, message: str) -> ResponseReturnValue:
    if form.beside.data == "ticket":
        seen = detail.seen_by(db.session(), actor, form.number.data or "")
        return ticket_page(seen, actor, message=message, late_reason=form), 422
    return _page(reason=form, message=message), 422


def index() -> ResponseReturnValue:
    """The snapshots this person may open."""
    return render_template("overdue/snapshots.html", rows=snapshots.listed(db.session(), require_actor()))


def freeze() -> ResponseReturnValue:
    """Freezes what the page says at this moment."""
    form = SnapshotForm()
    if not form.validate_on_submit():
        return _page(snapshot=form), 422
    try:
        number = snapshots.freeze(
            Inquiry(asked_by=form.asked_by.data, how=AskedHow(form.how.data), note=form.note.data or ""),
            actor=require_actor(),
            render=_file_of,
        )
    except DomainError as refusal:
        end_read()
        return _page(snapshot=form, message=str(refusal)), 422
    flash(f"已留存为应询快照 {number}。", "success")
    return redirect(url_for("tickets.snapshot", snapshot=number), code=303)


def _file_of(frozen: Frozen) -> str:
    return render_template("overdue/snapshot_file.html", frozen=frozen, found=frozen.found, groups=GROUPS)


def show_snapshot(snapshot: str) -> ResponseReturnValue:
    """A snapshot as it was frozen."""
    row = snapshots.of(db.session(), snapshot, require_actor())
    frozen = snapshots.read_back(row)
    return render_template("overdue/snapshot.html", row=row, frozen=frozen, found=frozen.found, groups=GROUPS)


def file(snapshot: str) -> ResponseReturnValue:
    """The frozen file, byte by byte; who took it is written down."""
    actor = require_actor()
    with transaction() as writing:
        row = snapshots.of(writing, snapshot, actor)
        audit.record(writing, "inquiry.opened", actor=actor.username, object_ref=row.ref)
        blob, name = row.blob, f"应询快照{row.number}.html"
    try:
        content = blob_store().get(blob)
    except BlobMissing as error:
        raise DomainError("这个文件读不出来，请告诉系统管理员。") from error
    answer = Response(content, mimetype="text/html")
    answer.headers.set("Content-Disposition", "inline", filename=name)
    answer.headers["Content-Security-Policy"] = _PAPER_POLICY
    return answer
