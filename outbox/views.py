"""The page of what leaves: what waits and until when, what failed and why, send again, take back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.clock import now, office_day
from core.db import db, transaction
from core.errors import DomainError, NotFound
from core.forms import whole_number
from core.registry import Banner
from outbox import queries, senders, verbs
from outbox.forms import CancelForm
from outbox.models import OutboxMessage, OutboxSender
from outbox.pace import Standing, next_hour
from outbox.senders import NotSetUp
from outbox.verbs import CANCELLABLE, RESENDABLE
from outbox.vocabulary import CancelReason, OutboxState

bp = Blueprint("outbox", __name__)

ROLES = (Role.HEAD, Role.ADMIN, Role.LEADER)
PAGE = 50
DOWN_IS_TOLD_AFTER = timedelta(hours=2)
_NUMBER = re.compile(r"〔编号 ([^〕]{1,40})〕")
_REPLY_TOKEN = re.compile(
    r"〔回信码 [A-Z2-7]{16}〕"
)  # who reads it here need not be able to answer as the recipient
_VIEWS = {
    "open": (
        "待发和失败",
        sa.or_(queries.STUCK, queries.WAITING, OutboxMessage.state == OutboxState.INFLIGHT),
    ),
    "sent": ("已发出", OutboxMessage.state == OutboxState.SENT),
    "cancelled": ("已取消", OutboxMessage.state == OutboxState.CANCELLED),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One mail as the page shows it. `about` is the subject, or for who must not know cases only the number."""

    id: int
    state: OutboxState
    tone: str
    kind: str
    about: str
    recipient: str
    sender: str
    created_at: datetime
    sent_at: datetime | None
    expected_on: date | None
    next_at: datetime
    code: str
    why: str
    needs_person: bool
    can_resend: bool
    can_cancel: bool


@dataclass(frozen=True, kw_only=True)
class SenderLine:
    """One address that sends: how much of its day is used, and what keeps it from sending."""

    address: str
    sent_today: int
    per_day: int
    trouble: str
    alarm: bool
    since: datetime | None
    until: datetime | None
    missing: str
    hour_full_until: datetime | None  # acknowledgements wait until then


@bp.get("/outbox")
def index() -> ResponseReturnValue:
    actor, reading, view = require_actor(), db.session(), request.args.get("view", "open")
    if view not in _VIEWS:
        abort(404)
    seen_by = _seen_by(reading, actor)
    before = whole_number(request.args.get("before"))
    rows = queries.messages(reading, _VIEWS[view][1], seen_by=seen_by, limit=PAGE + 1, before=before)
    shown = rows[:PAGE]
    recipients = queries.masked_recipients(reading, shown)
    moment, known = now(), queries.sender_rows(reading)
    standings = queries.standings(reading, moment, known)
    days = queries.expected_days(reading, moment, standings) if view == "open" else {}
    knows_cases = _mailboxes_of(reading, actor) if actor.has(Role.HEAD, Role.LEADER) else frozenset()
    lines = [_line(row, recipients[row.id], days.get(row.id), row.sender in knows_cases) for row in shown]
    return render_template(
        "outbox/index.html",
        view=view,
        tabs=[
            {"label": label, "url": url_for(".index", view=name), "active": name == view}
            for name, (label, _) in _VIEWS.items()
        ],
        stuck=[line for line in lines if line.needs_person],
        lines=[line for line in lines if not line.needs_person],
        senders=_sender_lines(reading, seen_by, known, standings),
        older=url_for(".index", view=view, before=shown[-1].id) if len(rows) > PAGE else None,
        newest=url_for(".index", view=view) if before is not None else None,
        form=CancelForm(),
        today=office_day(now()),
    )


@bp.post("/outbox/<int:message_id>/again")
def again(message_id: int) -> ResponseReturnValue:
    actor = require_actor()
    try:
        with transaction() as session:
            _check_sees(session, actor, message_id)
            verbs.send_again(session, message_id, actor=actor)
    except NotFound:
        abort(404)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash("已放回发件箱，会按顺序发出。", "success")
    return redirect(url_for(".index"), code=303)


@bp.post("/outbox/<int:message_id>/cancel")
def cancel(message_id: int) -> ResponseReturnValue:
    actor, form = require_actor(), CancelForm()
    try:
        with transaction() as session:
            _check_sees(session, actor, message_id)
            if not form.validate():
                abort(422)
            verbs.cancel(session, message_id, CancelReason(form.reason.data), actor=actor)
    except NotFound:
        abort(404)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash("已取消，这封信不会发出。如果是应当告知的事，请另行告知并登记。", "success")
    return redirect(url_for(".index"), code=303)


@bp.post("/outbox/senders/<address>/retry")
def retry(address: str) -> ResponseReturnValue:
    actor = require_actor()
    with transaction() as session:
        seen_by = _seen_by(session, actor)
        if senders.smtp_of(address) is None or (seen_by is not None and address not in seen_by):
            abort(404)
        verbs.release_sender(session, address)
    flash("马上再试一次，请过一会儿刷新本页。", "success")
    return redirect(url_for(".index"), code=303)


