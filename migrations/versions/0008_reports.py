"""Bulletins, their files and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db
from core.append_only import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "weekly",
                "monthly",
                "quarterly",
                "annual",
                name="bulletinkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("issue_no", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("cutoff", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=False),
        sa.Column("correction_reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("kind", "period", "issue_no", name=op.f("uq_report_kind_period_issue_no")),
        sa.UniqueConstraint("number", name=op.f("uq_report_number")),
    )
    op.create_table(
        "export_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_export_layout_section_id_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_layout")),
        sa.UniqueConstraint("section_id", "name", name=op.f("uq_export_layout_section_id_name")),
    )
    op.create_table(
        "report_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "mail",
                "paper",
                "in_person",
                "system",
                name="delivered",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mail_ref", sa.Text(), nullable=True),
        sa.Column("sent_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_delivery_report_id_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        sa.UniqueConstraint("mail_ref", name=op.f("uq_report_delivery_mail_ref")),
    )
    op.create_index(op.f("ix_report_delivery_report_id"), "report_delivery", ["report_id"], unique=False)
    op.create_table(
        "report_file",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "docx",
                "xlsx",
                "html",
                name="fileformat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_file_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "format", name=op.f("pk_report_file")),
    )
    op.create_table(
        "situation_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "report",
                "letter",
                "brief",
                name="paperkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "to_check",
                "to_sign",
                "signed",
                "dropped",
                name="situationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("copies", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("shortcomings", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["report.id"], name=op.f("fk_situation_report_bulletin_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["account.id"], name=op.f("fk_situation_report_checked_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_report")),
    )
    op.create_index(
        op.f("ix_situation_report_bulletin_id"), "situation_report", ["bulletin_id"], unique=False
    )
    op.create_table(
        "supervision_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("paper_number", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reminder",
                "internal",
                "spoken",
                "yellow",
                "red",
                "instruction",
                "superior",
                name="orderkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "received_by",
            sa.Enum(
                "phone",
                "paper",
                "system",
                name="receivedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "returned",
                "accepted",
                name="orderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scan_blob", sa.Text(), nullable=True),
        sa.Column("scan_name", sa.Text(), nullable=False),
        sa.Column("scan_type", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_supervision_order_recorded_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_supervision_order_section_id_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_order_number")),
    )
    op.create_index(
        op.f("ix_supervision_order_recorded_at"), "supervision_order", ["recorded_at"], unique=False
    )
    op.create_index(
        op.f("ix_supervision_order_section_id_state"),
        "supervision_order",
        ["section_id", "state"],
        unique=False,
    )
    op.create_table(
        "work_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "meeting",
                "inspection",
                "circulated",
                "talk",
                "rule",
                "survey",
                "case",
                "people",
                "discipline",
                "refund",
                "refunded",
                name="workkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_work_note_recorded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_note")),
    )
    op.create_index(op.f("ix_work_note_recorded_at"), "work_note", ["recorded_at"], unique=False)
    op.create_table(
        "situation_issue",
        sa.Column("situation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("issued_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["account.id"], name=op.f("fk_situation_issue_signed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["situation_id"],
            ["situation_report.id"],
            name=op.f("fk_situation_issue_situation_id_situation_report"),
        ),
        sa.PrimaryKeyConstraint("situation_id", name=op.f("pk_situation_issue")),
        sa.UniqueConstraint("number", name=op.f("uq_situation_issue_number")),
    )
    op.create_table(
        "situation_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("situation_id", sa.Integer(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["situation_id"],
            ["situation_report.id"],
            name=op.f("fk_situation_scan_situation_id_situation_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_scan")),
    )
    op.create_index(op.f("ix_situation_scan_situation_id"), "situation_scan", ["situation_id"], unique=False)
    op.create_table(
        "situation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("situation_id", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "drafted",
                "edited",
                "submitted",
                "checked",
                "returned",
                "signed",
                "scanned",
                "delivered",
                "dropped",
                name="situationact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_situation_step_by_id_account")),
        sa.ForeignKeyConstraint(
            ["situation_id"],
            ["situation_report.id"],
            name=op.f("fk_situation_step_situation_id_situation_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_step")),
    )
    op.create_index(
        op.f("ix_situation_step_situation_id_id"), "situation_step", ["situation_id", "id"], unique=False
    )
    op.create_table(
        "supervision_order_ticket",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["supervision_order.id"],
            name=op.f("fk_supervision_order_ticket_order_id_supervision_order"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_supervision_order_ticket_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("order_id", "ticket_id", name=op.f("pk_supervision_order_ticket")),
    )
    op.create_index(
        op.f("ix_supervision_order_ticket_ticket_id"), "supervision_order_ticket", ["ticket_id"], unique=False
    )
    op.create_table(
        "supervision_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "returned",
                "accepted",
                name="orderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_supervision_step_by_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["supervision_order.id"],
            name=op.f("fk_supervision_step_order_id_supervision_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_step")),
    )
    op.create_index(
        op.f("ix_supervision_step_order_id_id"), "supervision_step", ["order_id", "id"], unique=False
    )
    protect(op.get_bind(), "report")
    protect(op.get_bind(), "report_file")
    protect(op.get_bind(), "situation_issue")
    protect(op.get_bind(), "situation_scan")
    protect(op.get_bind(), "situation_step")
    protect(op.get_bind(), "supervision_step")
    protect(op.get_bind(), "work_note")
