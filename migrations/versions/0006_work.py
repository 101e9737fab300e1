"""Orders, reminders and what else the daily work keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db
from core.append_only import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.Enum(
                "acknowledged",
                "acknowledged_rest",
                "accepted",
                "refused_legal_remedy",
                "refused_handled_elsewhere",
                "refused_final_opinion",
                "refused_information_request",
                "transferred",
                "passed_on",
                "merged",
                "extended",
                "split",
                "answer",
                "answer_consultation",
                "answer_passed_on",
                "outline_true",
                "outline_partly_true",
                "outline_untrue",
                "outline_unverifiable",
                "outline_consultation",
                "facts",
                name="lettername",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_shipped", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("aloud", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_text")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_letter_text_name_version")),
    )
    op.create_table(
        "lookup_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_index", sa.Text(), nullable=False),
        sa.Column("number_index", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup_try")),
    )
    op.create_index(
        op.f("ix_lookup_try_address_index_at"), "lookup_try", ["address_index", "at"], unique=False
    )
    op.create_index(op.f("ix_lookup_try_at"), "lookup_try", ["at"], unique=False)
    op.create_index(op.f("ix_lookup_try_number_index_at"), "lookup_try", ["number_index", "at"], unique=False)
    op.create_table(
        "policy_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_policy_entry_key")),
    )
    op.create_table(
        "related_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_group")),
    )
    op.create_table(
        "cluster_alarm",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("begins", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_cluster_alarm_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "begins", name=op.f("pk_cluster_alarm")),
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "kindergarten",
                "primary",
                "junior",
                "senior",
                "vocational",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category"], ["category.code"], name=op.f("fk_policy_version_category_category")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["policy_entry.id"], name=op.f("fk_policy_version_entry_id_policy_entry")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_policy_version_section_id_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("entry_id", "version", name=op.f("uq_policy_version_entry_id_version")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("data_key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("saved_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account")),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_key.id"], name=op.f("fk_draft_data_key_id_data_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_account_id_saved_at"), "draft", ["account_id", "saved_at"], unique=False)
    op.create_index(op.f("ix_draft_saved_at"), "draft", ["saved_at"], unique=False)
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("taker_id", sa.Integer(), nullable=False),
        sa.Column("taker", sa.Text(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["done_by_id"], ["account.id"], name=op.f("fk_hand_over_done_by_id_account")),
        sa.ForeignKeyConstraint(["giver_id"], ["account.id"], name=op.f("fk_hand_over_giver_id_account")),
        sa.ForeignKeyConstraint(["taker_id"], ["account.id"], name=op.f("fk_hand_over_taker_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(op.f("ix_hand_over_giver_id"), "hand_over", ["giver_id"], unique=False)
    op.create_table(
        "inquiry_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column(
            "asked_how",
            sa.Enum(
                "phone",
                "in_person",
                "paper",
                "meeting",
                name="askedhow",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_inquiry_snapshot_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_snapshot")),
        sa.UniqueConstraint("number", name=op.f("uq_inquiry_snapshot_number")),
    )
    op.create_table(
        "notice_address",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_address_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notice_address")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_view_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_view_account_id_name")),
    )
    op.create_table(
        "write_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "declined",
                name="writeoffstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_write_off_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_write_off_proposed_by_id_account")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_write_off_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_off")),
    )
    op.create_index(op.f("ix_write_off_section_id_state"), "write_off", ["section_id", "state"], unique=False)
    op.create_table(
        "disclosure_consent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_name", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "recording",
                "message",
                "mail",
                "written",
                "in_person",
                name="consentgiven",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agreed_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_disclosure_consent_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_disclosure_consent_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_consent")),
    )
    op.create_index(
        op.f("ix_disclosure_consent_ticket_id_school_id"),
        "disclosure_consent",
        ["ticket_id", "school_id"],
        unique=False,
    )
    op.create_table(
        "group_member",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["related_group.id"], name=op.f("fk_group_member_group_id_related_group")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_group_member_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_group_id"), "group_member", ["group_id"], unique=False)
    op.create_table(
        "leak_inquiry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "by_staff",
                "by_paper",
                "by_others",
                "not_found",
                "unclear",
                name="inquiryresult",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("concluded_by", sa.Text(), nullable=False),
        sa.Column("concluded_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["account.id"], name=op.f("fk_leak_inquiry_started_by_id_account")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_leak_inquiry_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leak_inquiry")),
    )
    op.create_index(op.f("ix_leak_inquiry_ticket_id"), "leak_inquiry", ["ticket_id"], unique=False)
    op.create_table(
        "overdue_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "school_silent",
                "school_redo",
                "several_offices",
                "refund",
                "complainant",
                "vacancy",
                "outage",
                "other",
                name="overduereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_overdue_note_by_id_account")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_overdue_note_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overdue_note")),
    )
    op.create_index(op.f("ix_overdue_note_ticket_id_id"), "overdue_note", ["ticket_id", "id"], unique=False)
    op.create_table(
        "paper_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("write_off_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_applicant", sa.Boolean(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "right", "disputed", name="paperverdict", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("verdict_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["account.id"], name=op.f("fk_paper_approval_approver_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_paper_approval_recorded_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_paper_approval_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["write_off_id"], ["write_off.id"], name=op.f("fk_paper_approval_write_off_id_write_off")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_approval")),
    )
    op.create_index(
        op.f("ix_paper_approval_approver_id_verdict"),
        "paper_approval",
        ["approver_id", "verdict"],
        unique=False,
    )
    op.create_index(op.f("ix_paper_approval_ticket_id"), "paper_approval", ["ticket_id"], unique=False)
    op.create_table(
        "policy_use",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("used_by", sa.Text(), nullable=False),
        sa.Column("used_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_policy_use_policy_version_id_policy_version"),
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_policy_use_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", "policy_version_id", name=op.f("pk_policy_use")),
    )
    op.create_table(
        "pressure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "asked",
                "pressed",
                "retaliated",
                name="pressurekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum(
                "phone",
                "in_person",
                "message",
                "meeting",
                "other",
                name="pressureway",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("answered", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_pressure_recorded_by_id_account")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_pressure_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pressure")),
    )
    op.create_index(op.f("ix_pressure_recorded_at"), "pressure", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_pressure_ticket_id"), "pressure", ["ticket_id"], unique=False)
    op.create_table(
        "school_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "issued",
                "delivered",
                "signed",
                "reported",
                "returned",
                "verified",
                "cancelled",
                name="orderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("requirement_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.Column("head_reason", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("leader_reason", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column(
            "delivery_way",
            sa.Enum(
                "in_person",
                "office_system",
                "exchange",
                "courier",
                name="deliveryway",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("delivered_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("delivered_to", sa.Text(), nullable=False),
        sa.Column("delivered_by", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_title", sa.Text(), nullable=False),
        sa.Column("signed_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column(
            "finding",
            sa.Enum(
                "true",
                "partly_true",
                "untrue",
                "unverifiable",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reported_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("closed_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["account.id"], name=op.f("fk_school_order_drafted_by_id_account")
        ),
        sa.ForeignKeyConstraint(["head_id"], ["account.id"], name=op.f("fk_school_order_head_id_account")),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["account.id"], name=op.f("fk_school_order_leader_id_account")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_order_school_id_school")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_school_order_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_order")),
        sa.UniqueConstraint("number", name=op.f("uq_school_order_number")),
        sa.UniqueConstraint("token", name=op.f("uq_school_order_token")),
    )
    op.create_index(
        op.f("ix_school_order_school_id_state"), "school_order", ["school_id", "state"], unique=False
    )
    op.create_index(op.f("ix_school_order_ticket_id"), "school_order", ["ticket_id"], unique=False)
    op.create_table(
        "sealed_hand_over",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "printed",
                "handed_over",
                "refused",
                name="sealedstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "content",
            sa.Enum(
                "identity",
                "with_words",
                name="sealedcontent",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("paper_number", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("head_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("leader_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("printed_by", sa.Text(), nullable=False),
        sa.Column("printed_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("handed_over_by", sa.Text(), nullable=False),
        sa.Column("handed_over_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_sealed_hand_over_asked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["head_id"], ["account.id"], name=op.f("fk_sealed_hand_over_head_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["account.id"], name=op.f("fk_sealed_hand_over_leader_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_sealed_hand_over_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_hand_over")),
        sa.UniqueConstraint("number", name=op.f("uq_sealed_hand_over_number")),
    )
    op.create_index(op.f("ix_sealed_hand_over_ticket_id"), "sealed_hand_over", ["ticket_id"], unique=False)
    op.create_table(
        "secrecy_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "many_reveals",
                "pressure",
                "leak_inquiry",
                "sealed",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "handler",
                "head",
                "leader",
                "supervisor",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Text(), nullable=False),
        sa.Column("read_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_secrecy_notice_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_secrecy_notice_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_notice")),
    )
    op.create_index(
        op.f("ix_secrecy_notice_section_id_role_read_at"),
        "secrecy_notice",
        ["section_id", "role", "read_at"],
        unique=False,
    )
    op.create_table(
        "snapshot_section",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_snapshot_section_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["inquiry_snapshot.id"],
            name=op.f("fk_snapshot_section_snapshot_id_inquiry_snapshot"),
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "section_id", name=op.f("pk_snapshot_section")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "right", "wrong", name="checkresult", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("checked_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["account.id"], name=op.f("fk_spot_check_checked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_spot_check_section_id_section")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_spot_check_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_spot_check_ticket_id")),
    )
    op.create_index(
        op.f("ix_spot_check_section_id_month"), "spot_check", ["section_id", "month"], unique=False
    )
    op.create_table(
        "write_off_ticket",
        sa.Column("write_off_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_write_off_ticket_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["write_off_id"], ["write_off.id"], name=op.f("fk_write_off_ticket_write_off_id_write_off")
        ),
        sa.PrimaryKeyConstraint("write_off_id", "ticket_id", name=op.f("pk_write_off_ticket")),
    )
    op.create_index(op.f("ix_write_off_ticket_ticket_id"), "write_off_ticket", ["ticket_id"], unique=False)
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("ways", sa.Text(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_inquiry_message_id_message")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_inquiry_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index(op.f("ix_inquiry_ticket_id"), "inquiry", ["ticket_id"], unique=False)
    op.create_table(
        "moved_up",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_event.id"], name=op.f("fk_moved_up_event_id_ticket_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_moved_up")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("complainant_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accepted",
                "refused",
                "transferred",
                "passed_on",
                "merged",
                "extended",
                "answer",
                "split",
                "facts",
                name="letterkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owed_at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("text_used", sa.Text(), nullable=False),
        sa.Column("aloud", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column(
            "how",
            sa.Enum(
                "phone",
                "mail",
                "letter",
                "in_person",
                name="toldby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("told_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("came_back_at", core.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["complainant_id"], ["complainant.id"], name=op.f("fk_notice_complainant_id_complainant")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_event.id"], name=op.f("fk_notice_event_id_ticket_event")
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox_message.id"], name=op.f("fk_notice_outbox_id_outbox_message")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_notice_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "event_id", "complainant_id", "kind", name=op.f("uq_notice_event_id_complainant_id_kind")
        ),
    )
    op.create_index(op.f("ix_notice_outbox_id"), "notice", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_notice_ticket_id_id"), "notice", ["ticket_id", "id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "calm",
                "yellow",
                "due_today",
                "red",
                "red_five",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_reminder_deadline_id_deadline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "deadline_id", "level", "last_day", name=op.f("uq_reminder_deadline_id_level_last_day")
        ),
    )
    op.create_table(
        "renewal_reminder",
        sa.Column("note_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", core.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["overdue_note.id"], name=op.f("fk_renewal_reminder_note_id_overdue_note")
        ),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_renewal_reminder")),
    )
    op.create_table(
        "school_order_message",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "order",
                "delivery",
                "sign_off",
                "feedback",
                "mail",
                name="paperkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_school_order_message_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["school_order.id"], name=op.f("fk_school_order_message_order_id_school_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "message_id", name=op.f("pk_school_order_message")),
    )
    op.create_index(
        op.f("ix_school_order_message_message_id"), "school_order_message", ["message_id"], unique=False
    )
    protect(op.get_bind(), "inquiry_snapshot")
    protect(op.get_bind(), "letter_text")
    protect(op.get_bind(), "overdue_note")
    protect(op.get_bind(), "policy_use")
    protect(op.get_bind(), "policy_version")
    protect(op.get_bind(), "pressure")
    protect(op.get_bind(), "renewal_reminder")
    protect(op.get_bind(), "snapshot_section")
