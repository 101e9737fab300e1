"""/supervision/audit: the audit log for those who watch over others; that they looked is written down as well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.current import require_actor
from core import audit, state
from core.db import db, transaction
from core.forms import whole_number
from core.text import clean_line
from reports import watching
from reports.vocabulary import act_words


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/supervision/audit", "audit", show)


def show() -> ResponseReturnValue:
    """The newest entries that fit, with the chain's present end."""
    wanted = {name: clean_line(request.args.get(name, ""), 60) for name in ("act", "about", "by")}
    with transaction() as writing:
        audit.record(writing, "audit.read", actor=require_actor().username, asked=wanted)
    session = db.session()
    rows, following = watching.audit_lines(
        session, before=whole_number(request.args.get("before")) or 0, **wanted
    )
    return render_template(
        "reports/audit.html",
        rows=[(row, json.loads(row.data)) for row in rows],
        following=following,
        wanted=wanted,
        head=audit.current_anchor(session),
        proof=_last_proof(session),
        words=act_words,
    )


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How the last thorough proof of the whole record went."""

    at: datetime
    ok: bool
    message: str


def _last_proof(session: Session) -> Proof | None:
    kept = state.get_fact(session, audit.LAST_VERIFIED)
    if kept is None:
        return None
    plain = json.loads(kept)
    return Proof(at=datetime.fromisoformat(plain["at"]), ok=plain["ok"], message=plain["message"])
