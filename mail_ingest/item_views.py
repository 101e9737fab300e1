"""The trays, and the page of one mail."""

from __future__ import annotations

import io
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from core import audit
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed
from core.forms import whole_number
from mail_ingest import describing, looking, quarantine, queries, tray
from mail_ingest.forms import AsideForm, OpeningForm
from mail_ingest.models import MailItem
from mail_ingest.queries import PAGE, Tray
from mail_ingest.reading_child import reader
from mail_ingest.vocabulary import ItemReason, ItemState
from tickets import similar

# Three layers, because each alone let something through: the cleaned HTML, the frame's sandbox, and this.
_FRAME_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_FILE_POLICY = "sandbox; default-src 'none'"
_SIMILAR_SHOWN = 5


def register(bp: Blueprint) -> None:
    """Adds these pages to the blueprint of the mail."""
    bp.add_url_rule("/mail/tray", "tray", show_tray)
    bp.add_url_rule("/mail/items/<int:item_id>", "item", item)
    for name, view in (
        ("ticket", make_ticket),
        ("aside", set_aside),
        ("back", take_back),
        ("again", read_again),
        ("raw", raw),
        ("html", html),
    ):
        bp.add_url_rule(f"/mail/items/<int:item_id>/{name}", f"item_{name}", view, methods=["POST"])


def show_tray() -> ResponseReturnValue:
    actor, reading = require_actor(), db.session()
    wanted = next((each for each in Tray if each == request.args.get("view")), Tray.WAITING)
    rows = list(queries.tray(reading, actor, wanted, before=whole_number(request.args.get("after"))))
    shown = rows[:PAGE]
    return render_template(
        "mail/tray.html",
        wanted=wanted,
        trays=Tray,
        counts=queries.counts(reading, actor),
        items=shown,
        looks=looking.looks(reading, shown) if wanted is Tray.WAITING else {},
        numbers=describing.numbers_of(reading, [each.id for each in shown])
        if wanted is Tray.UNREADABLE
        else {},
        addresses=queries.addresses(reading),
        after=shown[-1].id if len(rows) > PAGE else None,
        paged=request.args.get("after") is not None,
    )


def item(item_id: int) -> ResponseReturnValue:
    """One mail, masked; who may read it as it came finds the buttons for that."""
    actor, reading = require_actor(), db.session()
    found = queries.item_seen_by(reading, actor, item_id)
    may_read_verbatim = queries.may_read_verbatim(reading, actor, found)
    number = describing.numbers_of(reading, [found.id]).get(found.id)
    address = describing.address_of(reading, found)
    looks = looking.looks(reading, [found])
    reading.expunge_all()
    end_read()
    mail = describing.read(found, reader())
    words = describing.masked(db.session(), mail.parsed)
    return render_template(
        "mail/item.html",
        item=found,
        mail=mail.parsed,
        trouble=mail.trouble,
        words=words,
        number=number,
        address=address,
        look=looks.get(found.id),
        similar=similar.seen_matches(
            db.session(), actor, f"{words['subject']}\n{words['text']}", limit=_SIMILAR_SHOWN
        )
        if number is None
        else [],
        about=queries.ticket_of_letter(db.session(), mail.parsed.about_message_ids),
        may_read_verbatim=may_read_verbatim,
        waits=found.state is ItemState.NEW and found.kind is not None,
        aside=found.state is ItemState.SET_ASIDE,
        unreadable=found.state is ItemState.QUARANTINED,
        aside_form=AsideForm(formdata=None),
        opening_form=OpeningForm(formdata=None),
    )


def make_ticket(item_id: int) -> ResponseReturnValue:
    actor = _seen(item_id)
    number = tray.make_ticket(item_id, reader(), actor=actor)
    flash(f"已登记为诉求件 {number}，到件时间不变。", "success")
    return redirect(f"/tickets/{number}", code=303)


def set_aside(item_id: int) -> ResponseReturnValue:
    actor, form = _seen(item_id), AsideForm()
    if not form.validate():
        raise DomainError("请选择搁置的理由。")
    with transaction() as session:
        tray.set_aside(session, item_id, ItemReason(form.reason.data), actor=actor)
    flash("已搁置。需要时可以在“已搁置”里恢复。", "success")
    return redirect(url_for("mail.tray"), code=303)


def take_back(item_id: int) -> ResponseReturnValue:
    actor = _seen(item_id)
    with transaction() as session:
        tray.take_back(session, item_id, actor=actor)
    flash("已恢复，重新等待甄别。", "success")
    return redirect(url_for("mail.item", item_id=item_id), code=303)


def read_again(item_id: int) -> ResponseReturnValue:
    actor = _seen(item_id)
    if quarantine.process_again(item_id, reader(), actor=actor):
        flash("这次识别成功，内容已补到诉求件上。", "success")
    else:
        flash("仍然不能识别，请打开原始邮件，在诉求件上人工填写。", "warning")
    return redirect(url_for("mail.item", item_id=item_id), code=303)


def raw(item_id: int) -> Response:
    """The bytes as they came, to be saved; noted before they are handed out."""
    found = _opened_verbatim(item_id, "mail.raw_opened")
    mail = describing.read_raw(found)
    answer = send_file(
        io.BytesIO(mail),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"mail-{item_id}.eml",
    )
    answer.headers["Content-Security-Policy"] = _FILE_POLICY
    return answer


def html(item_id: int) -> Response:
    """The mail as it looked, for the frame on its page: cleaned, under a policy of its own."""
    found = _opened_verbatim(item_id, "mail.html_opened")
    mail = describing.read(found, reader())
    answer = make_response(
        render_template(
            "mail/original.html", html=mail.parsed.html_sanitised, text=mail.parsed.text, trouble=mail.trouble
        )
    )
    answer.headers["Content-Security-Policy"] = _FRAME_POLICY
    return answer


def _seen(item_id: int) -> Actor:
    """Who asks, if this mail is theirs to see; another section's is not there."""
    actor = require_actor()
    queries.item_seen_by(db.session(), actor, item_id)
    end_read()
    return actor


def _opened_verbatim(item_id: int, action: str) -> MailItem:
    actor, form = require_actor(), OpeningForm()
    with transaction() as session:
        found = queries.item_seen_by(session, actor, item_id)
        if not queries.may_read_verbatim(session, actor, found):
            raise NotAllowed("原始邮件只有本件的经办人和股室负责人能看。")
        if not form.validate():
            raise DomainError("请选一个查看的理由。")
        why: dict[str, Any] = {"reason": form.reason.data}
        audit.record(session, action, actor=actor.username, object_ref=found.ref, **why)
        session.expunge(found)
    return found
