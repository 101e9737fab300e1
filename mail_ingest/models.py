"""Mailboxes, the ledger of what the server showed, and the mails that were stored."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Section
from core.db import Base
from mail_ingest.vocabulary import ItemReason, ItemState, LedgerState, LinkRole, MailKind
from tickets.models import Message, Ticket


class MailboxState(Base):
    """What is known of a mailbox of office.toml: its pasted code, how the last polls went, from when mail counts."""

    __tablename__ = "mailbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(Section.id))
    data_key_id: Mapped[str] = mapped_column(sa.ForeignKey("data_key.id"))
    code_sealed: Mapped[bytes | None]
    code_changed_at: Mapped[datetime | None]
    intake_from: Mapped[datetime | None]
    last_try_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_code: Mapped[str] = mapped_column(
        default=""
    )  # a code of MailboxUnavailable; empty: the last poll was well
    last_message: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    refused_logins: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    down_since: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(default=0)  # seen on the server and not yet fetched


class MailItem(Base):
    """One mail, whatever number of mailboxes it came to. Its bytes lie in the blob store, named by a keyed hash.

    The unique blob name is what makes intake exactly once: the same bytes never become a second item.
    """

    __tablename__ = "mail_item"
    __table_args__ = (
        sa.Index(None, "fingerprint"),
        sa.Index(None, "message_id_index"),
        sa.Index(None, "state", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    blob: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey(MailboxState.id))
    from_junk: Mapped[bool] = mapped_column(default=False)
    headers_only: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    kind: Mapped[MailKind | None]
    kind_rule: Mapped[str] = mapped_column(default="")
    state: Mapped[ItemState]
    reason: Mapped[ItemReason | None]
    fingerprint: Mapped[str | None]  # keyed, like every hash of a mail's content
    origin_fingerprint: Mapped[str | None] = mapped_column(unique=True)  # set on the one that made the ticket
    message_id_index: Mapped[str | None]
    from_index: Mapped[str | None]
    sender_masked: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")  # working text
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    @property
    def ref(self) -> str:
        return f"mail/{self.id}"

    @property
    def dealt_with(self) -> bool:
        """Whether it was read and its fate decided; a person may still have to look at it."""
        return self.state is not ItemState.NEW or self.kind is not None


class MailLink(Base):
    """That a mail belongs to a ticket: it made it, is a copy of the one that did, or answers in its course."""

    __tablename__ = "mail_link"
    __table_args__ = (
        sa.Index(
            "uq_mail_link_origin",
            "item_id",
            unique=True,
            sqlite_where=sa.text("role = 'origin'"),
            postgresql_where=sa.text("role = 'origin'"),
        ),
        sa.Index(None, "ticket_id"),
    )

    item_id: Mapped[int] = mapped_column(sa.ForeignKey(MailItem.id), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id), primary_key=True)
    role: Mapped[LinkRole]
    message_id: Mapped[str | None] = mapped_column(sa.ForeignKey(Message.id))
    linked_at: Mapped[datetime]


class MailLedger(Base):
    """邮件接收记录: one row per mailbox, folder, uidvalidity and uid the server ever showed."""

    __tablename__ = "mail_ledger"
    __table_args__ = (
        sa.UniqueConstraint("mailbox_id", "folder", "uidvalidity", "uid"),
        sa.Index(None, "state", "id"),
        sa.Index(None, "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(sa.ForeignKey(MailboxState.id))
    folder: Mapped[str]
    uidvalidity: Mapped[int] = mapped_column(sa.BigInteger)
    uid: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[LedgerState]
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey(MailItem.id))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
