"""/supervision/orders: an order is written down or issued, answered by its section, accepted or returned."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.models import Section
from core import audit
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import whole_number
from core.text import clean_line
from reports import order_facts, scans, supervision, watching
from reports.forms import AnswerForm, OrderForm, VerdictForm
from reports.models import SupervisionOrder
from reports.records import office_name
from reports.scans import Scan
from reports.supervision import NewOrder
from reports.vocabulary import OrderState, ReceivedBy, Verdict


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/supervision/orders/new", "new_order", new_order, methods=["GET", "POST"])
    bp.add_url_rule("/supervision/orders/<number>", "order", show)
    bp.add_url_rule("/supervision/orders/<number>/scan", "scan", scan)
    bp.add_url_rule("/supervision/orders/<number>/paper", "order_paper", order_paper)
    bp.add_url_rule("/supervision/orders/<number>/answer", "answer_paper", answer_paper)
    bp.add_url_rule("/supervision/orders/<number>/answer", "answer", answer, methods=["POST"])
    bp.add_url_rule("/supervision/orders/<number>/verdict", "verdict", verdict, methods=["POST"])


def new_order() -> ResponseReturnValue:
    """The form of a new order; who may give none is refused."""
    actor = require_actor()
    if not supervision.kinds_open_to(actor):
        raise NotAllowed("您的岗位不能登记督办。")
    form = OrderForm.for_person(actor)
    if request.method == "GET":
        form.tickets.data = clean_line(request.args.get("tickets", ""), 60)
        return render_template("reports/new_order.html", form=form, message="")
    if not form.validate_on_submit():
        return render_template("reports/new_order.html", form=form, message=""), 422
    try:
        kept = scans.kept(form.scan.data)
        with transaction() as writing:
            order = supervision.record_order(writing, _wanted(form, kept), actor=actor)
            number = order.number
    except DomainError as refusal:
        end_read()
        return render_template("reports/new_order.html", form=form, message=str(refusal)), 422
    flash(f"督办 {number} 已登记，会写进本期专报。", "success")
    return redirect(url_for(".order", number=number), code=303)


def _wanted(form: OrderForm, kept: Scan | None) -> NewOrder:
    if form.issued_on.day is None:
        raise DomainError("请填写来文日期。")
    return NewOrder(
        kind=form.kind_chosen(),
        received_by=ReceivedBy(form.received_by.data),
        issuer=form.issuer.data or "",
        issued_on=form.issued_on.day,
        due_on=form.due_on.day,
        demand=form.demand.data,
        section=form.section.data or "",
        paper_number=form.paper_number.data or "",
        tickets=tuple((form.tickets.data or "").replace("，", " ").replace("、", " ").split()),
        scan=kept,
    )


def show(number: str) -> ResponseReturnValue:
    return _page(number)


def _seen(number: str, actor: Actor) -> SupervisionOrder:
    order = db.session.scalars(
        sa.select(SupervisionOrder).where(SupervisionOrder.number == number)
    ).one_or_none()
    if order is None or not supervision.sees(actor, order):
        raise NotFound("没有这份督办。")
    return order


def _page(
    number: str,
    *,
    answering: AnswerForm | None = None,
    judging: VerdictForm | None = None,
    message: str = "",
) -> str:
    actor, session = require_actor(), db.session()
    order = _seen(number, actor)
    version = str(order.version)
    return render_template(
        "reports/order.html",
        order=order,
        section=session.get_one(Section, order.section_id).name,
        tickets=watching.tickets_of(session, [order.id]).get(order.id, ()),
        steps=watching.steps_of(session, order),
        late=watching.is_late(order, office_day(now())),
        timeline=order_facts.timeline(session, order),
        answering=(answering or AnswerForm(version=version))
        if supervision.may_answer(actor, order)
        else None,
        judging=(judging or VerdictForm(version=version))
        if supervision.may_judge(session, actor, order)
        else None,
        message=message,
    )


def answer(number: str) -> ResponseReturnValue:
    """书面说明."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(number, answering=form), 422
    try:
        with transaction() as writing:
            supervision.answer(
                writing,
                number,
                version=_version(form.version.data),
                reason=form.reason.data,
                measures=form.measures.data,
                actor=require_actor(),
            )
    except (NotFound, NotAllowed, StaleVersion):
        raise
    except DomainError as refusal:
        end_read()
        return _page(number, answering=form, message=str(refusal)), 422
    flash("书面说明已提交。", "success")
    return redirect(url_for(".order", number=number), code=303)


def verdict(number: str) -> ResponseReturnValue:
    """Enough, or not."""
    form = VerdictForm()
    if not form.validate_on_submit():
        return _page(number, judging=form), 422
    try:
        with transaction() as writing:
            supervision.judge(
                writing,
                number,
                version=_version(form.version.data),
                accept=form.verdict.data == Verdict.ACCEPT.value,
                note=form.note.data or "",
                actor=require_actor(),
            )
    except (NotFound, NotAllowed, StaleVersion):
        raise
    except DomainError as refusal:
        end_read()
        return _page(number, judging=form, message=str(refusal)), 422
    flash("意见已记下。", "success")
    return redirect(url_for(".order", number=number), code=303)


def order_paper(number: str) -> ResponseReturnValue:
    """The order on A4, to be handed over signed."""
    order = _printed(number, "order")
    session = db.session()
    return render_template(
        "reports/order_paper.html",
        order=order,
        section=session.get_one(Section, order.section_id).name,
        lines=order_facts.limits_of(session, order, now()),
        office=office_name(),
    )


def answer_paper(number: str) -> ResponseReturnValue:
    """书面说明 on A4: the newest answer, or with blanks where none has been given yet."""
    order = _printed(number, "answer")
    session = db.session()
    answers = [step for step in watching.steps_of(session, order) if step.state is OrderState.ANSWERED]
    return render_template(
        "reports/answer_paper.html",
        order=order,
        section=session.get_one(Section, order.section_id).name,
        answer=answers[-1] if answers else None,
        timeline=answers[-1].timeline if answers else order_facts.timeline(session, order),
        office=office_name(),
    )


def _printed(number: str, form: str) -> SupervisionOrder:
    """The order, once it is written down who printed what of it."""
    actor = require_actor()
    with transaction() as writing:
        order = writing.scalars(
            sa.select(SupervisionOrder).where(SupervisionOrder.number == number)
        ).one_or_none()
        if order is None or not supervision.sees(actor, order):
            raise NotFound("没有这份督办。")
        audit.record(writing, "supervision.printed", actor=actor.username, object_ref=order.ref, form=form)
    return _seen(number, actor)


def _version(text: str | None) -> int:
    return whole_number(text) or 0


def scan(number: str) -> ResponseReturnValue:
    """The paper's scan, to be saved; who took it is written down."""
    actor = require_actor()
    with transaction() as writing:
        order = writing.scalars(
            sa.select(SupervisionOrder).where(SupervisionOrder.number == number)
        ).one_or_none()
        if order is None or order.scan_blob is None or not supervision.sees(actor, order):
            raise NotFound("没有这个扫描件。")
        audit.record(writing, "supervision.scan_opened", actor=actor.username, object_ref=order.ref)
        blob, name = order.scan_blob, order.scan_name
    return scans.handed_out(blob, f"{number}-{name}")
