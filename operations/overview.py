"""How the installation stands, in figures and moments, for the admin's page: no case content."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core.audit import AuditHead
from core.db import db
from mail_ingest import mailboxes
from mail_ingest.health import Health, health_of
from operations import installation
from operations.backup import keeping
from operations.backup.keeping import Noted
from outbox.models import OutboxMessage
from outbox.queries import STUCK, WAITING
from tickets.models import Ticket

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True)
class MailboxStanding:
    address: str
    health: Health
    last_ok_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the page shows beside the checks."""

    mailboxes: Sequence[MailboxStanding]
    backup: Noted | None
    checked: Noted | None
    backup_folder: str
    versions: Sequence[tuple[str, str]]
    counts: Sequence[tuple[str, int]]


def standing(session: Session, settings: Settings) -> Standing:
    """Asks the database; cheap enough for a page."""
    return Standing(
        mailboxes=[
            MailboxStanding(row.address, health_of(row), row.last_ok_at)
            for row, _ in mailboxes.all_mailboxes(session)
        ],
        backup=keeping.last_made(session),
        checked=keeping.last_checked(session),
        backup_folder=str(settings.backup_dir) if settings.backup_dir else "",
        versions=versions(session),
        counts=_counts(session),
    )


def versions(session: Session) -> list[tuple[str, str]]:
    """The program's and the database's versions."""
    server = "sqlite_version()" if db.engine.dialect.name == "sqlite" else "current_setting('server_version')"
    found: str = session.execute(sa.text(f"SELECT {server}")).scalar_one()
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[db.engine.dialect.name]
    return [
        ("程序", installation.program_version()),
        ("数据库结构", installation.database_revision() or "—"),
        ("数据库", f"{name} {found}"),
        ("Python", ".".join(str(part) for part in sys.version_info[:3])),
        ("密钥编号", current_app.extensions["keys"].wrap_id),
    ]


def _counts(session: Session) -> list[tuple[str, int]]:
    def count(*conditions: sa.ColumnElement[bool], of: type) -> int:
        return session.execute(sa.select(sa.func.count()).select_from(of).where(*conditions)).scalar_one()

    return [
        ("诉求件", count(of=Ticket)),
        ("待发送的信", count(WAITING, of=OutboxMessage)),
        ("没有发出的信", count(STUCK, of=OutboxMessage)),
        (
            "审计记录",
            session.execute(sa.select(AuditHead.seq).where(AuditHead.id == 1)).scalar_one_or_none() or 0,
        ),
    ]