def badge(actor: Actor) -> int:
    """How many mails need a person."""
    return _attention(actor).stuck


def banners(actor: Actor) -> list[Banner]:
    """An address that has stopped sending is told on every page to those who can do something."""
    if not actor.has(*ROLES):
        return []
    return [
        Banner(
            level="error" if sender.alarm else "warning",
            text=f"{sender.address} 发不出信：{sender.last_message}",
            url=url_for("outbox.index"),
        )
        for sender in _attention(actor).stopped
    ]


def _attention(actor: Actor) -> queries.Attention:
    if "outbox_attention" not in g:
        reading = db.session()
        g.outbox_attention = queries.attention(
            reading, seen_by=_seen_by(reading, actor), down_before=now() - DOWN_IS_TOLD_AFTER
        )
    found: queries.Attention = g.outbox_attention
    return found


def _seen_by(session: Session, actor: Actor) -> Collection[str] | None:
    """The senders whose mails this person sees; None: all."""
    return None if actor.has(Role.ADMIN) else _mailboxes_of(session, actor)


def _mailboxes_of(session: Session, actor: Actor) -> frozenset[str]:
    """The mailboxes of the person's own sections. What a section is called never changes, so it is asked once a process."""
    slugs: dict[int, str] = current_app.extensions.setdefault("outbox_section_slugs", {})
    if not actor.section_ids <= slugs.keys():
        slugs.update({row.id: row.slug for row in session.execute(sa.select(Section.id, Section.slug))})
    own = {slugs[section] for section in actor.section_ids}
    mailboxes = senders.settings_in_use().office.mailboxes
    return frozenset(each.address for each in mailboxes if each.section in own)


def _check_sees(session: Session, actor: Actor, message_id: int) -> None:
    seen_by = _seen_by(session, actor)
    sender = session.execute(
        sa.select(OutboxMessage.sender).where(OutboxMessage.id == message_id)
    ).scalar_one_or_none()
    if sender is None or (seen_by is not None and sender not in seen_by):
        raise NotFound("没有这封信。")


def _line(row: OutboxMessage, recipient: str, expected_on: date | None, knows_cases: bool) -> Line:
    number = _NUMBER.search(row.subject)
    stuck = row.state is OutboxState.FAILED or (
        row.state is OutboxState.UNKNOWN and row.unconfirmed > queries.REPEATS_ALLOWED
    )
    return Line(
        id=row.id,
        state=row.state,
        tone=_TONES[row.state],
        kind=row.kind.label,
        about=_REPLY_TOKEN.sub("", row.subject) if knows_cases else (f"编号 {number[1]}" if number else ""),
        recipient=recipient,
        sender=row.sender,
        created_at=row.created_at,
        sent_at=row.sent_at,
        expected_on=expected_on,
        next_at=row.next_at,
        code=row.last_code if row.last_code[:1].isdigit() else "",
        why=row.last_error,
        needs_person=stuck,
        can_resend=stuck or row.state in RESENDABLE - {OutboxState.UNKNOWN},
        can_cancel=row.state in CANCELLABLE,
    )


_TONES = {
    OutboxState.QUEUED: "neutral",
    OutboxState.INFLIGHT: "info",
    OutboxState.SENT: "ok",
    OutboxState.RETRY: "warn",
    OutboxState.FAILED: "danger",
    OutboxState.UNKNOWN: "warn",
    OutboxState.CANCELLED: "muted",
}


def _sender_lines(
    session: Session,
    seen_by: Collection[str] | None,
    known: Mapping[str, OutboxSender],
    standings: defaultdict[str, Standing],
) -> list[SenderLine]:
    """The senders of the settings, and those that mails wait for although the settings do not know them."""
    addresses = [each.address for each in senders.configured_senders()]
    waiting = {queue.sender for queue in queries.queues(session)}
    addresses += sorted(waiting - set(addresses))
    return [
        _sender_line(session, address, standings[address], known.get(address), now())
        for address in addresses
        if seen_by is None or address in seen_by
    ]


def _sender_line(
    session: Session, address: str, standing: Standing, row: OutboxSender | None, moment: datetime
) -> SenderLine:
    held = row is not None and row.blocked_until is not None and row.blocked_until > moment
    try:
        senders.connection_of(session, address)
        missing = ""
    except NotSetUp as reason:
        missing = str(reason)
    its_pace = senders.pace_of(address)
    full = standing.acknowledged_this_hour >= its_pace.acknowledgements_per_hour
    return SenderLine(
        address=address,
        sent_today=standing.sent_today,
        per_day=its_pace.per_day,
        trouble=row.last_message if row is not None and held else "",
        alarm=row is not None and row.alarm,
        since=row.down_since if row is not None else None,
        until=standing.blocked_until if held else None,
        missing=missing,
        hour_full_until=next_hour(moment) if full else None,
    )
