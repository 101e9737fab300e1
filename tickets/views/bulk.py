"""Several tickets at once: accept, name who handles them, approve. Each by its own rules, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.vocabulary import Role
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import OfficeForm, whole_number
from tickets.action_table import TABLE
from tickets.actions import available
from tickets.calendar.office_time import office_time
from tickets.handling import loading
from tickets.letters.sending import CarriedOut, carry_out
from tickets.models import Ticket, TicketEvent
from tickets.policy import Permission, may
from tickets.queries.registers import people_choices
from tickets.standing import tone_of
from tickets.vocabulary import Action

AT_MOST = 50
ACTS = (Action.ACCEPT, Action.APPROVE, Action.ASSIGN, Action.MERGE)
SAME_MATTER = "同一事项，合并办理"
_FIELDS = {
    Action.ACCEPT: ("handler",),
    Action.ASSIGN: ("handler", "reason"),
    Action.APPROVE: ("reason",),
    Action.MERGE: ("into", "reason"),
}


class BulkForm(OfficeForm):
    handler = SelectField("经办人", validate_choice=False)
    reason = StringField("意见说明", description="可不填；填了，写进每一件的经过")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One of the chosen tickets: what may be done with it by this person, and what was said of it just now."""

    ticket: Ticket
    possible: tuple[Action, ...]
    why_not: str
    refusal: str = ""

    @property
    def labels(self) -> str:
        return "、".join(action.label for action in self.possible)


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/bulk", "bulk", show)
    bp.add_url_rule("/tickets/bulk", "bulk_do", do, methods=["POST"])


def show() -> ResponseReturnValue:
    """The chosen tickets side by side, with what is to be approved, before anything is done."""
    return _page(require_actor(), _numbers(request.args.getlist("number")))


def do() -> ResponseReturnValue:
    """Does it for one after the other; what could not be done stays on the page with the sentence that says why."""
    actor, numbers = require_actor(), _numbers(request.form.getlist("number"))
    listed = _numbers(request.form.getlist("listed")) or numbers
    action = next((each for each in ACTS if each.value == request.form.get("act")), None)
    if action is None or not numbers:
        return _page(actor, listed, message="请勾选要办的件，再点下面的一个按钮。"), 422
    fields = {name: request.form.get(name, "") for name in _FIELDS[action]}
    if action is Action.MERGE:
        numbers = [number for number in numbers if number != fields["into"]]
        fields["reason"] = fields["reason"] or SAME_MATTER
    refused: dict[str, str] = {}
    done: list[CarriedOut] = []
    stale = False
    for number in numbers:
        try:
            done.append(_one(number, action, actor, fields))
        except StaleVersion:
            stale, refused[number] = True, _who_was_faster(number)
        except DomainError as refusal:
            refused[number] = str(refusal)
    _say(action, done)
    if not refused:
        return redirect(url_for("tickets.index"), code=303)
    left = [number for number in listed if number in refused or number not in numbers]
    message = f"{action.label}：已办 {len(done)} 件，{len(refused)} 件没有办，原因见各件。"
    return _page(actor, left, message=message, refused=refused), 409 if stale else 422


def _one(number: str, action: Action, actor: Actor, fields: Mapping[str, str]) -> CarriedOut:
    with transaction() as writing:
        version = whole_number(request.form.get(f"version-{number}")) or 0
        return carry_out(writing, number, action, version=version, actor=actor, fields=fields)


def _say(action: Action, done: Sequence[CarriedOut]) -> None:
    if not done:
        return
    queued = sum(len(each.queued) for each in done)
    flash(
        f"{action.label}：已办 {len(done)} 件{f'，{queued} 封信已放入发件箱' if queued else ''}。", "success"
    )
    by_hand = [letter.number for each in done for letter in each.by_hand]
    if by_hand:
        flash(f"还要电话、书面或当面告知反映人后登记：{'、'.join(by_hand)}。", "warning")


def _who_was_faster(number: str) -> str:
    end_read()
    last = db.session.scalars(
        sa.select(TicketEvent)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(Ticket.number == number)
        .order_by(TicketEvent.position.desc())
        .limit(1)
    ).one()
    at = office_time(last.recorded_at)
    return f"{last.actor}在 {at:%H:%M} 已经保存了这一件（{last.action.label}），这次没有办。请看现在的情况再勾选。"


def _numbers(given: Sequence[str]) -> list[str]:
    """The chosen numbers, each once, in the order of the list."""
    return list(dict.fromkeys(each.strip().upper() for each in given if each.strip()))[:AT_MOST]


def _page(
    actor: Actor, numbers: Sequence[str], *, message: str = "", refused: Mapping[str, str] | None = None
) -> str:
    if not actor.has(Role.HANDLER, Role.HEAD, Role.LEADER):
        raise NotAllowed("成批办理由经办人、股室负责人和分管领导使用。")
    end_read()
    session, refused = db.session(), refused or {}
    rows = [row for number in numbers if (row := _row(session, actor, number, refused)) is not None]
    if numbers and not rows:
        raise NotFound("没有这些件，或者它们不归您查看。")
    form = BulkForm()
    sections = sorted({row.ticket.section_id for row in rows})
    people = [choice for section_id in sections for choice in people_choices(session, section_id)]
    form.handler.choices = [SelectChoice("", "不选"), *people]
    if not form.is_submitted() and not actor.has(Role.HEAD) and actor.has(Role.HANDLER):
        form.handler.data = actor.username  # who accepts a case takes it
    return render_template(
        "tickets/bulk.html",
        rows=rows,
        form=form,
        acts=[act for act in ACTS if any(act in row.possible for row in rows)],
        into=_first(rows),
        approving=any(Action.APPROVE in row.possible for row in rows),
        message=message,
        tone_of=tone_of,
    )


def _first(rows: Sequence[Row]) -> str:
    """Into which the others can be merged: the one that came first, of those that are not far on."""
    able = [row.ticket for row in rows if Action.MERGE in row.possible]
    first = min(able, key=lambda ticket: (ticket.received_at, ticket.id), default=None)
    return first.number if first is not None and len(able) > 1 else ""


def _row(session: Session, actor: Actor, number: str, refused: Mapping[str, str]) -> Row | None:
    ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one_or_none()
    if ticket is None:
        return None
    state = loading.state_of(session, ticket)
    if not may(actor, Permission.VIEW, state.facts):
        return None
    offers = {
        offer.action: offer
        for offer in available(actor, state, loading.principals_of(session, actor))
        if offer.action in ACTS
    }
    possible = tuple(act for act in ACTS if act in offers and offers[act].allowed)
    told = next((offer.why_not for offer in offers.values() if offer.why_not), "")
    waits = f"现在是“{ticket.status.label}”，这里没有您能办的。" if state.status not in _SOURCES else ""
    why_not = "" if possible else told or waits or "您的岗位不能在这里办这一件。"
    return Row(ticket=ticket, possible=possible, why_not=why_not, refusal=refused.get(number, ""))


_SOURCES = frozenset(status for act in ACTS for status in TABLE[act].sources)
