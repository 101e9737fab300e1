"""Disclosure consent (同意披露): what a complainant has agreed that one school may know, and the end of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import vault
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.text import clean_line
from tickets import history, identity
from tickets.actions import Asker
from tickets.deadlines import ledger
from tickets.handling import filling, loading
from tickets.models import DisclosureConsent, Ticket
from tickets.models.people import random_id
from tickets.orders.registers import school_named
from tickets.orders.rules import CONSENT_STEP, WITHDRAWAL_STEP
from tickets.orders.words import ConsentGiven, Disclosed
from tickets.policy import Permission, may
from tickets.vocabulary import OPEN_STATUSES, Action

_APART = re.compile(r"[、,，;；\n]+")


def record(session: Session, number: str, *, actor: Actor, fields: Mapping[str, str]) -> DisclosureConsent:
    """Notes a consent. The words themselves are sealed; history and pages say only of what kind they are."""
    ticket = _ticket(session, number, actor)
    _check_may(session, ticket, actor)
    words = _words(fields)
    if not words:
        raise DomainError("请写明反映人同意披露哪些字样：学生姓名、班级、家长姓名或电话，至少一项。")
    _mask_from_now_on(session, ticket, words)
    filled = filling.fill(session, ticket, CONSENT_STEP, fields, position=_next(session, ticket))
    school = school_named(session, filled.said["school"])
    at = filled.moment("at")
    if at > now():
        raise DomainError("同意的时间不能晚于现在。")
    key = vault.data_key(session, ticket.data_key_id)
    row_id = random_id()
    kinds = [kind for kind in Disclosed if kind in words]
    consent = DisclosureConsent(
        id=row_id,
        ticket_id=ticket.id,
        school_id=school.id,
        school_name=school.name,
        what=",".join(kinds),
        words_sealed=vault.seal(key, json.dumps(words, ensure_ascii=False), place=_place(row_id)),
        how=filled.choice("how", ConsentGiven),
        agreed_at=at,
        note=filled.text("reason"),
        recorded_by=actor.display_name,
        recorded_at=now(),
    )
    session.add(consent)
    session.flush()
    _note(
        session,
        ticket,
        actor,
        f"反映人同意向{school.name}披露{'、'.join(kind.label for kind in kinds)}（{consent.how.label}）：{consent.note}",
        consent=row_id,
    )
    return consent


def withdraw(
    session: Session, number: str, consent_id: str, *, actor: Actor, fields: Mapping[str, str]
) -> None:
    """The complainant wants it no more: nothing of it passes from now on; what was issued cannot be called back so."""
    ticket = _ticket(session, number, actor)
    _check_may(session, ticket, actor)
    row = session.get(DisclosureConsent, consent_id, with_for_update=True)
    if row is None or row.ticket_id != ticket.id:
        raise NotFound("没有这条同意披露的记录。")
    if row.withdrawn_at is not None:
        raise DomainError("这条同意已经撤回过了。")
    filled = filling.fill(session, ticket, WITHDRAWAL_STEP, fields, position=_next(session, ticket))
    row.withdrawn_at = now()
    session.flush()
    _note(
        session,
        ticket,
        actor,
        f"反映人撤回向{row.school_name}披露的同意：{filled.text('reason')}",
        consent=consent_id,
    )


def allowed_words(session: Session, ticket: Ticket, school_id: int) -> tuple[str, ...]:
    """What may pass to one school, word by word; for the leak check alone."""
    rows = session.execute(
        sa.select(DisclosureConsent.id, DisclosureConsent.words_sealed).where(
            DisclosureConsent.ticket_id == ticket.id,
            DisclosureConsent.school_id == school_id,
            DisclosureConsent.withdrawn_at.is_(None),
        )
    ).all()
    if not rows:
        return ()
    key = vault.data_key(session, ticket.data_key_id)
    found = [json.loads(vault.unseal(key, row.words_sealed, place=_place(row.id))) for row in rows]
    return tuple(word for words in found for each in words.values() for word in each)


def _words(fields: Mapping[str, str]) -> dict[str, list[str]]:
    found = {}
    for kind in Disclosed:
        words = [clean_line(each) for each in _APART.split(fields.get(kind.value, "")) if clean_line(each)]
        if any(len(word) < 2 or len(word) > 40 for word in words):
            raise DomainError(f"“{kind.label}”请写完整的字样，每个 2 到 40 个字，用顿号隔开。")
        if words:
            found[kind.value] = words
    return found


def _mask_from_now_on(session: Session, ticket: Ticket, words: Mapping[str, list[str]]) -> None:
    """A child's name that was agreed to is still nobody else's business: working texts hide it everywhere."""
    named = [*words.get(Disclosed.PUPIL, ()), *words.get(Disclosed.PARENT, ())]
    if named:
        identity.add_names(session, ticket, vault.data_key(session, ticket.data_key_id), named)
        session.flush()


def _ticket(session: Session, number: str, actor: Actor) -> Ticket:
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None or not may(actor, Permission.VIEW, loading.facts_of(session, ticket)):
        raise NotFound("没有这一件，或者它不归您查看。")
    return ticket


def _check_may(session: Session, ticket: Ticket, actor: Actor) -> None:
    asker = Asker(actor=actor, principals=loading.principals_of(session, actor))
    if not asker.may(CONSENT_STEP, loading.state_of(session, ticket)):
        raise NotAllowed("同意披露由本件的经办人或股室负责人登记。")
    if ticket.status not in OPEN_STATUSES:
        raise DomainError(f"这一件现在是“{ticket.status.label}”，不用再登记同意披露。")


def _note(session: Session, ticket: Ticket, actor: Actor, said: str, *, consent: str) -> None:
    history.add_event(
        session,
        ticket,
        Action.CONSENT,
        actor=actor,
        from_status=ticket.status,
        reason=said,
        **ledger.for_history(session, ticket),
        consent=consent,
    )


def _next(session: Session, ticket: Ticket) -> int:
    return history.next_position(session, ticket)


def _place(row_id: str) -> str:
    return f"disclosure_consent|words|{row_id}"
