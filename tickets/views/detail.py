"""The page of one ticket, and what can be opened from it."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.current import require_actor
from core.blobs import BlobMissing, blob_store
from core.db import db, transaction
from core.errors import DomainError, NotFound
from tickets import opening, remarks
from tickets.opening_rules import OpeningReason
from tickets.queries import detail
from tickets.queries.detail import Seen
from tickets.views import acting, receipts
from tickets.vocabulary import Secrecy

_FIELDS = {
    "subject": "主题",
    "sender": "发件人",
    "text": "正文",
    "html": "正文（网页代码）",
    "title": "标题",
    "matter": "反映的事项",
    "request": "希望怎么解决",
    "school_text": "涉及学校",
    "grade_text": "年级、班级",
    "reason": "说明",
    "answer": "答复",
    "measures": "整改措施和处理结果",
    "evidence": "佐证材料",
    "to": "转往单位",
}
_NO_FRAME = "default-src 'none'; sandbox"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/<number>", "show", show)
    bp.add_url_rule("/tickets/<number>/actions", "act", acting.act, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/reveal", "reveal", reveal, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/verbatim", "verbatim", verbatim, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/remarks", "remark", remark, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/attachments/<attachment_id>", "attachment", attachment)


def show(number: str) -> ResponseReturnValue:
    """The ticket; who has just registered one he may not see gets its number and code, and nothing else."""
    actor, codes = require_actor(), receipts.take(number)
    try:
        seen = detail.seen_by(db.session(), actor, number)
    except NotFound:
        if codes:
            return render_template(
                "tickets/receipt.html",
                number=number,
                codes=codes,
                spoken_number=receipts.spoken_number(number),
            )
        raise
    if seen.ticket.secrecy is not Secrecy.ORDINARY:
        with transaction() as writing:
            opening.note_page(writing, _again(writing, actor, number).ticket, actor)
        seen = detail.seen_by(db.session(), actor, number)
    return acting.ticket_page(seen, actor, codes=codes)


def reveal(number: str) -> ResponseReturnValue:
    """Opens the contact data for half an hour."""
    actor = require_actor()
    try:
        with transaction() as writing:
            seen = _again(writing, actor, number)
            opened = opening.reveal(
                writing, seen.ticket, seen.facts, actor=actor, reason=request.form.get("reason", "")
            )
    except DomainError as refusal:
        return acting.refused(number, actor, refusal)
    if opened.over_limit:
        flash(
            f"今天已查看 {opened.today} 次联系方式，超过每天 {opened.allowed_a_day} 次，已记录并会告知股室负责人。",
            "warning",
        )
    return redirect(url_for("tickets.show", number=number, _anchor="people"), code=303)


def verbatim(number: str) -> ResponseReturnValue:
    """What was really said, once; it is not kept open."""
    actor = require_actor()
    message_id = request.form.get("message") or None
    try:
        with transaction() as writing:
            seen = _again(writing, actor, number)
            texts = opening.verbatim(
                writing,
                seen.ticket,
                seen.facts,
                actor=actor,
                reason=request.form.get("reason", ""),
                message_id=message_id,
            )
    except DomainError as refusal:
        return acting.refused(number, actor, refusal)
    reason = next(each for each in OpeningReason if each.value == request.form.get("reason"))
    return render_template("tickets/verbatim.html", number=number, texts=_labelled(texts), reason=reason)


def remark(number: str) -> ResponseReturnValue:
    """A note for the colleagues."""
    actor = require_actor()
    try:
        with transaction() as writing:
            hidden = remarks.add(writing, number, actor=actor, text=request.form.get("text", ""))
    except DomainError as refusal:
        return acting.refused(number, actor, refusal)
    flash("便签已记下，不进任何打印和导出。", "success")
    if hidden:
        flash("便签里有姓名或电话，别人看到的已隐去。联系方式请写在登记内容里。", "warning")
    return redirect(url_for("tickets.show", number=number, _anchor="messages"), code=303)


def _labelled(texts: dict[str, str]) -> list[tuple[str, str]]:
    """The fields with their words; the source of an HTML mail only where there is nothing better to read."""
    shown = []
    for name in sorted(
        texts,
        key=lambda each: (each not in _FIELDS, list(_FIELDS).index(each) if each in _FIELDS else 0, each),
    ):
        field, _, step = name.partition("@")
        if field == "html" and texts.get("text"):
            continue
        label = _FIELDS.get(field, "文字")
        shown.append((f"{label}（第 {step} 步填写）" if step else label, texts[name]))
    return shown


def attachment(number: str, attachment_id: str) -> ResponseReturnValue:
    """A file, to be saved; never shown inside a page of ours, and under a name that tells nothing."""
    actor = require_actor()
    try:
        with transaction() as writing:
            seen = _again(writing, actor, number)
            file = opening.attachment(writing, seen.ticket, seen.facts, attachment_id, actor=actor)
            blob, label = file.blob, file.label
    except DomainError as refusal:
        return acting.refused(number, actor, refusal)
    try:
        content = blob_store().get(blob)
    except BlobMissing:
        return acting.refused(number, actor, DomainError("这个附件的文件读不出来，请告诉系统管理员。"))
    answer = send_file(
        io.BytesIO(content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"{number}-{label}",
    )
    answer.headers["Content-Security-Policy"] = _NO_FRAME
    return answer


def _again(writing: Session, actor: Actor, number: str) -> Seen:
    """The ticket inside the transaction that opens it."""
    return detail.seen_by(writing, actor, number)
