"""疑似工作邮件: whether a mailbox also gets the schools' reports, and from whom; their mail waits in the tray."""

from __future__ import annotations

import json
import re

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit, state
from core.errors import DomainError
from mail_ingest.models import MailboxState

_BETWEEN = re.compile(r"[\s,，;；、]+")
_SENDER = re.compile(r"[^@\s]*@[^@\s.]+(?:\.[^@\s.]+)+")
_AT_MOST = 500


def parsed(text: str) -> tuple[str, ...]:
    """Addresses, or whole domains as @school.example, one a line; DomainError names the first that is neither."""
    found = tuple(dict.fromkeys(each.casefold() for each in _BETWEEN.split(text) if each))
    for each in found:
        if not _SENDER.fullmatch(each):
            raise DomainError(
                f"“{each[:60]}”不是邮箱地址。请每行写一个地址，如 xiaoxue@163.com，或一个单位的全部地址，如 @edu.cn。"
            )
    if len(found) > _AT_MOST:
        raise DomainError(f"发件地址最多 {_AT_MOST} 个，可以改写成 @ 加域名。")
    return found


def of(session: Session, mailbox_id: int) -> tuple[str, ...] | None:
    """The known work senders of a mailbox; None while the office has not turned this tray on."""
    kept = state.get_fact(session, _fact(mailbox_id))
    return tuple(json.loads(kept)) if kept else None


def choose(session: Session, row: MailboxState, senders: tuple[str, ...] | None, *, actor: Actor) -> None:
    """Turns the tray on for these senders, or off (None). Mail that came before stays where it is."""
    if senders == of(session, row.id):
        return
    state.set_fact(session, _fact(row.id), "" if senders is None else json.dumps(senders))
    audit.record(
        session,
        "mailbox.work_senders",
        actor=actor.username,
        object_ref=f"mailbox/{row.address}",
        on=senders is not None,
        count=len(senders or ()),
    )


def _fact(mailbox_id: int) -> str:
    return f"mail.work_senders/{mailbox_id}"
