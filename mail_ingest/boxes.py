"""What intake asks of a mailbox for every mail, read once a transaction: its section, its start, who works there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Account, AccountRole, AccountSection, Section
from accounts.vocabulary import Role
from mail_ingest import work_senders
from mail_ingest.models import MailboxState

_KEPT = "mail_ingest.boxes"
_SHORTEST_NAME = 2


@dataclass(frozen=True, kw_only=True)
class Box:
    """A mailbox as intake sees it; `colleagues` are the names of its section's people, leaders left out."""

    address: str
    intake_from: datetime | None
    section: str
    work_senders: frozenset[str]
    colleagues: frozenset[str]
    has_leader: bool

    def names_a_colleague(self, text: str) -> bool:
        """Whether a text names somebody of the section, and there is a leader who can look at it instead.

        Without a leader the flag would hide the ticket from everybody.
        """
        return self.has_leader and any(name in text for name in self.colleagues)


def box(session: Session, mailbox_id: int) -> Box:
    """The mailbox, kept for as long as the session lives: one transaction."""
    kept: dict[int, Box] = session.info.setdefault(_KEPT, {})
    if mailbox_id not in kept:
        kept[mailbox_id] = _read(session, mailbox_id)
    return kept[mailbox_id]


def _read(session: Session, mailbox_id: int) -> Box:
    found = session.execute(
        sa.select(MailboxState.address, MailboxState.intake_from, Section.id, Section.slug)
        .join(Section, Section.id == MailboxState.section_id)
        .where(MailboxState.id == mailbox_id)
    ).one()
    in_section = sa.select(AccountSection.account_id).where(AccountSection.section_id == found.id)
    rows = session.execute(
        sa.select(Account.id, Account.display_name, AccountRole.role)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(Account.id.in_(in_section), Account.disabled_at.is_(None))
    ).all()
    leaders = {row.id for row in rows if row.role is Role.LEADER}
    names = {
        row.display_name for row in rows if row.id not in leaders and len(row.display_name) >= _SHORTEST_NAME
    }
    return Box(
        address=found.address,
        intake_from=found.intake_from,
        section=found.slug,
        work_senders=frozenset(work_senders.of(session, mailbox_id) or ()),
        colleagues=frozenset(names),
        has_leader=bool(leaders),
    )
