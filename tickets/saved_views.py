"""Filters of the list that a person keeps under a name. One's own; nobody else sees them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import DomainError
from core.text import clean_line
from tickets.models import SavedView

AT_MOST = 12
NAME_LENGTH = 20
_QUERY_LENGTH = 1000


def of(session: Session, account_id: int) -> Sequence[SavedView]:
    """One's own, in the order in which they were named."""
    query = sa.select(SavedView).where(SavedView.account_id == account_id).order_by(SavedView.id)
    return session.scalars(query).all()


def save(session: Session, account_id: int, *, name: str, query: str) -> SavedView:
    """Keeps a filter; under a name that is there already the new one takes the place of the old."""
    called = clean_line(name, NAME_LENGTH)
    if not called:
        raise DomainError("请给这个常用筛选起个名字。")
    if not query or len(query) > _QUERY_LENGTH:
        raise DomainError("请先选好条件、点“筛选”，再保存成常用筛选。")
    known = of(session, account_id)
    row = next((each for each in known if each.name == called), None)
    if row is None:
        if len(known) >= AT_MOST:
            raise DomainError(f"常用筛选最多 {AT_MOST} 个，请先去掉一个不用的。")
        row = SavedView(account_id=account_id, name=called)
        session.add(row)
    row.query, row.saved_at = query, now()
    return row


def remove(session: Session, account_id: int, view_id: int) -> None:
    """Takes one's own away; nothing happens for anybody else's."""
    session.execute(
        sa.delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == account_id),
        execution_options={"synchronize_session": False},
    )
