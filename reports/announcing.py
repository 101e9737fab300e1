"""Tells those named in the settings that a bulletin lies ready, and keeps whom it reached, how and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from config.settings import Settings
from core import audit
from core.blobs import StoredBlob
from core.clock import now
from core.errors import DomainError, NotFound
from core.text import clean_line
from outbox import senders
from outbox.models import OutboxMessage
from outbox.verbs import OutgoingFile, enqueue
from outbox.vocabulary import OutboxKind
from reports.models import Report, ReportDelivery
from reports.records import report_settings
from reports.vocabulary import MEDIA_TYPES, Delivered, FileFormat

ATTACHED = (FileFormat.DOCX, FileFormat.XLSX)  # what a mail takes along; many mailboxes throw pages away


def announce(session: Session, report: Report, files: Mapping[FileFormat, StoredBlob]) -> None:
    """One mail a recipient, in the transaction that freezes the issue; who gets one twice has one row.

    The files go along only where the settings say so: a mailbox outside is no place for cases.
    """
    sender = _sender()
    if sender is None:
        return
    attach = report_settings().attach
    enclosed = _enclosed(report, files) if attach else []
    for recipient in dict.fromkeys(report_settings().recipients):
        place = f"{report.ref}/{recipient}"
        queued = enqueue(
            session,
            OutboxKind.REPORT,
            dedupe=f"report|{report.number}|{recipient}",
            object_ref=place,
            sender=sender,
            recipient=recipient,
            subject=f"{report.title}（{report.number}）已生成",
            body=_body(report, files, attach=attach),
            files=enclosed,
        )
        if queued is not None:
            session.add(
                ReportDelivery(
                    report_id=report.id,
                    recipient=recipient,
                    how=Delivered.MAIL,
                    mail_ref=place,
                    sent_at=None,
                    note="随附 Word 文档和 Excel 工作簿" if attach else "",
                    recorded_by=SYSTEM.display_name,
                    recorded_at=now(),
                )
            )


def mail_left(session: Session, mail: OutboxMessage, at: datetime) -> None:
    """The outbox has sent an announcement: its delivery is noted."""
    session.execute(
        sa.update(ReportDelivery).where(ReportDelivery.mail_ref == mail.object_ref).values(sent_at=at)
    )


def record_delivery(
    session: Session,
    report_id: int,
    *,
    recipient: str,
    how: Delivered,
    at: datetime,
    signed_by: str,
    note: str,
    actor: Actor,
) -> ReportDelivery:
    """Notes that an issue was handed over on paper or in person."""
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound("没有这期专报。")
    if how is Delivered.MAIL:
        raise DomainError("邮件通知由系统自己登记。")
    if at > now():
        raise DomainError("送达时间不能晚于现在。")
    row = ReportDelivery(
        report_id=report.id,
        recipient=clean_line(recipient),
        how=how,
        sent_at=at,
        signed_by=clean_line(signed_by),
        note=clean_line(note),
        recorded_by=actor.display_name,
        recorded_at=now(),
    )
    session.add(row)
    audit.record(
        session, "report.delivered", actor=actor.username, object_ref=report.ref, how=how.value, at=at
    )
    return row


def _sender() -> str | None:
    settings: Settings = current_app.extensions["settings"]
    if settings.office.smtp is not None:
        return settings.office.smtp.address
    return next((each.address for each in senders.configured_senders()), None)


def _enclosed(report: Report, files: Mapping[FileFormat, StoredBlob]) -> list[OutgoingFile]:
    return [
        OutgoingFile(
            name=f"{report.title}{report.number}.{kind.value}",
            content_type=MEDIA_TYPES[kind],
            size=files[kind].size,
            blob=files[kind].name,
        )
        for kind in ATTACHED
        if kind in files
    ]


def _body(report: Report, files: Mapping[FileFormat, StoredBlob], *, attach: bool) -> str:
    """Number, period and where it lies; no case and no figure in the text itself."""
    settings: Settings = current_app.extensions["settings"]
    digests = "\n".join(f"{kind.label} SHA-256：{blob.sha256}" for kind, blob in files.items())
    lies = "Word 文档和 Excel 工作簿随信附上；也可" if attach else "请"
    corrected = (
        f"本期为更正专报，代替 {report.corrects}（原因：{report.correction_reason}）。\n"
        if report.corrects
        else ""
    )
    return (
        f"{report.title}已由系统自动生成，编号 {report.number}。\n"
        f"{corrected}"
        f"{lies}登录 {settings.base_url} 的“专报”页查阅、下载，或与{settings.office.name}联系领取纸质件。\n\n"
        f"文件校验值（用于核对下载的文件没有被改动）：\n{digests}\n\n"
        f"{settings.office.name}（系统自动发送，请勿直接回复）\n"
    )
