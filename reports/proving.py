"""Frozen bulletins against what the audit chain vouches for: the rows, the contents, every file to its last byte.

Each issue also holds an anchor, the chain's end of its day, which has been printed, sent and signed for: so the bulletins
prove the chain, and the chain the bulletins.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.audit import Anchor, AuditEntry
from core.blobs import BlobMissing, BlobStore
from reports import contents_json
from reports.freezing import FROZEN
from reports.models import Report, ReportFile

_REF = "report/"


def trouble(session: Session, store: BlobStore) -> list[str]:
    """What does not agree, issue by issue; empty if all do. Reads every file out of the store."""
    vouched = _vouched(session)
    files = _files(session)
    found = []
    there = set()
    for report in session.scalars(sa.select(Report).order_by(Report.id)):
        there.add(report.number)
        sentence = _sentence(report, vouched.get(report.number), files.get(report.id, ()), store)
        if sentence:
            found.append(f"{report.number}：{sentence}")
    return found + [f"{number}：整期专报已被删除" for number in vouched if number not in there]


def anchors(session: Session) -> list[Anchor]:
    """The anchors in the bulletins; one whose contents were changed proves nothing any more."""
    vouched = _vouched(session)
    found = []
    for number, text in session.execute(sa.select(Report.number, Report.contents).order_by(Report.id)):
        known = vouched.get(number)
        if known is not None and known.get("contents") != _digest(text):
            continue
        integrity = json.loads(text)["integrity"]
        found.append(Anchor(seq=integrity["anchor_seq"], mac=integrity["anchor_mac"]))
    return found


def _vouched(session: Session) -> dict[str, Mapping[str, Any]]:
    """What was put into the chain when each issue was frozen, by its number."""
    rows = session.execute(
        sa.select(AuditEntry.object_ref, AuditEntry.data)
        .where(AuditEntry.action == FROZEN)
        .order_by(AuditEntry.seq)
    )
    return {row.object_ref.removeprefix(_REF): json.loads(row.data) for row in rows}


def _files(session: Session) -> dict[int, list[ReportFile]]:
    found: dict[int, list[ReportFile]] = defaultdict(list)
    for file in session.scalars(sa.select(ReportFile).order_by(ReportFile.report_id, ReportFile.format)):
        found[file.report_id].append(file)
    return found


def _sentence(
    report: Report, known: Mapping[str, Any] | None, files: Sequence[ReportFile], store: BlobStore
) -> str:
    if known is None:
        return "没有生成记录，不是系统生成的专报"
    if known.get("contents") != _digest(report.contents):
        return "内容被改动过"
    if not _heads_agree(report):
        return "期号、标题或日期被改动过"
    if {file.format.value: file.sha256 for file in files} != known.get("files"):
        return "文件清单被改动过"
    return next(_file_trouble(files, store), "")


def _file_trouble(files: Sequence[ReportFile], store: BlobStore) -> Iterator[str]:
    for file in files:
        try:
            content = store.get(file.blob)
        except BlobMissing:
            yield f"{file.format.label}文件缺失或读不出来"
            continue
        if hashlib.sha256(content).hexdigest() != file.sha256 or len(content) != file.size:
            yield f"{file.format.label}文件与生成时不同"


def _heads_agree(report: Report) -> bool:
    """Whether the columns that lists and numbers go by say what the frozen contents say."""
    frozen = contents_json.from_json(report.contents)
    return (
        report.kind,
        report.period,
        report.issue_no,
        report.number,
        report.title,
        report.first_day,
        report.last_day,
        report.cutoff,
        report.corrects,
        report.correction_reason,
    ) == (
        frozen.span.kind,
        frozen.span.name,
        frozen.issue_no,
        frozen.number,
        frozen.title,
        frozen.span.first_day,
        frozen.span.last_day,
        frozen.cutoff,
        frozen.corrects,
        frozen.correction_reason,
    )


def _digest(contents: str) -> str:
    return audit.digest({"contents": contents})
