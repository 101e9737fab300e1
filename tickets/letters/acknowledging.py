"""The acknowledgement: the finished text goes into the outbox, in the transaction of its cause."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.clock import OFFICE_ZONE, now, office_day
from outbox.verbs import enqueue, recipient_index, rewrite, sent_to_since
from outbox.vocabulary import OutboxKind
from tickets.intake import Registered
from tickets.letters.signing import signature_of
from tickets.letters.threading import with_token
from tickets.letters.wording import dated
from tickets.models import Ticket

ACKNOWLEDGEMENTS_A_DAY = 3
_MORNING = time(8)
_END_OF_LIST = "\n我们会尽快核对您反映的情况，并在 15 日内告知您是否受理、由谁办理。\n"


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
    row = enqueue(
        session,
        OutboxKind.ACKNOWLEDGEMENT,
        dedupe=f"acknowledge/{ticket.number}",
        object_ref=ticket.ref,
        sender=sender,
        recipient=recipient,
        subject=with_token(f"来信已登记〔编号 {ticket.number}〕", ticket.number),
        body=_acknowledgement(session, ticket, registered.query_codes[0], written_at),
        headers={"In-Reply-To": reply_to_id, "References": reply_to_id} if reply_to_id else {},
    )
    return row is not None


def _own_addresses(settings: Settings) -> set[str]:
    office = settings.office
    return {each.address for each in office.mailboxes} | ({office.smtp.address} if office.smtp else set())


def _with_the_rest(session: Session, registered: Registered, *, recipient: str, sender: str) -> bool:
    """Adds a number to tomorrow's one letter about all the mails that were not acknowledged today."""
    ticket, today = registered.ticket, office_day(now())
    line = f"编号：{ticket.number}　查询码：{spoken(registered.query_codes[0])}\n"
    dedupe = f"acknowledge-rest/{recipient_index(recipient)}/{today.isoformat()}/{sender}"
    if rewrite(session, dedupe, lambda body: body.replace(_END_OF_LIST, line + _END_OF_LIST, 1)):
        return True
    sign = signature_of(session, ticket)
    morning = datetime.combine(today + timedelta(days=1), _MORNING, OFFICE_ZONE)
    row = enqueue(
        session,
        OutboxKind.ACKNOWLEDGEMENT,
        dedupe=dedupe,
        object_ref=ticket.ref,
        sender=sender,
        recipient=recipient,
        subject=f"来信已登记〔编号 {ticket.number} 等〕",
        body=f"您好：\n\n您于 {dated(today)} 发来的其余邮件均已登记，编号和查询码分别为：\n\n{line}{_END_OF_LIST}"
        "需要补充材料时，请回复带有相应编号的邮件，或在信中写明编号。\n"
        "请放心：您的姓名、电话、邮箱不会提供给学校或其他被反映的单位和个人。请妥善保管本邮件，不要转发给他人。\n\n"
        f"{sign.office}{sign.section}\n（本邮件由系统自动发出，仅表示已收到，不代表处理结论）\n",
        not_before=morning,
    )
    return row is not None


def _acknowledgement(session: Session, ticket: Ticket, code: str, written_at: datetime) -> str:
    sign = signature_of(session, ticket)
    unreadable = (
        "\n邮件中有内容未能正常显示，工作人员会人工核对；如方便，也可来电说明。"
        if ticket.needs_reading
        else ""
    )
    ask = (
        f"查询进度：请在工作时间拨打 {sign.phone}，报上编号和查询码即可，不需要说姓名。\n"
        if sign.phone
        else ""
    )
    return f"""您好：

您于 {dated(office_day(written_at))}发来的邮件我们已经收到并登记。{unreadable}

编号：{ticket.number}
查询码：{spoken(code)}

我们会尽快核对您反映的情况，并在 15 日内告知您是否受理、由谁办理。需要补充材料时，请直接回复本邮件，不必重新发信。
{ask}
请放心：您的姓名、电话、邮箱不会提供给学校或其他被反映的单位和个人。办理中如确需向学校说明具体是哪位学生，我们会先征得您的同意。
请妥善保管本邮件，不要转发给他人。

如果有人身安全正在受到威胁，请立即拨打 110 或 120，不要等待邮件答复。

{sign.office}{sign.section}
（本邮件由系统自动发出，仅表示已收到，不代表处理结论）
"""


def spoken(code: str) -> str:
    """A query code in pairs, as it is read aloud and copied by hand."""
    return " ".join(code[place : place + 2] for place in range(0, len(code), 2))
