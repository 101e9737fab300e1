"""Drafts: kept while somebody types, and the list of one's own."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from accounts.current import require_actor
from core.clock import OFFICE_ZONE, now
from core.db import db, transaction
from core.errors import DomainError
from core.registry import registry
from tickets import drafts


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/drafts", "drafts", index)
    bp.add_url_rule("/drafts", "draft_save", save, methods=["POST"])
    bp.add_url_rule("/drafts/discard", "draft_discard", discard, methods=["POST"])


def init_app(app: Flask) -> None:
    """What is sent from the form after the session has ended is not lost either."""
    registry(app).keepers["tickets.new"] = keep_after_session


def index() -> ResponseReturnValue:
    """One's own drafts; nobody sees another's."""
    found = drafts.own(db.session(), require_actor().id or 0)
    return render_template("tickets/drafts.html", drafts=found, days=drafts.KEPT_FOR.days)


def save() -> ResponseReturnValue:
    """Keeps the form as it stands; asked by the page every few seconds, so it answers with data."""
    fields = request.form.to_dict()
    if not drafts.worth_keeping(fields):
        return jsonify(draft="", words="")
    try:
        kept = keep(require_actor().id or 0, fields)
    except DomainError as refusal:
        return jsonify(draft=fields.get("draft", ""), words=str(refusal)), 422
    return jsonify(draft=kept, words=f"草稿已自动保存，{now().astimezone(OFFICE_ZONE):%H:%M:%S}")


def discard() -> ResponseReturnValue:
    with transaction() as writing:
        drafts.discard(writing, require_actor().id or 0, request.form.get("draft", ""))
    flash("草稿已删掉。", "success")
    return redirect(url_for("tickets.drafts"), code=303)


def keep(account_id: int, fields: dict[str, str]) -> str:
    """Keeps a form in a transaction of its own; the draft's id."""
    with transaction() as writing:
        return drafts.save(writing, account_id, fields, draft_id=fields.get("draft", ""))


def keep_after_session(account_id: int, sent: MultiDict[str, str]) -> str | None:
    """The draft of a form whose sender is signed in no more, as the address to come back to; None if it cannot be kept."""
    fields = sent.to_dict()
    if not drafts.worth_keeping(fields):
        return None
    try:
        return url_for("tickets.new", draft=keep(account_id, fields))
    except DomainError:
        return None
