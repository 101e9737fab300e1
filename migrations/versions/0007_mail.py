"""Mailboxes, ledger, mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("data_key_id", sa.Text(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_changed_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("intake_from", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_try_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_ok_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_code", sa.Text(), nullable=False),
        sa.Column("last_message", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refused_logins", sa.Integer(), nullable=False),
        sa.Column("next_try_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("down_since", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_mailbox_data_key_id_data_key")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_mailbox_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("address", name=op.f("uq_mailbox_address")),
    )
    op.create_table(
        "mail_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("from_junk", sa.Boolean(), nullable=False),
        sa.Column("headers_only", sa.Boolean(), nullable=False),
        sa.Column("received_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ordinary",
                "bounce",
                "auto_reply",
                "receipt",
                "list",
                "abuse_report",
                "heartbeat",
                "work",
                name="mailkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("kind_rule", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "linked",
                "set_aside",
                "quarantined",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "not_a_case",
                "spam",
                "machine",
                "duplicate",
                "before_start",
                name="itemreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("origin_fingerprint", sa.Text(), nullable=True),
        sa.Column("message_id_index", sa.Text(), nullable=True),
        sa.Column("from_index", sa.Text(), nullable=True),
        sa.Column("sender_masked", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mail_item_mailbox_id_mailbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_item")),
        sa.UniqueConstraint("blob", name=op.f("uq_mail_item_blob")),
        sa.UniqueConstraint("origin_fingerprint", name=op.f("uq_mail_item_origin_fingerprint")),
    )
    op.create_index(op.f("ix_mail_item_fingerprint"), "mail_item", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_mail_item_message_id_index"), "mail_item", ["message_id_index"], unique=False)
    op.create_index(
        op.f("ix_mail_item_state_received_at"), "mail_item", ["state", "received_at"], unique=False
    )
    op.create_table(
        "mail_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "stored",
                "done",
                "failed",
                "vanished",
                name="ledgerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("seen_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["mail_item.id"], name=op.f("fk_mail_ledger_item_id_mail_item")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_mail_ledger_mailbox_id_mailbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_ledger")),
        sa.UniqueConstraint(
            "mailbox_id",
            "folder",
            "uidvalidity",
            "uid",
            name=op.f("uq_mail_ledger_mailbox_id_folder_uidvalidity_uid"),
        ),
    )
    op.create_index(op.f("ix_mail_ledger_item_id"), "mail_ledger", ["item_id"], unique=False)
    op.create_index(op.f("ix_mail_ledger_state_id"), "mail_ledger", ["state", "id"], unique=False)
    op.create_table(
        "mail_link",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "origin",
                "copy",
                "reply",
                name="linkrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("linked_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["mail_item.id"], name=op.f("fk_mail_link_item_id_mail_item")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mail_link_message_id_message")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_mail_link_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("item_id", "ticket_id", name=op.f("pk_mail_link")),
    )
    op.create_index(op.f("ix_mail_link_ticket_id"), "mail_link", ["ticket_id"], unique=False)
    op.create_index(
        "uq_mail_link_origin",
        "mail_link",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("role = 'origin'"),
        postgresql_where=sa.text("role = 'origin'"),
    )
