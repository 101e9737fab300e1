"""Drafts (草稿): a form that was begun, kept by the server, sealed, for its writer alone.

It holds what a caller has said of himself. So it is sealed under a key of its own that goes with it, it is removed when the
form is registered, and nobody keeps one for long: what is worth keeping is worth registering.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Account
from core import vault
from core.clock import now
from core.db import transaction
from core.errors import DomainError, NotFound
from core.text import clean_line, clean_text, shorten
from core.vault import CannotOpen, DataKey
from tickets.models import Draft
from tickets.models.people import random_id

KEPT_FOR = timedelta(days=3)
AT_MOST = 20
LONGEST_FIELD = 20_000
_SHOWN = 40
# What belongs to the form as it lies on the screen and not to what was said.
_NOT_KEPT = frozenset({"csrf_token", "draft", "keep_draft", "look", "answer_now"})
_WORTH_KEEPING = ("matter", "request", "answer", "caller_name", "caller_phone", "contact_note", "school_text")


@dataclass(frozen=True, kw_only=True, repr=False)
class Kept:
    """A draft opened for its writer; has no repr, so that it cannot slip into a log."""

    id: str
    fields: Mapping[str, str]
    begun_at: datetime
    saved_at: datetime

    @property
    def begins(self) -> str:
        """What a list calls it."""
        said = self.fields.get("matter", "") or self.fields.get("school_text", "")
        return shorten(clean_line(said), _SHOWN) or "（还没有写事项）"

    @property
    def gone_at(self) -> datetime:
        return self.saved_at + KEPT_FOR


def worth_keeping(fields: Mapping[str, str]) -> bool:
    """Whether anything was typed."""
    return any(fields.get(name, "").strip() for name in _WORTH_KEEPING)


def save(session: Session, account_id: int, fields: Mapping[str, str], *, draft_id: str = "") -> str:
    """Keeps what was typed, over the draft it was begun with; its id. DomainError if there are too many."""
    kept = {
        name: clean_text(text)[:LONGEST_FIELD]
        for name, text in fields.items()
        if name not in _NOT_KEPT and text.strip()
    }
    row = _own(session, account_id, draft_id, for_update=True) if draft_id else None
    if row is None:
        count = sa.select(sa.func.count()).select_from(Draft).where(Draft.account_id == account_id)
        if session.execute(count).scalar_one() >= AT_MOST:
            raise DomainError(f"草稿最多 {AT_MOST} 份，请先登记或删掉几份。")
        key = vault.new_data_key(session)
        row = Draft(id=random_id(), account_id=account_id, data_key_id=key.id, begun_at=now())
        session.add(row)
    else:
        key = vault.data_key(session, row.data_key_id)
    row.sealed = vault.seal(key, json.dumps(kept, ensure_ascii=False), place=_place(row.id))
    row.saved_at = now()
    return row.id


def own(session: Session, account_id: int) -> list[Kept]:
    """One's own drafts, the newest first; one that no longer opens is left out."""
    query = sa.select(Draft).where(Draft.account_id == account_id, Draft.saved_at > now() - KEPT_FOR)
    found = []
    for row in session.scalars(query.order_by(Draft.saved_at.desc())):
        try:
            found.append(_opened(session, row))
        except CannotOpen:
            continue
    return found


def opened(session: Session, account_id: int, draft_id: str) -> Kept:
    """One of one's own drafts; NotFound, whosever else it may be."""
    row = _own(session, account_id, draft_id)
    if row is None:
        raise NotFound("这份草稿已经登记、删掉，或者过期了。")
    return _opened(session, row)


def discard(session: Session, account_id: int, draft_id: str) -> None:
    """Removes a draft with its key; nothing happens if it is gone."""
    row = _own(session, account_id, draft_id, for_update=True)
    if row is not None:
        _remove(session, [row])


def forget_old() -> int:
    """Removes what has lain too long, and what belongs to accounts that were disabled; how many. Opens its own transaction."""
    with transaction() as session:
        disabled = sa.select(Account.id).where(Account.disabled_at.is_not(None))
        old = sa.or_(Draft.saved_at <= now() - KEPT_FOR, Draft.account_id.in_(disabled))
        rows = list(session.scalars(sa.select(Draft).where(old)))
        _remove(session, rows)
    return len(rows)


def _own(session: Session, account_id: int, draft_id: str, *, for_update: bool = False) -> Draft | None:
    query = sa.select(Draft).where(Draft.id == draft_id, Draft.account_id == account_id)
    return session.scalars(query.with_for_update() if for_update else query).one_or_none()


def _opened(session: Session, row: Draft) -> Kept:
    key = vault.data_key(session, row.data_key_id)
    fields: dict[str, str] = json.loads(vault.unseal(key, row.sealed, place=_place(row.id)))
    return Kept(id=row.id, fields=fields, begun_at=row.begun_at, saved_at=row.saved_at)


def _remove(session: Session, rows: list[Draft]) -> None:
    """The row before its key: the one refers to the other."""
    keys = [row.data_key_id for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    session.execute(sa.delete(DataKey).where(DataKey.id.in_(keys)))


def _place(draft_id: str) -> str:
    return f"draft|fields|{draft_id}"
