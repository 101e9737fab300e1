"""Tickets and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db
from core.append_only import protect
from tickets.models.search import create_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_counter",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "day", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "accepted",
                "in_progress",
                "pending_review",
                "pending_callback",
                "closed",
                "suspended",
                "rejected",
                "transferred",
                "merged",
                "withdrawn",
                "voided",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("school_text", sa.Text(), nullable=False),
        sa.Column("grade_text", sa.Text(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "mail",
                "letter",
                "visit",
                "12345",
                "superior",
                "discipline",
                "other",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("source_due", sa.Text(), nullable=True),
        sa.Column(
            "caller_kind",
            sa.Enum(
                "unknown",
                "parent",
                "teacher",
                "pupil",
                "other",
                name="callerkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "target_kind",
            sa.Enum(
                "unknown",
                "school",
                "teacher",
                "headmaster",
                "parent_committee",
                "company",
                "bureau",
                "other",
                name="targetkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wants_callback", sa.Boolean(), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum(
                "normal",
                "watch",
                "urgent",
                name="urgency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "alarm",
            sa.Enum("Y1", "Y2", "Y3", name="alarm", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column(
            "secrecy",
            sa.Enum(
                "ordinary",
                "strict",
                "restricted",
                name="secrecy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("needs_reading", sa.Boolean(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("routing_reason", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "true",
                "partly_true",
                "untrue",
                "unverifiable",
                "not_applicable",
                "passed_on",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("released_text", sa.Text(), nullable=False),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("wrote_again_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("written_off_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("data_key_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_ticket_data_key_id_data_key")
        ),
        sa.ForeignKeyConstraint(["handler_id"], ["account.id"], name=op.f("fk_ticket_handler_id_account")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["ticket.id"], name=op.f("fk_ticket_merged_into_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_ticket_recorded_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["account.id"], name=op.f("fk_ticket_released_by_id_account")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_ticket_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_ticket_source_external_id")),
    )
    op.create_index(
        op.f("ix_ticket_handler_id_status_id"), "ticket", ["handler_id", "status", "id"], unique=False
    )
    op.create_index(op.f("ix_ticket_merged_into_id"), "ticket", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_ticket_received_at"), "ticket", ["received_at"], unique=False)
    op.create_index(op.f("ix_ticket_recorded_at_id"), "ticket", ["recorded_at", "id"], unique=False)
    op.create_index(
        op.f("ix_ticket_section_id_status_id"), "ticket", ["section_id", "status", "id"], unique=False
    )
    op.create_index(op.f("ix_ticket_status_id"), "ticket", ["status", "id"], unique=False)
    op.create_index(
        "ix_ticket_wrote_again",
        "ticket",
        ["section_id"],
        unique=False,
        sqlite_where=sa.text("wrote_again_at IS NOT NULL"),
        postgresql_where=sa.text("wrote_again_at IS NOT NULL"),
    )
    op.create_table(
        "informed_section",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_informed_section_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_informed_section_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "section_id", name=op.f("pk_informed_section")),
    )
    op.create_index(op.f("ix_informed_section_section_id"), "informed_section", ["section_id"], unique=False)
    op.create_table(
        "ticket_category",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_ticket_category_category_code_category")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_category_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "category_code", name=op.f("pk_ticket_category")),
    )
    op.create_index(
        op.f("ix_ticket_category_category_code"), "ticket_category", ["category_code"], unique=False
    )
    op.create_index(
        "uq_ticket_category_main",
        "ticket_category",
        ["ticket_id"],
        unique=True,
        sqlite_where=sa.text("main"),
        postgresql_where=sa.text("main"),
    )
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("occurred_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "register",
                "accept",
                "answer_now",
                "start",
                "refuse",
                "hand_over",
                "transfer_out",
                "merge",
                "split",
                "suspend",
                "resume",
                "report_done",
                "approve",
                "send_back",
                "called_back",
                "redo",
                "uphold",
                "reopen",
                "withdraw",
                "void",
                "assign",
                "correct",
                "recompute",
                "extend",
                "send_on",
                "notify",
                "answered",
                "undelivered",
                "rated",
                "wrote_again",
                "ask_facts",
                "notice_back",
                "left_as_is",
                "feedback",
                "unmerge",
                "release",
                "consent",
                "order",
                "inquire",
                "paper",
                "write_off",
                "pressure",
                "leak_inquiry",
                "sealed",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "from_status",
            sa.Enum(
                "pending",
                "accepted",
                "in_progress",
                "pending_review",
                "pending_callback",
                "closed",
                "suspended",
                "rejected",
                "transferred",
                "merged",
                "withdrawn",
                "voided",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "pending",
                "accepted",
                "in_progress",
                "pending_review",
                "pending_callback",
                "closed",
                "suspended",
                "rejected",
                "transferred",
                "merged",
                "withdrawn",
                "voided",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_ticket_event_actor_id_account")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
        sa.UniqueConstraint("ticket_id", "position", name=op.f("uq_ticket_event_ticket_id_position")),
    )
    op.create_index(
        op.f("ix_ticket_event_recorded_at_ticket_id"),
        "ticket_event",
        ["recorded_at", "ticket_id"],
        unique=False,
    )
    op.create_table(
        "ticket_school",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_ticket_school_school_id_school")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_school_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", "school_id", name=op.f("pk_ticket_school")),
    )
    op.create_index(op.f("ix_ticket_school_school_id"), "ticket_school", ["school_id"], unique=False)
    op.create_table(
        "ticket_search",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_search_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_search")),
    )
    create_index(op.get_bind())
    protect(op.get_bind(), "ticket_event")
