"""/reports/situation: reports drafted from a bulletin, checked, signed, printed, their paper returned."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from accounts.current import require_actor
from core import audit
from core.blobs import BlobMissing, blob_store
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import whole_number
from reports import scans
from reports.forms import DeliveryForm
from reports.render.html import page_of
from reports.situation import duties, reading, verbs
from reports.situation.forms import CheckForm, DraftForm, ScanForm, SignForm
from reports.situation.models import SituationScan
from reports.situation.reading import Whole
from reports.situation.verbs import Signature
from reports.situation.vocabulary import SignedHow
from reports.vocabulary import MEDIA_TYPES, Delivered, FileFormat, Verdict
from tickets.forms.fields import for_input


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/reports/<int:report_id>/situation", "draft", draft, methods=["POST"])
    one = "/reports/situation/<int:situation_id>"
    bp.add_url_rule(one, "situation", show)
    bp.add_url_rule(f"{one}/file", "situation_file", file)
    bp.add_url_rule(f"{one}/paper", "situation_paper", paper)
    bp.add_url_rule(f"{one}/edit", "situation_edit", edit, methods=["POST"])
    bp.add_url_rule(f"{one}/submit", "situation_submit", submit, methods=["POST"])
    bp.add_url_rule(f"{one}/verdict", "situation_verdict", verdict, methods=["POST"])
    bp.add_url_rule(f"{one}/signature", "situation_sign", sign, methods=["POST"])
    bp.add_url_rule(f"{one}/scans", "situation_keep", keep, methods=["POST"])
    bp.add_url_rule(f"{one}/scans/<int:scan_id>", "situation_scan", scan)
    bp.add_url_rule(f"{one}/deliveries", "situation_deliver", deliver, methods=["POST"])
    bp.add_url_rule(f"{one}/dropped", "situation_drop", drop, methods=["POST"])


def draft(report_id: int) -> ResponseReturnValue:
    """A new draft from this bulletin."""
    with transaction() as writing:
        made = verbs.draft(writing, report_id, actor=require_actor()).id
    flash("稿子已开好：数字取自专报，请写不足和下一步工作。", "success")
    return redirect(url_for(".situation", situation_id=made), code=303)


def show(situation_id: int) -> ResponseReturnValue:
    return _page(situation_id)


def _page(situation_id: int, *, message: str = "", **typed: Any) -> str:
    """The report with the forms of what this person may do next; `typed` are forms that were not accepted."""
    actor = require_actor()
    found = reading.whole(db.session(), situation_id, actor)
    version = str(found.row.version)
    signs, records = duties.may_sign(actor, found.hands), duties.may_record_signature(actor, found.hands)
    forms: dict[str, FlaskForm | None] = {
        "editing": _draft_form(found, version) if duties.may_edit(actor, found.hands) else None,
        "checking": CheckForm(version=version) if duties.may_return(actor, found.hands) else None,
        "signing": SignForm(
            version=version,
            signed_on=office_day(now()).isoformat(),
            how=(SignedHow.SYSTEM if signs else SignedHow.PAPER).value,
        ).offer(may_sign=signs, may_record=records)
        if records
        else None,
        "scanning": ScanForm() if found.issue and duties.may_draft(actor) else None,
        "delivering": DeliveryForm(at=for_input(now()), recipient=found.row.addressee)
        if found.issue and duties.may_draft(actor)
        else None,
    }
    return render_template(
        "reports/situation.html",
        **found.__dict__,
        **{name: typed.get(name) or form for name, form in forms.items()},
        may_pass=duties.may_check(actor, found.hands),
        next_words=duties.next_words(found.hands),
        message=message,
        wrong=next(iter(typed.values()), None),
    )


def _draft_form(found: Whole, version: str) -> DraftForm:
    row = found.row
    return DraftForm(
        version=version,
        kind=row.kind.value,
        addressee=row.addressee,
        copies=row.copies,
        title=row.title,
        opening=row.opening,
        shortcomings=row.shortcomings,
        next_steps=row.next_steps,
    )


def _done(
    situation_id: int, name: str, form: FlaskForm, act: Callable[[Session], object], words: str
) -> ResponseReturnValue:
    """Writes, or shows the page again with what was typed and the sentence of the rule that says no."""
    try:
        with transaction() as writing:
            act(writing)
    except (NotFound, NotAllowed, StaleVersion):
        raise
    except DomainError as refusal:
        end_read()
        return _page(situation_id, message=str(refusal), **{name: form}), 422
    flash(words, "success")
    return redirect(url_for(".situation", situation_id=situation_id), code=303)


def edit(situation_id: int) -> ResponseReturnValue:
    form = DraftForm()
    if not form.validate_on_submit():
        return _page(situation_id, editing=form), 422
    actor, version = require_actor(), _version(form)
    return _done(
        situation_id,
        "editing",
        form,
        lambda session: verbs.edit(session, situation_id, form.written(), version=version, actor=actor),
        "稿子已保存。",
    )


def submit(situation_id: int) -> ResponseReturnValue:
    """Saves what is in the form and sends it to be checked."""
    form = DraftForm()
    if not form.validate_on_submit():
        return _page(situation_id, editing=form), 422
    actor, version = require_actor(), _version(form)

    def act(session: Session) -> None:
        saved = verbs.edit(session, situation_id, form.written(), version=version, actor=actor)
        verbs.submit(session, situation_id, version=saved.version, actor=actor)

    return _done(situation_id, "editing", form, act, "已送核稿。")


def verdict(situation_id: int) -> ResponseReturnValue:
    form = CheckForm()
    if not form.validate_on_submit():
        return _page(situation_id, checking=form), 422
    actor, version, note = require_actor(), _version(form), form.note.data or ""
    step = verbs.check if form.verdict.data == Verdict.ACCEPT.value else verbs.send_back
    return _done(
        situation_id,
        "checking",
        form,
        lambda session: step(session, situation_id, version=version, note=note, actor=actor),
        "意见已记下。",
    )


def sign(situation_id: int) -> ResponseReturnValue:
    """签发: numbered and frozen."""
    actor = require_actor()
    form = SignForm().offer(may_sign=True, may_record=True)
    if not form.validate_on_submit() or form.signed_on.day is None:
        return _page(situation_id, signing=form), 422
    day = form.signed_on.day

    def act(session: Session) -> None:
        signature = Signature(
            how=SignedHow(form.how.data),
            signed_on=day,
            number=form.number.data or "",
            signer=form.signer.data or "",
            scan=scans.kept(form.scan.data),
        )
        verbs.sign(session, situation_id, signature, version=_version(form), actor=actor)

    return _done(situation_id, "signing", form, act, "已签发、编号、定稿，以后不能修改。")


def keep(situation_id: int) -> ResponseReturnValue:
    """The signed paper has come back."""
    form = ScanForm()
    if not form.validate_on_submit():
        return _page(situation_id, scanning=form), 422
    actor = require_actor()

    def act(session: Session) -> None:
        found = scans.kept(form.scan.data)
        if found is None:
            raise DomainError("请选要上传的扫描件。")
        verbs.keep_scan(session, situation_id, found, actor=actor)

    return _done(situation_id, "scanning", form, act, "签字盖章件已归卷。")


def deliver(situation_id: int) -> ResponseReturnValue:
    form = DeliveryForm()
    if not form.validate_on_submit() or form.at.moment is None:
        return _page(situation_id, delivering=form), 422
    actor, at = require_actor(), form.at.moment
    return _done(
        situation_id,
        "delivering",
        form,
        lambda session: verbs.deliver(
            session,
            situation_id,
            recipient=form.recipient.data,
            how=Delivered(form.how.data),
            at=at,
            signed_by=form.signed_by.data or "",
            note=form.note.data or "",
            actor=actor,
        ),
        "报送情况已登记。",
    )


def drop(situation_id: int) -> ResponseReturnValue:
    form = ScanForm()
    version, actor = whole_number(request.form.get("version")) or 0, require_actor()
    return _done(
        situation_id,
        "scanning",
        form,
        lambda session: verbs.drop(session, situation_id, version=version, actor=actor),
        "这份稿子已作废。",
    )


def scan(situation_id: int, scan_id: int) -> ResponseReturnValue:
    """A scan, to be saved; who took it is written down."""
    actor = require_actor()
    with transaction() as writing:
        reading.whole(writing, situation_id, actor)
        kept = writing.get(SituationScan, scan_id)
        if kept is None or kept.situation_id != situation_id:
            raise NotFound("没有这个扫描件。")
        audit.record(
            writing, "situation.scan_opened", actor=actor.username, object_ref=f"situation/{situation_id}"
        )
        blob, name = kept.blob, kept.name
    return scans.handed_out(blob, f"情况报告{situation_id}-{name}")


def file(situation_id: int) -> ResponseReturnValue:
    """The Word file: as it was signed; before that, laid out from the draft."""
    actor = require_actor()
    with transaction() as writing:
        found = reading.whole(writing, situation_id, actor)
        audit.record(writing, "situation.downloaded", actor=actor.username, object_ref=found.row.ref)
        issue = found.issue
        kept = (issue.blob, issue.name) if issue is not None else None
    if kept is None:
        # Late: what lays out documents is slow to import, and only this needs it.
        from reports.render.letter import render_letter

        content, name = render_letter(found.letter, found.bulletin), f"{found.letter.title}（送审稿）.docx"
    else:
        try:
            content, name = blob_store().get(kept[0]), kept[1]
        except BlobMissing as error:
            raise DomainError("这个文件读不出来，请告诉系统管理员。") from error
    answer: Response = send_file(
        io.BytesIO(content), mimetype=MEDIA_TYPES[FileFormat.DOCX], as_attachment=True, download_name=name
    )
    return answer


def paper(situation_id: int) -> ResponseReturnValue:
    """The same on A4 for the printer; that it was asked for is written down."""
    actor = require_actor()
    with transaction() as writing:
        found = reading.whole(writing, situation_id, actor)
        audit.record(writing, "situation.printed", actor=actor.username, object_ref=found.row.ref)
    return render_template(
        "reports/situation_paper.html",
        letter=found.letter,
        state=found.row.state,
        **page_of(found.bulletin),
    )


def _version(form: FlaskForm) -> int:
    return whole_number(form.version.data) or 0
