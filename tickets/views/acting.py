"""What can be done with a ticket: its buttons, the act itself, and the pages that say no without losing a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import whole_number
from tickets import duties, paper, policy_entries, remarks
from tickets.action_table import TABLE
from tickets.actions import Offer, available
from tickets.forms.acts import ActChoices, ActForm, SentTo, act_forms
from tickets.forms.fields import with_ids
from tickets.forms.overdue import ReasonForm
from tickets.handling import LetterDue, loading
from tickets.letters import owing
from tickets.letters.sending import CarriedOut, carry_out
from tickets.letters.texts import outlines
from tickets.models import TicketEvent
from tickets.opening_rules import OpeningReason, refusal_of_reveal
from tickets.policy_entries import Entry
from tickets.queries import detail
from tickets.queries.correspondence import MessageLine
from tickets.queries.detail import Seen, TicketPage
from tickets.queries.registers import category_choices, people_choices, section_choices
from tickets.standing import tone_of
from tickets.views import conflict, receipts
from tickets.views.uploads import uploads
from tickets.vocabulary import Action, LetterKind, PaperVerdict, ToldBy

_LATE = timedelta(hours=4)  # entered so much later, an event is marked 补录


def ticket_page(
    seen: Seen,
    actor: Actor,
    *,
    codes: list[str] | None = None,
    message: str = "",
    refused_act: Action | None = None,
    late_reason: ReasonForm | None = None,
) -> str:
    """The page of a ticket; after a refusal with its sentence, and the act open with all that was typed."""
    read = db.session()
    page = detail.page(read, actor, seen, now())
    offers = available(actor, page.state, loading.principals_of(read, actor))
    acts = _acts(offers, page, actor, refused_act)
    return render_template(
        "tickets/show.html",
        page=page,
        ticket=seen.ticket,
        seen=seen,
        acts=acts,
        codes=codes or [],
        spoken_number=receipts.spoken_number(seen.ticket.number),
        history=[_history_line(event) for event in page.events],
        files_of=lambda line: _files(line, page),
        message=message,
        tone=tone_of(seen.ticket.status),
        notices=owing.lines(read, seen.ticket),
        may_tell=_may_tell(offers),
        told_by=list(ToldBy),
        outlines=outlines(read) if any(act.offer.action is Action.REPORT_DONE for act in acts) else (),
        reasons=list(OpeningReason),
        answered_by=_answered_by(page),
        why_no_reveal=refusal_of_reveal(actor, seen.facts),
        late_form=with_ids(late_reason or ReasonForm(formdata=None), "late"),
        late_open=late_reason is not None,
        may_remark=remarks.may_add(actor, seen.facts),
        remark_typed=request.form.get("text", "") if message else "",
        may_record_paper=paper.may_record(actor, page.state) and paper.awaited(page.state),
        disputed=[
            event
            for event in page.events
            if event.action is Action.PAPER and PaperVerdict.DISPUTED.value in event.data
        ],
    )


def _answered_by(page: TicketPage) -> list[Entry]:
    """The policy entries a caller was answered with; only where somebody was answered at once."""
    at_once = any(event.action is Action.ANSWER_NOW for event in page.events)
    return policy_entries.used_in(db.session(), page.seen.ticket.id) if at_once else []


def _acts(
    offers: Sequence[Offer], page: TicketPage, actor: Actor, refused_act: Action | None
) -> list[ActForm]:
    read = db.session()
    choices = ActChoices(
        categories=category_choices(read),
        people=people_choices(read, page.seen.section.id),
        sections=section_choices(),
        # A head gives cases to others: one that a head takes needs somebody else's review.
        taken_by=actor.username if actor.has(Role.HANDLER) and not actor.has(Role.HEAD) else "",
    )
    return act_forms(
        offers,
        page.seen.ticket,
        choices,
        typed=request.form,
        refused=refused_act,
        instead=_instead(offers, page),
    )


def _instead(offers: Iterable[Offer], page: TicketPage) -> dict[Action, SentTo]:
    """Who does what this person may not do because of the own part in it, and where it has to be sent for that."""
    apart = [offer for offer in offers if offer.apart and offer.step.duty]
    if not apart:
        return {}
    read = db.session()
    people, names = duties.staff(read), duties.section_names(read)
    found = {}
    for offer in apart:
        turn = duties.next_person(TABLE[offer.action], page.state, people, names)
        slug = read.get_one(Section, turn.send_to).slug if turn.send_to else ""
        to = names[turn.send_to] if turn.send_to else "分管领导" if turn.to_leader else ""
        found[offer.action] = SentTo(sentence=turn.sentence, to=to, section=slug)
    return found


def _may_tell(offers: Iterable[Offer]) -> bool:
    """Whether a person who is offered this may enter that somebody was told."""
    return any(offer.allowed and offer.action in {Action.NOTIFY, Action.ANSWERED} for offer in offers)


def _history_line(event: TicketEvent) -> dict[str, Any]:
    """One line of the history as the page's timeline draws it."""
    moved = event.from_status is not None and event.from_status is not event.to_status
    said = [f"{event.from_status.label} → {event.to_status.label}"] if moved and event.from_status else []
    return {
        "at": event.occurred_at,
        "who": event.actor,
        "what": event.action.label,
        "text": "\n".join([*said, event.reason] if event.reason else said),
        "late": event.recorded_at - event.occurred_at > _LATE,
    }


