"""The released text (脱敏摘要): drafted from what is known, checked for leaks, confirmed by a person.

Schools, supervisors and reports get nothing else of a complaint. The check knows everything the case knows: its people,
their words, the names of their files, those of the tickets that were merged into it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.text import clean_text
from tickets import history, identity, registers
from tickets.actions import Asker
from tickets.deadlines import ledger
from tickets.handling import loading
from tickets.masking.leak_check import VERBATIM, Leak, leaks, summary
from tickets.masking.mask import Identity
from tickets.masking.names import CALLED, NO_NAME
from tickets.masking.patterns import NAME
from tickets.masking.phones import figures, normalise_phone
from tickets.models import Ticket
from tickets.orders.rules import RELEASE_STEP, TEXT_AT_MOST
from tickets.policy import Permission, may
from tickets.vocabulary import Action, Status

# Working texts leave a child's name readable where it might be any word; in what leaves the office that is not good enough.
_CHILD = re.compile(
    rf"(?:孩子|小孩|儿子|女儿|孙子|孙女|外孙|学生|同学)(?:的?名字叫|名叫|姓名|叫做?|是|[:,，：])?\s?({CALLED})"
    r"(?=[\s,，.。;；、()（）]|在|读|就读|上[小初高幼]|今年|现在|$)"
)


class Leaking(DomainError):
    """The text could tell who complained. `found` says where and what to do; it may be shown to who typed it, never logged."""

    def __init__(self, found: Iterable[Leak]) -> None:
        self.found = tuple(found)
        super().__init__(summary(self.found))


@dataclass(frozen=True, kw_only=True, repr=False)
class Known:
    """What a case knows that nobody else may learn; has no repr, so that it cannot slip into a log."""

    identity: Identity
    names: tuple[str, ...]
    said: str


def known_of(session: Session, ticket: Ticket) -> Known:
    """Everything the leak check of a ticket has to know. Opens what is sealed: for the check alone."""
    return _known_of_all(session, (ticket, *_merged_here(session, ticket)))


def _known_of_all(session: Session, tickets: Iterable[Ticket]) -> Known:
    people: list[identity.Person] = []
    names: list[str] = []
    others: list[str] = []
    said: list[str] = []
    for each in tickets:
        people += identity.open_complainants(session, each)
        for replaced in identity.open_replacements(session, each):
            (names if replaced.kind == NAME else others).append(replaced.original)
        names += identity.open_names(session, each)
        said += identity.open_said(session, each)
        others += identity.open_own_file_names(session, each)
    verbatim = "\n".join(said)
    names += [name for name in _CHILD.findall(verbatim) if name not in NO_NAME]
    return Known(
        identity=Identity(
            names=tuple(person.name for person in people if person.name),
            phones=tuple(person.phone for person in people if person.phone),
            emails=tuple(person.email for person in people if person.email),
            addresses=tuple(person.address for person in people if person.address),
            others=tuple(dict.fromkeys(others)),
        ),
        names=tuple(dict.fromkeys(names)),
        said=verbatim,
    )


def check(
    session: Session, ticket: Ticket, *texts: str, allowed: Iterable[str] = (), with_said: bool = True
) -> None:
    """Raises Leaking if any of the texts could tell who complained; `allowed` is what a recorded consent lets pass.

    `with_said=False` is for what has been issued already: a complainant who quotes it later must not make it a leak.
    """
    known, public = known_of(session, ticket), registers.public_words(session)
    found = leaks(
        "\n".join(texts),
        identity=known.identity,
        names_of_case=known.names,
        verbatim=known.said if with_said else "",
        allowed=tuple(allowed),
        public_phones=public.phones,
        public_emails=public.emails,
        schools=public.schools,
    )
    if found:
        raise Leaking(found)


def check_letter(session: Session, ticket: Ticket, main: Ticket, *texts: str) -> None:
    """Raises Leaking if a letter to the complainant of a ticket tells of those whose matter was merged with it.

    What the reader has said or is called himself is no leak; a telephone that is nobody's of them is none either.
    """
    others = [each for each in (main, *_merged_here(session, main)) if each.id != ticket.id]
    if not others:
        return
    theirs, own = _known_of_all(session, others), _known_of_all(session, (ticket,))
    text, public = "\n".join(texts), registers.public_words(session)
    of_reader = (*own.identity.names, *own.identity.phones, *own.identity.emails, *own.identity.addresses)
    found = leaks(
        text,
        identity=theirs.identity,
        names_of_case=theirs.names,
        verbatim=theirs.said,
        allowed=(*of_reader, *own.names),
        public_phones=public.phones,
        public_emails=public.emails,
        schools=public.schools,
    )
    of_anybody = {(leak.kind, leak.excerpt) for leak in leaks(text, identity=Identity())}
    contacts = {_contact(each) for each in (*theirs.identity.phones, *theirs.identity.emails)}
    telling = [
        leak
        for leak in found
        if ((leak.kind, leak.excerpt) not in of_anybody or _contact(leak.excerpt) in contacts)
        and not _said_by_reader(leak, own)
    ]
    if telling:
        raise Leaking(telling)


def _contact(excerpt: str) -> str:
    return normalise_phone(excerpt) or figures(excerpt)


def _said_by_reader(leak: Leak, own: Known) -> bool:
    """Thirty parents may send the same letter."""
    if leak.kind != VERBATIM:
        return leak.excerpt in own.said
    return any(
        again.kind == VERBATIM for again in leaks(leak.excerpt, identity=Identity(), verbatim=own.said)
    )


def confirm(
    session: Session, number: str, *, version: int, actor: Actor, fields: Mapping[str, str]
) -> Ticket:
    """Keeps the text a person has confirmed as the ticket's released text; Leaking if it must not be released."""
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None or not may(actor, Permission.VIEW, loading.facts_of(session, ticket)):
        raise NotFound("没有这一件，或者它不归您查看。")
    state = loading.state_of(session, ticket)
    if not Asker(actor=actor, principals=loading.principals_of(session, actor)).may(RELEASE_STEP, state):
        raise NotAllowed("脱敏摘要由本件的经办人或股室负责人确认。")
    if ticket.version != version:
        raise StaleVersion("刚才有人已经保存了这一件。请对照现在的内容后再确认。")
    if ticket.status in {Status.VOIDED, Status.MERGED}:
        raise DomainError(f"这一件现在是“{ticket.status.label}”，不需要脱敏摘要。")
    text = clean_text(fields.get("text", "")).strip()
    if not text:
        raise DomainError("请先写好脱敏摘要。")
    if len(text) > TEXT_AT_MOST:
        raise DomainError(f"脱敏摘要最多 {TEXT_AT_MOST} 字，现在是 {len(text)} 字，请精简。")
    check(session, ticket, text)
    ticket.released_text, ticket.released_by_id, ticket.released_at = text, actor.id, now()
    flag_modified(ticket, "released_text")
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.RELEASE,
        actor=actor,
        from_status=ticket.status,
        reason=text,
        **ledger.for_history(session, ticket),
    )
    return ticket


def _merged_here(session: Session, ticket: Ticket) -> list[Ticket]:
    return list(
        session.scalars(
            sa.select(Ticket)
            .where(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED)
            .order_by(Ticket.id)
        )
    )
