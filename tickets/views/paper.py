"""纸质审批补录: what was signed on paper is entered with its scan, and the one who signed looks at it afterwards."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import MultipleFileField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from accounts.actor import Actor
from accounts.current import require_actor
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import OfficeForm, whole_number
from core.registry import Banner
from core.scans import keep_scan
from tickets import paper
from tickets.action_rules import Field, Kind
from tickets.actions import TicketState, next_step
from tickets.forms.acts import ActChoices, field_for
from tickets.forms.fields import day_of
from tickets.messages import NewAttachment
from tickets.paper import Signable, Signed
from tickets.queries import detail
from tickets.queries.detail import Seen
from tickets.queries.registers import category_choices, people_choices, section_choices
from tickets.views import acting
from tickets.vocabulary import Action, PaperVerdict

SCANS_AT_MOST = 10
_SIGNED_ON = Field(name="signed_on", label="签字日期", kind=Kind.DAY, required=True)
_NOT_FIELDS = frozenset({"act", "version", "csrf_token", "approver", "signed_on", "scans"})


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets/<number>/paper", "paper", show)
    bp.add_url_rule("/tickets/<number>/paper", "paper_record", record, methods=["POST"])
    bp.add_url_rule("/papers", "papers", mine)
    bp.add_url_rule("/papers/<int:paper_id>", "paper_judge", judge, methods=["POST"])


def show(number: str) -> ResponseReturnValue:
    """What can have been decided on paper; with one of them chosen, its form."""
    actor = require_actor()
    return _page(detail.seen_by(db.session(), actor, number), actor, request.args.get("act", ""))


def record(number: str) -> ResponseReturnValue:
    """Enters it; the letters that follow go out as if it had been decided here."""
    actor, chosen = require_actor(), request.form.get("act", "")
    seen = detail.seen_by(db.session(), actor, number)  # 404 before a file is stored
    action = next((each for each in Action if each.value == chosen), Action.PAPER)  # which nobody signs
    try:
        signed = _signed()
        with transaction() as writing:
            carried = paper.record(
                writing,
                number,
                action,
                version=whole_number(request.form.get("version")) or 0,
                recorder=actor,
                signed=signed,
                fields={name: text for name, text in request.form.items() if name not in _NOT_FIELDS},
            )
            acting.say(carried, action)
    except DomainError as refusal:
        if isinstance(refusal, (NotFound, NotAllowed)):
            raise
        end_read()
        seen = detail.seen_by(db.session(), actor, number)
        status = 409 if isinstance(refusal, StaleVersion) else 422
        return _page(seen, actor, chosen, message=str(refusal)), status
    return redirect(url_for("tickets.show", number=number), code=303)


def _signed() -> Signed:
    signed_on = day_of(request.form.get("signed_on", ""))
    if signed_on is None:
        raise DomainError("请填写签字日期，写成 2026-12-01 这样。")
    return Signed(approver=request.form.get("approver", ""), on=signed_on, scans=_scans())


def _scans() -> tuple[NewAttachment, ...]:
    uploads = request.files.getlist("scans")[:SCANS_AT_MOST]
    kept = [scan for upload in uploads if (scan := keep_scan(upload)) is not None]
    return tuple(
        NewAttachment(
            name=f"审批件.{scan.ending}", content_type=scan.content_type, size=scan.size, blob=scan.blob
        )
        for scan in kept
    )


def _page(seen: Seen, actor: Actor, chosen: str, *, message: str = "") -> str:
    read = db.session()
    page = detail.page(read, actor, seen, now())
    if not paper.may_record(actor, page.state):
        raise NotAllowed("纸质审批由本股室的工作人员补录。")
    found = paper.signable(read, page.state, actor)
    act = next((each for each in found if each.rule.action.value == chosen), None)
    return render_template(
        "tickets/paper.html",
        ticket=seen.ticket,
        seen=seen,
        page=page,
        found=found,
        act=act,
        form=_form(act, seen, page.state) if act else None,
        message=message,
        last=page.events[-1],
    )


def _form(act: Signable, seen: Seen, state: TicketState) -> OfficeForm:
    read = db.session()

    class _PaperForm(OfficeForm):
        class Meta(OfficeForm.Meta):
            csrf = False  # the page brings the token

        approver = SelectField(
            "谁签的",
            [InputRequired()],
            choices=[
                SelectChoice("", "请选择"),
                *(SelectChoice(each.username, each.display_name) for each in act.approvers),
            ],
            validate_choice=False,
        )

    choices = ActChoices(
        categories=category_choices(read),
        people=people_choices(read, seen.section.id),
        sections=section_choices(),
    )
    _PaperForm.signed_on = field_for("paper", _SIGNED_ON)
    for asked in next_step(act.rule, state).fields:
        words = asked.name == "reason"
        changed = Field(
            name=asked.name,
            label="意见原文" if words else asked.label,
            kind=Kind.TEXT if words else asked.kind,
            required=words or asked.required,
            choices=asked.choices,
            hint="照抄纸上写的" if words else asked.hint,
        )
        setattr(_PaperForm, asked.name, field_for("paper", changed, choices))
    _PaperForm.scans = MultipleFileField("扫描件或照片", id="paper-scans")
    return _PaperForm(formdata=request.form if request.method == "POST" else None)


def mine() -> ResponseReturnValue:
    """What others have entered in this person's name."""
    return _mine_page(require_actor())


def _mine_page(actor: Actor, message: str = "") -> str:
    return render_template(
        "tickets/papers.html", rows=paper.waiting(db.session(), actor), verdicts=PaperVerdict, message=message
    )


def judge(paper_id: int) -> ResponseReturnValue:
    actor = require_actor()
    verdict = next((each for each in PaperVerdict if each.value == request.form.get("verdict")), None)
    try:
        with transaction() as writing:
            judged = paper.judge(
                writing, paper_id, actor=actor, verdict=verdict, remark=request.form.get("remark", "")
            )
            said = judged.label
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _mine_page(actor, str(refusal)), 422
    flash(f"已登记：{said}。", "success")
    return redirect(url_for("tickets.papers"), code=303)


def banners(actor: Actor) -> list[Banner]:
    """Above every page until the one who signed has looked."""
    count = paper.waiting_count(db.session(), actor)
    if not count:
        return []
    text = f"有 {count} 条由他人代录的您的书面意见，请核对。"
    return [Banner(level="warning", text=text, url=url_for("tickets.papers"))]
