"""The pages of a ticket's orders: released text, drafts, one order's way, consents, inquiries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import whole_number
from tickets import released
from tickets.actions import Asker
from tickets.forms import orders as forms
from tickets.handling import loading
from tickets.models import Order
from tickets.orders import consents, inquiries, sealing
from tickets.orders.perform import perform
from tickets.orders.rules import (
    CONSENT_STEP,
    INQUIRY_STEP,
    RELEASE_STEP,
    TABLE,
    TEXT_AT_MOST,
    OrderFacts,
    OrderOffer,
    offers,
)
from tickets.orders.texts import DEMANDS, proposed_demands, proposed_summary
from tickets.orders.words import OrderVerb
from tickets.policy import Permission, may
from tickets.queries import detail
from tickets.queries import orders as queries
from tickets.queries.detail import Seen
from tickets.views import conflict
from tickets.views.uploads import uploads


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/<number>/orders", "orders", index)
    bp.add_url_rule("/tickets/<number>/orders/new", "order_new", new, methods=["GET", "POST"])
    bp.add_url_rule("/tickets/<number>/orders/<order_id>", "order", show)
    bp.add_url_rule("/tickets/<number>/orders/<order_id>/actions", "order_act", act, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/released", "release", release, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/consents", "consent", consent, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/consents/<consent_id>", "consent_end", consent_end, methods=["POST"])
    bp.add_url_rule("/tickets/<number>/inquiries", "inquire", inquire, methods=["POST"])


def index(number: str) -> ResponseReturnValue:
    actor = require_actor()
    return _index_page(detail.seen_by(db.session(), actor, number), actor)


def _index_page(seen: Seen, actor: Actor, refusal: DomainError | None = None, owner: str = "") -> str:
    """All that leaves for schools; after a refusal with its sentence and what was typed where it was typed."""
    read = db.session()
    page = queries.page(read, seen)
    asker = Asker(actor=actor, principals=loading.principals_of(read, actor))
    typed = {name: request.form if name == owner else None for name in ("release", "consent", "inquire")}
    summary = seen.ticket.released_text or proposed_summary("该校", page.category[1])
    drafting = offers(actor, page.state, OrderFacts(exposing=page.exposing), asker.principals)
    return render_template(
        "orders/index.html",
        page=page,
        ticket=seen.ticket,
        seen=seen,
        refusal=refusal,
        leaks=refusal.found if isinstance(refusal, released.Leaking) else (),
        owner=owner,
        drafting=drafting[0] if drafting else None,
        release_form=forms.release_form(typed=typed["release"], present=summary),
        consent_form=forms.consent_form(typed=typed["consent"], school=page.school),
        inquiry_form=forms.inquiry_form(typed=typed["inquire"]),
        withdrawals={line.row.id: forms.withdrawal_form(line.row.id) for line in page.consents},
        may_release=asker.may(RELEASE_STEP, page.state),
        may_consent=asker.may(CONSENT_STEP, page.state),
        may_inquire=asker.may(INQUIRY_STEP, page.state),
        text_at_most=TEXT_AT_MOST,
    )


def _index_refused(number: str, actor: Actor, refusal: DomainError, owner: str) -> ResponseReturnValue:
    if isinstance(refusal, (NotFound, NotAllowed)):
        raise refusal
    end_read()
    return _index_page(detail.seen_by(db.session(), actor, number), actor, refusal, owner), 422


def release(number: str) -> ResponseReturnValue:
    """Confirms the released text."""
    actor = require_actor()
    try:
        with transaction() as writing:
            released.confirm(writing, number, version=_version(), actor=actor, fields=request.form)
    except StaleVersion:
        return _release_conflict(number, actor), 409
    except DomainError as refusal:
        return _index_refused(number, actor, refusal, "release")
    flash("脱敏摘要已确认。学校、监督部门和报告只能看到这一段。", "success")
    return redirect(url_for("tickets.orders", number=number), code=303)


def _release_conflict(number: str, actor: Actor) -> str:
    end_read()
    seen = detail.seen_by(db.session(), actor, number)
    fields = {each.name: each for each in RELEASE_STEP.fields}
    return conflict.page(
        detail.page(db.session(), actor, seen, now()),
        what="确认脱敏摘要",
        rows=conflict.rows(fields, request.form, {"text": seen.ticket.released_text}),
        back=url_for("tickets.orders", number=number),
    )


def consent(number: str) -> ResponseReturnValue:
    actor = require_actor()
    try:
        with transaction() as writing:
            consents.record(writing, number, actor=actor, fields=request.form)
    except DomainError as refusal:
        return _index_refused(number, actor, refusal, "consent")
    flash("同意披露已登记，只对这所学校的交办单放行这些字样。", "success")
    return redirect(url_for("tickets.orders", number=number, _anchor="consents"), code=303)


def consent_end(number: str, consent_id: str) -> ResponseReturnValue:
    actor = require_actor()
    try:
        with transaction() as writing:
            consents.withdraw(writing, number, consent_id, actor=actor, fields=request.form)
    except DomainError as refusal:
        return _index_refused(number, actor, refusal, "withdraw")
    flash("已登记撤回同意；今后的交办单不再放行。", "success")
    return redirect(url_for("tickets.orders", number=number, _anchor="consents"), code=303)


def inquire(number: str) -> ResponseReturnValue:
    actor = require_actor()
    detail.seen_by(db.session(), actor, number)  # 404 before a file is stored
    try:
        files = uploads()
        with transaction() as writing:
            inquiries.record(
                writing,
                number,
                actor=actor,
                fields=request.form,
                ways=request.form.getlist("ways"),
                files=files,
            )
    except DomainError as refusal:
        return _index_refused(number, actor, refusal, "inquire")
    flash("直接核查已登记。", "success")
    return redirect(url_for("tickets.orders", number=number, _anchor="inquiries"), code=303)


def new(number: str) -> ResponseReturnValue:
    """The form of a new draft, begun with what is known; POST keeps it."""
    actor = require_actor()
    seen = detail.seen_by(db.session(), actor, number)
    if request.method == "GET":
        return _draft_page(seen, actor)
    try:
        with transaction() as writing:
            done = perform(writing, number, OrderVerb.DRAFT, actor=actor, fields=request.form)
            order_id = done.order.id
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        end_read()
        return _draft_page(detail.seen_by(db.session(), actor, number), actor, refusal), 422
    flash("草稿已保存，核对无误后签发。", "success")
    return redirect(url_for("tickets.order", number=number, order_id=order_id), code=303)


def _draft_page(seen: Seen, actor: Actor, refusal: DomainError | None = None) -> str:
    read = db.session()
    page = queries.page(read, seen)
    found = offers(actor, page.state, OrderFacts(exposing=page.exposing), loading.principals_of(read, actor))
    if not found:
        raise NotAllowed("交办单由本股室的经办人或负责人拟写。")
    if found[0].why_not:
        refusal = refusal or DomainError(found[0].why_not)
    present = {
        "school": page.school,
        "text": seen.ticket.released_text,
        "requirement": proposed_demands(page.category[0]) if page.category[0] else DEMANDS,
        "due": queries.default_due(read).isoformat(),
    }
    return render_template(
        "orders/new.html",
        page=page,
        ticket=seen.ticket,
        seen=seen,
        refusal=refusal,
        leaks=refusal.found if isinstance(refusal, released.Leaking) else (),
        form=forms.draft_form(
            TABLE[OrderVerb.DRAFT].step,
            typed=request.form if request.method == "POST" else None,
            present=present,
        ),
    )


def show(number: str, order_id: str) -> ResponseReturnValue:
    actor = require_actor()
    return _order_page(detail.seen_by(db.session(), actor, number), actor, order_id)


def _order_page(
    seen: Seen,
    actor: Actor,
    order_id: str,
    refusal: DomainError | None = None,
    refused: OrderVerb | None = None,
) -> str:
    read = db.session()
    line = queries.order_of(read, seen, order_id)
    page = queries.page(read, seen)
    facts = queries.facts_of_line(line, exposing=page.exposing)
    found = offers(actor, page.state, facts, loading.principals_of(read, actor))
    return render_template(
        "orders/show.html",
        page=page,
        ticket=seen.ticket,
        seen=seen,
        line=line,
        order=line.order,
        refusal=refusal,
        leaks=refusal.found if isinstance(refusal, released.Leaking) else (),
        verbs=forms.verb_forms(
            found,
            typed=request.form if refused else None,
            refused=refused,
            present=_present(seen, line.order) if _may_change(found) else {},
        ),
        papers=queries.papers(read, line.order),
        may_open_attachments=may(actor, Permission.OPEN_ATTACHMENT, seen.facts),
        reminder=queries.reminder_text(line, seen, actor, queries.next_working_day(read)),
    )


def _may_change(found: Sequence[OrderOffer]) -> bool:
    return any(offer.rule.verb is OrderVerb.CHANGE for offer in found)


def _present(seen: Seen, order: Order) -> Mapping[str, str]:
    """What a draft says now, as the school would read it; only for who may change it."""
    texts = sealing.open_texts(db.session(), seen.ticket, order)
    return {
        "school": order.school_name,
        "unit": order.unit,
        "text": texts.text,
        "requirement": texts.requirement,
        "due": order.due_day.isoformat(),
    }


def act(number: str, order_id: str) -> ResponseReturnValue:
    """Does what a button says, at the version the page showed."""
    actor = require_actor()
    seen = detail.seen_by(db.session(), actor, number)  # 404 before anything else is said
    queries.order_of(db.session(), seen, order_id)
    verb = next((each for each in OrderVerb if each.value == request.form.get("verb")), None)
    if verb is None or verb is OrderVerb.DRAFT:
        return _refused(number, actor, order_id, DomainError("没有这个办理动作。"))
    try:
        files = uploads() if TABLE[verb].files else ()
        with transaction() as writing:
            done = perform(
                writing,
                number,
                verb,
                actor=actor,
                fields=request.form,
                order_id=order_id,
                version=_version(),
                files=files,
            )
            _say(verb, done.order.called, done.order.state.label, began=done.began)
    except DomainError as refusal:
        return _refused(number, actor, order_id, refusal, verb)
    return redirect(url_for("tickets.order", number=number, order_id=order_id), code=303)


def _refused(
    number: str, actor: Actor, order_id: str, refusal: DomainError, verb: OrderVerb | None = None
) -> ResponseReturnValue:
    if isinstance(refusal, (NotFound, NotAllowed)):
        raise refusal
    end_read()
    seen = detail.seen_by(db.session(), actor, number)
    if isinstance(refusal, StaleVersion) and verb is not None:
        return _order_conflict(seen, actor, order_id, verb), 409
    return _order_page(seen, actor, order_id, refusal, verb), 422


def _order_conflict(seen: Seen, actor: Actor, order_id: str, verb: OrderVerb) -> str:
    """Somebody has gone on with the order: what it says now beside what was typed."""
    read = db.session()
    line = queries.order_of(read, seen, order_id)
    fields = {each.name: each for each in TABLE[verb].step.fields}
    page = detail.page(read, actor, seen, now())
    return conflict.page(
        page,
        what=f"交办单 {line.order.called}：{verb.label}",
        rows=conflict.rows(fields, request.form, _present(seen, line.order)),
        back=url_for("tickets.order", number=seen.ticket.number, order_id=order_id),
    )


def _say(verb: OrderVerb, called: str, state: str, *, began: bool) -> None:
    flash(f"{verb.label}：已保存，{called}现在是“{state}”。", "success")
    if began:
        flash("第一张交办单已签发，本件开始办理。", "info")


def _version() -> int:
    return whole_number(request.form.get("version")) or 0
