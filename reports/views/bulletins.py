"""/reports: the bulletins as they were frozen, their files, whom they reached."""

from __future__ import annotations

import io

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from accounts.vocabulary import Role
from core import audit
from core.blobs import BlobMissing, blob_store
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.progress import going_on
from reports import announcing, freezing, records
from reports.forms import CorrectionForm, DeliveryForm
from reports.models import Report, ReportDelivery, ReportFile
from reports.situation import reading
from reports.situation.duties import may_draft
from reports.vocabulary import MEDIA_TYPES, Delivered, FileFormat
from tickets.forms.fields import for_input

_SHOWN = 100
# A printed page brings its own looks along and nothing else; it is never shown inside a page of ours.
_PAPER_POLICY = "default-src 'none'; style-src data: 'unsafe-inline'; img-src data:; sandbox allow-modals"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/reports", "index", index)
    bp.add_url_rule("/reports/<int:report_id>", "show", show)
    bp.add_url_rule("/reports/<int:report_id>/files/<kind>", "file", file)
    bp.add_url_rule("/reports/<int:report_id>/deliveries", "deliver", deliver, methods=["POST"])
    bp.add_url_rule("/reports/<int:report_id>/correction", "correct", correct, methods=["POST"])


def index() -> ResponseReturnValue:
    """All issues, the newest first, and what is due and not there."""
    session = db.session()
    rows = session.scalars(sa.select(Report).order_by(Report.id.desc()).limit(_SHOWN)).all()
    return render_template(
        "reports/index.html",
        rows=rows,
        missing=freezing.due_now(session),
        situations=reading.listed(session, require_actor()),
        going_on=going_on(session, "reports"),
    )


def show(report_id: int) -> ResponseReturnValue:
    """One issue: the words and tables that stand in its files."""
    return _page(report_id)


def _page(
    report_id: int,
    *,
    delivery: DeliveryForm | None = None,
    correction: CorrectionForm | None = None,
    message: str = "",
) -> str:
    session = db.session()
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound("没有这期专报。")
    actor = require_actor()
    others = session.scalars(
        sa.select(Report)
        .where(Report.kind == report.kind, Report.period == report.period, Report.id != report.id)
        .order_by(Report.issue_no)
    ).all()
    return render_template(
        "reports/show.html",
        report=report,
        bulletin=records.bulletin_of(report),
        files=session.scalars(sa.select(ReportFile).where(ReportFile.report_id == report_id)).all(),
        deliveries=session.scalars(
            sa.select(ReportDelivery).where(ReportDelivery.report_id == report_id).order_by(ReportDelivery.id)
        ).all(),
        others=others,
        delivery=delivery or DeliveryForm(at=for_input(now())),
        correction=correction or CorrectionForm(),
        may_record=actor.has(Role.HEAD, Role.LEADER),
        situations=reading.listed(session, actor, bulletin_id=report_id),
        may_draft=may_draft(actor) and all(row.issue_no < report.issue_no for row in others),
        message=message,
    )


def file(report_id: int, kind: str) -> ResponseReturnValue:
    """A file, byte by byte as it was frozen; who took it is written down."""
    actor = require_actor()
    wanted = next((each for each in FileFormat if each.value == kind), None)
    with transaction() as writing:
        row = writing.get(ReportFile, (report_id, wanted)) if wanted else None
        report = writing.get(Report, report_id)
        if row is None or report is None:
            raise NotFound("没有这个文件。")
        audit.record(
            writing, "report.downloaded", actor=actor.username, object_ref=report.ref, format=row.format.value
        )
        blob, name, kind_ = row.blob, row.name, row.format
    try:
        content = blob_store().get(blob)
    except BlobMissing as error:
        raise DomainError("这个文件读不出来，请告诉系统管理员。") from error
    answer: Response = send_file(
        io.BytesIO(content),
        mimetype=MEDIA_TYPES[kind_],
        as_attachment=kind_ is not FileFormat.HTML,
        download_name=name,
    )
    answer.headers["Content-Security-Policy"] = _PAPER_POLICY
    return answer


def deliver(report_id: int) -> ResponseReturnValue:
    """Notes that an issue was handed over."""
    form = DeliveryForm()
    if not form.validate_on_submit() or form.at.moment is None:
        return _page(report_id, delivery=form), 422
    try:
        with transaction() as writing:
            announcing.record_delivery(
                writing,
                report_id,
                recipient=form.recipient.data,
                how=Delivered(form.how.data),
                at=form.at.moment,
                signed_by=form.signed_by.data or "",
                note=form.note.data or "",
                actor=require_actor(),
            )
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(report_id, delivery=form, message=str(refusal)), 422
    flash("送达情况已登记。", "success")
    return redirect(url_for(".show", report_id=report_id), code=303)


def correct(report_id: int) -> ResponseReturnValue:
    """Makes a corrected issue with a number of its own."""
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _page(report_id, correction=form), 422
    try:
        made = freezing.correct(report_id, form.reason.data, actor=require_actor())
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _page(report_id, correction=form, message=str(refusal)), 422
    flash(f"已出更正专报 {made.number}，原专报保留不变。", "success")
    return redirect(url_for(".show", report_id=made.id), code=303)
