"""The acknowledgement: the finished text goes into the outbox, in the transaction of its cause."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.clock import OFFICE_ZONE, now, office_day
from outbox.verbs import enqueue, enqueue_first, recipient_index, rewrite, sent_to_since
from outbox.vocabulary import OutboxKind
from tickets.intake import Registered
from tickets.letters.signing import signature_of, spoken
from tickets.letters.texts import text_in_use
from tickets.letters.threading import with_token
from tickets.letters.wording import dated
from tickets.letters.wording import letter as compose_one
from tickets.registers import once
from tickets.vocabulary import LetterName

ACKNOWLEDGEMENTS_A_DAY = 3
_MORNING = time(8)
_PAIR = "编号：{number}　查询码：{code}"
_LAST_PAIR = re.compile(r"(?m)^(编号：\S+　查询码：[\d ]+)$(?![\s\S]*^编号：\S+　查询码：)")
_NOT_ALL_READ = "邮件中有内容未能正常显示，工作人员会人工核对；如方便，也可来电说明。"


def acknowledge(
    session: Session,
    registered: Registered,
    *,
    recipient: str,
    sender: str,
    written_at: datetime,
    reply_to_id: str,
) -> bool:
    """Tells the sender of a mail its number and query code; never its content. False if none is to be sent.

    One a ticket and three a day an address; what comes after that is told in one letter the next morning. So nobody is
    left without a number, and two machines cannot talk to each other for ever. Never to an address of the office's own.
    """
    settings: Settings = current_app.extensions["settings"]
    today = datetime.combine(office_day(now()), time.min, OFFICE_ZONE)
    if not settings.office.outbox.acknowledge or not recipient or not registered.query_codes:
        return False
    if recipient.strip().lower() in _own_addresses(settings):
        return False
    if sent_to_since(session, recipient, OutboxKind.ACKNOWLEDGEMENT, today) >= ACKNOWLEDGEMENTS_A_DAY:
        return _with_the_rest(session, registered, recipient=recipient, sender=sender)
    ticket = registered.ticket
    letter = compose_one(
        signature_of(session, ticket),
        ticket.number,
        once(session, "acknowledgement", lambda: text_in_use(session, LetterName.ACKNOWLEDGED)),
        来信日期=dated(office_day(written_at)),
        查询码=spoken(registered.query_codes[0]),
        识别提示=_NOT_ALL_READ if ticket.needs_reading else "",
    )
    enqueue_first(
        session,
        OutboxKind.ACKNOWLEDGEMENT,
        dedupe=f"acknowledge/{ticket.number}",
        object_ref=ticket.ref,
        sender=sender,
        recipient=recipient,
        subject=with_token(letter.subject, ticket.number),
        body=letter.body,
        headers={"In-Reply-To": reply_to_id, "References": reply_to_id} if reply_to_id else {},
        text_used=letter.text_used,
    )
    return True


def _own_addresses(settings: Settings) -> set[str]:
    office = settings.office
    return {each.address for each in office.mailboxes} | ({office.smtp.address} if office.smtp else set())


def _with_the_rest(session: Session, registered: Registered, *, recipient: str, sender: str) -> bool:
    """Adds a number to tomorrow's one letter about all the mails that were not acknowledged today."""
    ticket, today = registered.ticket, office_day(now())
    pair = _PAIR.format(number=ticket.number, code=spoken(registered.query_codes[0]))
    dedupe = f"acknowledge-rest/{recipient_index(recipient)}/{today.isoformat()}/{sender}"
    if rewrite(
        session, dedupe, lambda body: _LAST_PAIR.sub(lambda last: f"{last[1]}\n{pair}", body, count=1)
    ):
        return True
    letter = compose_one(
        signature_of(session, ticket),
        f"{ticket.number} 等",
        text_in_use(session, LetterName.ACKNOWLEDGED_REST),
        来信日期=dated(today),
        编号和查询码=pair,
    )
    morning = datetime.combine(today + timedelta(days=1), _MORNING, OFFICE_ZONE)
    row = enqueue(
        session,
        OutboxKind.ACKNOWLEDGEMENT,
        dedupe=dedupe,
        object_ref=ticket.ref,
        sender=sender,
        recipient=recipient,
        subject=letter.subject,
        body=letter.body,
        not_before=morning,
        text_used=letter.text_used,
    )
    return row is not None
