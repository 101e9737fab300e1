"""History brought in from elsewhere: it becomes tickets like any other, sends nothing and reminds nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import OFFICE_ZONE, now
from core.errors import DomainError
from core.text import clean_text
from tickets import intake
from tickets.identity import Person
from tickets.intake import NewTicket
from tickets.models import Ticket
from tickets.vocabulary import Anonymity, Channel

SOURCE = "load"  # the mark by which everything that sends or reminds leaves these tickets alone
_EARLIEST = 1900
_CHANNELS = {**{each.label: each for each in Channel}, **{each.value: each for each in Channel}}


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What became of one line."""

    id: str
    number: str
    created: bool


def load(session: Session, lines: Sequence[Mapping[str, Any]]) -> list[Loaded]:
    """Registers lines that were not loaded before, in the caller's transaction; DomainError names what is wrong."""
    wanted = [_new_ticket(line) for line in lines]
    known = _known(session, [new.external_id for new in wanted])
    found = []
    for new in wanted:
        assert new.external_id is not None  # noqa: S101 - _new_ticket refuses a line without
        number = known.get(new.external_id)
        created = number is None
        if number is None:
            number = intake.register(session, new).ticket.number
            known[new.external_id] = number
        found.append(Loaded(id=new.external_id, number=number, created=created))
    return found


def _known(session: Session, ids: Sequence[str | None]) -> dict[str, str]:
    rows = session.execute(
        sa.select(Ticket.external_id, Ticket.number).where(
            Ticket.source == SOURCE, Ticket.external_id.in_(ids)
        )
    ).all()
    return {row.external_id: row.number for row in rows if row.external_id is not None}


def _new_ticket(line: Mapping[str, Any]) -> NewTicket:
    external_id = str(line.get("id") or "").strip()
    if not external_id:
        raise DomainError("缺少 id")
    if clean_text(external_id) != external_id:  # mended, it might become another line's
        raise DomainError(f"{clean_text(external_id)}：id 里有不能保存的字符")
    title, body = str(line.get("title") or ""), str(line.get("body") or "")
    if not title.strip() and not body.strip():
        raise DomainError(f"{external_id}：标题和正文都是空的")
    return NewTicket(
        channel=_channel(line.get("channel"), external_id),
        received_at=_received_at(line.get("received_at"), external_id),
        title=title,
        matter=body if body.strip() else title,
        people=(Person(anonymity=Anonymity.ANONYMOUS),),
        section=str(line["section"]) if line.get("section") else None,
        source=SOURCE,
        external_id=external_id,
    )


def _channel(value: object, external_id: str) -> Channel:
    if value is None or value == "":
        return Channel.OTHER
    found = _CHANNELS.get(str(value))
    if found is None:
        raise DomainError(f"{external_id}：channel 没有“{value}”这一种，可用：{'、'.join(Channel)}")
    return found


def _received_at(value: object, external_id: str) -> datetime:
    """When it came; without a time: now. A time without a zone is the office's."""
    if value is None or value == "":
        return now()
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise DomainError(f"{external_id}：received_at 不是时间：{value}") from None
    if not _EARLIEST <= moment.year <= now().year + 1:  # beyond, no calendar can count its days
        raise DomainError(f"{external_id}：received_at 的年份不对：{value}")
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
