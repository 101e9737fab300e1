"""What belongs to a ticket: like ones, and those it was linked with."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound
from tickets import related, similar
from tickets.queries import detail

_SHOWN = 10


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/<number>/related", "related", show)
    bp.add_url_rule("/tickets/<number>/related", "link", link, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/related/end", "unlink", unlink, methods=["POST"])
    bp.add_url_rule("/groups/<int:group_id>", "group", group)


def show(number: str) -> ResponseReturnValue:
    return _page(number)


def _page(number: str, message: str = "") -> str:
    actor, reading = require_actor(), db.session()
    seen = detail.seen_by(reading, actor, number)
    ticket = seen.ticket
    found = related.group_of(reading, ticket.id)
    group = related.group_seen(reading, actor, found.id) if found else None
    linked = {row.number for row in group.rows} if group else set()
    text = f"{ticket.title}\n{ticket.matter}"
    like = similar.seen_matches(reading, actor, text, limit=_SHOWN + 1)
    return render_template(
        "tickets/related.html",
        ticket=ticket,
        group=group,
        like=[match for match in like if match.number not in linked | {number}][:_SHOWN],
        may_link=related.may_link(actor, seen),
        message=message,
        other=request.form.get("other", ""),
        name=request.form.get("name", ""),
    )


def link(number: str) -> ResponseReturnValue:
    """Links this ticket with another one."""
    actor = require_actor()
    try:
        with transaction() as writing:
            group = related.link(
                writing,
                actor,
                number,
                request.form.get("other", ""),
                name=request.form.get("name", ""),
            )
            words = f"已关联，在“{group.name}”里。"
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        end_read()
        return _page(number, str(refusal)), 422
    flash(words, "success")
    return redirect(url_for("tickets.related", number=number), code=303)


def unlink(number: str) -> ResponseReturnValue:
    actor = require_actor()
    with transaction() as writing:
        related.unlink(writing, actor, number)
    flash("已移出关联组。", "success")
    return redirect(url_for("tickets.related", number=number), code=303)


def group(group_id: int) -> ResponseReturnValue:
    """A group: its tickets that this person may see, and how far they are."""
    found = related.group_seen(db.session(), require_actor(), group_id)
    counts: dict[str, int] = {}
    for row in found.rows:
        counts[row.status.label] = counts.get(row.status.label, 0) + 1
    return render_template("tickets/group.html", group=found, counts=counts, today=office_day(now()))
