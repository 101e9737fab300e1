"""Papers to print: order, delivery record, registration form, the whole file, and the sealed page apart from it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from config.settings import Settings
from core.clock import now, office_day
from core.db import db, transaction
from core.errors import DomainError, NotAllowed, NotFound
from tickets import printing
from tickets.calendar.office_time import office_time
from tickets.opening_rules import OpeningReason
from tickets.orders.texts import SECRECY, full_day, short_day
from tickets.printing import Form
from tickets.queries import detail
from tickets.queries import orders as queries
from tickets.queries.detail import Seen
from tickets.vocabulary import Action


def add_to(bp: Blueprint) -> None:
    rule = "/tickets/<number>/print"
    bp.add_url_rule(rule, "prints", index)
    bp.add_url_rule(f"{rule}/registration", "print_registration", registration)
    bp.add_url_rule(f"{rule}/file", "print_file", whole_file)
    bp.add_url_rule(f"{rule}/identity", "print_identity", sealed_page, methods=["POST"])
    order = "/tickets/<number>/orders/<order_id>/print"
    bp.add_url_rule(order, "print_order", order_sheet)
    bp.add_url_rule(f"{order}/delivery", "print_delivery", delivery)
    bp.add_url_rule(f"{order}/feedback", "print_feedback", feedback)


def index(number: str) -> ResponseReturnValue:
    """Which papers there are."""
    actor = require_actor()
    return _index(detail.seen_by(db.session(), actor, number))


def _index(seen: Seen, refusal: DomainError | None = None) -> str:
    actor = require_actor()
    return render_template(
        "prints/index.html",
        ticket=seen.ticket,
        seen=seen,
        refusal=refusal,
        orders=[line.order for line in queries.orders(db.session(), seen) if line.order.number],
        may_print_file=printing.may_print_file(actor, seen.facts),
        may_print_identity=printing.may_print_identity(actor, seen.facts),
        reasons=list(OpeningReason),
    )


def order_sheet(number: str, order_id: str) -> ResponseReturnValue:
    return _for_school(number, order_id, Form.ORDER, "prints/order.html")


def delivery(number: str, order_id: str) -> ResponseReturnValue:
    return _for_school(number, order_id, Form.DELIVERY, "prints/delivery.html")


def feedback(number: str, order_id: str) -> ResponseReturnValue:
    return _for_school(number, order_id, Form.FEEDBACK, "prints/feedback.html")


def _for_school(number: str, order_id: str, form: Form, template: str) -> ResponseReturnValue:
    actor = require_actor()
    try:
        with transaction() as writing:
            seen = detail.seen_by(writing, actor, number)
            line = queries.order_of(writing, seen, order_id)
            texts = printing.print_for_school(writing, seen.ticket, seen.facts, line.order, form, actor=actor)
            sign_by = queries.sign_off_day(writing, line.order)
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        return _index(detail.seen_by(db.session(), actor, number), refusal), 422
    return render_template(
        template,
        order=line.order,
        texts=texts,
        ticket=seen.ticket,
        seen=seen,
        office=_office(),
        phone=queries.section_phone(seen),
        secrecy=SECRECY,
        sign_by=full_day(sign_by),
        due=full_day(line.order.due_day),
        issued=_day(line.order.issued_at),
        moment=_moment,
        short_day=short_day,
    )


def registration(number: str) -> ResponseReturnValue:
    actor = require_actor()
    with transaction() as writing:
        seen = detail.seen_by(writing, actor, number)
        printing.print_form(writing, seen.ticket, Form.REGISTRATION, actor=actor)
    page = detail.page(db.session(), actor, seen, now())
    return render_template(
        "prints/registration.html",
        ticket=seen.ticket,
        seen=seen,
        page=page,
        office=_office(),
        moment=_moment,
        printed=printed_by(actor.display_name),
    )


def whole_file(number: str) -> ResponseReturnValue:
    """Everything of the ticket but who complained."""
    actor = require_actor()
    with transaction() as writing:
        seen = detail.seen_by(writing, actor, number)
        printing.print_file(writing, seen.ticket, seen.facts, actor=actor)
    read = db.session()
    page = detail.page(read, actor, seen, now())
    orders = [line.order for line in queries.orders(read, seen) if line.order.number]
    acts = (Action.EXTEND, Action.APPROVE, Action.SEND_BACK, Action.SUSPEND, Action.RESUME, Action.UPHOLD)
    return render_template(
        "prints/file.html",
        ticket=seen.ticket,
        seen=seen,
        page=page,
        orders=[(order, queries.papers(read, order)) for order in orders],
        inquiries=queries.inquiries(read, seen),
        approvals=[event for event in page.events if event.action in acts],
        told=[event for event in page.events if event.action in {Action.NOTIFY, Action.ANSWERED}],
        calls=[event for event in page.events if event.action is Action.CALLED_BACK],
        office=_office(),
        moment=_moment,
        full_day=full_day,
        printed=printed_by(actor.display_name),
    )


def sealed_page(number: str) -> ResponseReturnValue:
    """Who complained, on a page of its own for the sealed envelope."""
    actor = require_actor()
    try:
        with transaction() as writing:
            seen = detail.seen_by(writing, actor, number)
            people = printing.print_identity(
                writing, seen.ticket, seen.facts, actor=actor, reason=request.form.get("reason", "")
            )
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        return _index(detail.seen_by(db.session(), actor, number), refusal), 422
    return render_template(
        "prints/identity.html",
        ticket=seen.ticket,
        seen=seen,
        people=people,
        office=_office(),
        printed=printed_by(actor.display_name),
    )


def _office() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.office.name


def _day(value: datetime | None) -> str:
    return full_day(office_day(value)) if value is not None else ""


def _moment(value: datetime | None) -> str:
    """2026年11月24日 15:05; empty for what has not happened yet, so that it can be filled in by hand."""
    if value is None:
        return ""
    local = office_time(value)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def printed_by(who: str) -> str:
    """The line at the foot of a paper: when and by whom."""
    return f"{_moment(now())} {who}打印"