def _files(line: MessageLine, page: TicketPage) -> list[dict[str, Any]]:
    """The files of a message; an address only for who may open them."""
    return [
        {
            "name": file.label,
            "size": file.size,
            "url": url_for("tickets.attachment", number=page.seen.ticket.number, attachment_id=file.id)
            if page.may_open_attachments
            else "",
        }
        for file in line.attachments
    ]


def act(number: str) -> ResponseReturnValue:
    """Does what a button says, at the version the page showed."""
    actor = require_actor()
    action = next((each for each in Action if each.value == request.form.get("action")), None)
    detail.seen_by(db.session(), actor, number)  # 404 before anything else is said
    if action is None or action not in TABLE:
        return refused(number, actor, DomainError("没有这个办理动作。"))
    fields = {name: text for name, text in request.form.items() if name not in conflict.NOT_TYPED}
    try:
        files = uploads() if action is Action.REPORT_DONE else ()
        with transaction() as writing:
            carried = carry_out(
                writing,
                number,
                action,
                version=whole_number(request.form.get("version")) or 0,
                actor=actor,
                fields=fields,
                files=files,
            )
            say(carried, action)
    except StaleVersion:
        return _conflict(number, actor, action)
    except DomainError as refusal:
        return refused(number, actor, refusal, action)
    return redirect(url_for("tickets.show", number=number), code=303)


def say(carried: CarriedOut, action: Action) -> None:
    """What was done, and what has to follow."""
    done = carried.done
    flash(f"{action.label}：已保存，现在是“{done.ticket.status.label}”。", "success")
    for kind, numbers in _by_kind(carried.queued):
        flash(f"{kind.label}（{_few(numbers)}）已放入发件箱，发出后自动登记告知。", "info")
    for kind, numbers in _by_kind(carried.by_hand):
        flash(
            f"还要告知反映人：{kind.label}（{_few(numbers)}）。没有可用的邮箱，请电话、书面或当面告知后登记。",
            "warning",
        )
    if done.split_off is not None:
        new = done.split_off
        receipts.keep(new.ticket.number, new.query_codes)
        flash(f"拆出的新件是 {new.ticket.number}，打开它可以看到查询码（只显示一次）。", "info")


def _by_kind(letters: Iterable[LetterDue]) -> list[tuple[LetterKind, list[str]]]:
    found: dict[LetterKind, list[str]] = {}
    for letter in letters:
        found.setdefault(letter.kind, []).append(letter.number)
    return list(found.items())


def _few(numbers: Sequence[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]} 等 {len(numbers)} 件"


def refused(
    number: str, actor: Actor, refusal: DomainError, action: Action | None = None
) -> ResponseReturnValue:
    """The page again with the sentence of the rule; what must not be known of stays unknown."""
    if isinstance(refusal, (NotFound, NotAllowed)):
        raise refusal
    end_read()
    seen = detail.seen_by(db.session(), actor, number)
    return ticket_page(seen, actor, message=str(refusal), refused_act=action), 422


def _conflict(number: str, actor: Actor, action: Action) -> ResponseReturnValue:
    """Somebody was faster: what stands now beside what was typed."""
    end_read()
    seen = detail.seen_by(db.session(), actor, number)
    page = detail.page(db.session(), actor, seen, now())
    fields = {each.name: each for step in TABLE[action].steps for each in step.fields}
    html = conflict.page(
        page,
        what=action.label,
        rows=conflict.rows(fields, request.form, conflict.standing_now(page)),
        back=url_for("tickets.show", number=number),
    )
    return html, 409
