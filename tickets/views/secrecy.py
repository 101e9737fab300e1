"""保密: who had to do with a ticket, pressure, inquiries after a leak, sealed hand-overs; and the search by telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.vocabulary import Role
from config.settings import Settings
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound
from core.forms import whole_number
from core.templating import office_datetime
from tickets.forms.secrecy import PhoneSearchForm, form_for
from tickets.queries import detail
from tickets.queries import secrecy as queries
from tickets.queries.detail import Seen
from tickets.secrecy import leak_inquiries, notices, phone_search, pressures, sealed_hand_overs
from tickets.secrecy.phone_search import Found
from tickets.secrecy.words import SealedVerb
from tickets.views.prints import printed_by

_TOLD_AT_MOST = 50


def add_to(bp: Blueprint) -> None:
    rule = "/tickets/<number>/secrecy"
    bp.add_url_rule(rule, "secrecy", show)
    bp.add_url_rule(f"{rule}/pressures", "pressure", pressure, methods=["POST"])
    bp.add_url_rule(f"{rule}/inquiries", "leak_inquiry_start", inquiry_start, methods=["POST"])
    bp.add_url_rule(f"{rule}/inquiries/<inquiry_id>", "leak_inquiry", inquiry)
    bp.add_url_rule(
        f"{rule}/inquiries/<inquiry_id>/conclusion", "leak_inquiry_end", inquiry_end, methods=["POST"]
    )
    bp.add_url_rule(f"{rule}/sealed", "sealed_ask", sealed_ask, methods=["POST"])
    bp.add_url_rule(f"{rule}/sealed/<sealed_id>/actions", "sealed_act", sealed_act, methods=["POST"])
    bp.add_url_rule(f"{rule}/sealed/<sealed_id>/print", "sealed_print", sealed_print, methods=["POST"])
    bp.add_url_rule("/secrecy", "guard", guard)
    bp.add_url_rule("/secrecy/read", "guard_read", guard_read, methods=["POST"])
    bp.add_url_rule("/secrecy/phone", "phone_search", search, methods=["POST"])


def show(number: str) -> ResponseReturnValue:
    return _page(detail.seen_by(db.session(), require_actor(), number))


def _page(seen: Seen, refusal: DomainError | None = None, owner: str = "", row_id: str = "") -> str:
    """The page; after a refusal with its sentence, and the form open with what was typed."""

    def form(name: str, of: str = "") -> object:
        return form_for(name, row_id=of, typed=request.form if (name, of) == (owner, row_id) else None)

    return render_template(
        "secrecy/ticket.html",
        ticket=seen.ticket,
        seen=seen,
        page=queries.page(db.session(), require_actor(), seen),
        refusal=refusal,
        owner=owner,
        row_id=row_id,
        form=form,
    )


def _done(
    number: str,
    act: Callable[[Session, Actor], object],
    said: str,
    *,
    owner: str,
    anchor: str,
    row_id: str = "",
) -> ResponseReturnValue:
    """Does one act in its transaction; a refusal shows the page again with everything that was typed."""
    actor = require_actor()
    try:
        with transaction() as writing:
            act(writing, actor)
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        end_read()
        return _page(detail.seen_by(db.session(), actor, number), refusal, owner, row_id), 422
    flash(said, "success")
    return redirect(url_for("tickets.secrecy", number=number, _anchor=anchor), code=303)


def pressure(number: str) -> ResponseReturnValue:
    return _done(
        number,
        lambda writing, actor: pressures.record(writing, number, actor=actor, fields=request.form),
        "已登记，已告知股室负责人和分管领导，并计入专报。",
        owner="pressure",
        anchor="pressures",
    )


def inquiry_start(number: str) -> ResponseReturnValue:
    return _done(
        number,
        lambda writing, actor: leak_inquiries.start(writing, number, actor=actor, fields=request.form),
        "泄密核查已启动：本件限制知悉，只有股室负责人和分管领导能看；办结前不向学校发出任何材料。",
        owner="inquiry",
        anchor="inquiries",
    )


def inquiry(number: str, inquiry_id: str) -> ResponseReturnValue:
    """What was frozen when the inquiry was started."""
    actor, read = require_actor(), db.session()
    seen = detail.seen_by(read, actor, number)
    row, record = queries.inquiry_of(read, actor, seen, inquiry_id)
    return render_template(
        "secrecy/inquiry.html", ticket=seen.ticket, seen=seen, inquiry=row, record=record, moment=_moment
    )


def _moment(written: str) -> str:
    """A moment of the frozen record as the pages write moments."""
    return office_datetime(datetime.fromisoformat(written)) if written else "—"


def inquiry_end(number: str, inquiry_id: str) -> ResponseReturnValue:
    return _done(
        number,
        lambda writing, actor: leak_inquiries.conclude(
            writing, number, inquiry_id, actor=actor, fields=request.form
        ),
        "泄密核查已办结。",
        owner="conclusion",
        row_id=inquiry_id,
        anchor="inquiries",
    )


def sealed_ask(number: str) -> ResponseReturnValue:
    return _done(
        number,
        lambda writing, actor: sealed_hand_overs.ask(writing, number, actor=actor, fields=request.form),
        "申请已登记，等股室负责人和分管领导批准。",
        owner="sealed",
        anchor="sealed",
    )


def sealed_act(number: str, sealed_id: str) -> ResponseReturnValue:
    verb = next((each for each in SealedVerb if each.value == request.form.get("verb")), None)

    def decide(writing: Session, actor: Actor) -> None:
        detail.seen_by(writing, actor, number)
        if verb is None:
            raise DomainError("没有这个办理动作。")
        sealed_hand_overs.decide(
            writing,
            number,
            sealed_id,
            verb,
            version=whole_number(request.form.get("version")) or 0,
            actor=actor,
            fields=request.form,
        )

    said = f"{verb.label}：已保存。" if verb else ""
    return _done(number, decide, said, owner=verb.value if verb else "", row_id=sealed_id, anchor="sealed")


def sealed_print(number: str, sealed_id: str) -> ResponseReturnValue:
    """The sheet for the envelope, once."""
    actor = require_actor()
    try:
        with transaction() as writing:
            sheet = sealed_hand_overs.print_sheet(writing, number, sealed_id, actor=actor)
            writing.expunge(sheet.hand_over)
    except (NotFound, NotAllowed):
        raise
    except DomainError as refusal:
        end_read()
        return _page(detail.seen_by(db.session(), actor, number), refusal), 422
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "secrecy/sheet.html",
        number=number,
        seen=detail.seen_by(db.session(), actor, number),
        sheet=sheet,
        row=sheet.hand_over,
        office=settings.office.name,
        printed=printed_by(actor.display_name),
    )


def guard() -> ResponseReturnValue:
    return _guard_page(PhoneSearchForm())


def guard_read() -> ResponseReturnValue:
    actor = require_actor()
    with transaction() as writing:
        count = notices.note_read(writing, actor)
    flash(f"{count} 条已阅。" if count else "没有未阅的提醒。", "info")
    return redirect(url_for("tickets.guard"), code=303)


def search() -> ResponseReturnValue:
    """A POST, so that no number stands in an address, a history or a log."""
    actor, form = require_actor(), PhoneSearchForm()
    if not form.validate():
        return _guard_page(form), 422
    try:
        with transaction() as writing:
            found = phone_search.search(writing, form.phone.data or "", form.reason.data or "", actor=actor)
    except DomainError as refusal:
        end_read()
        return _guard_page(form, refusal=str(refusal)), 422
    return _guard_page(form, found=found)


def _guard_page(form: PhoneSearchForm, *, found: list[Found] | None = None, refusal: str = "") -> str:
    actor, read = require_actor(), db.session()
    return render_template(
        "secrecy/office.html",
        form=form,
        found=found,
        refusal=refusal,
        may_search=actor.has(Role.HANDLER, Role.HEAD),
        deciding=actor.has(Role.HEAD, Role.LEADER),
        told=notices.of(read, actor, at_most=_TOLD_AT_MOST),
        unread=notices.unread(read, actor),
        waiting=queries.waiting(read, actor),
        today=now(),
    )
