"""Freezing a bulletin: exactly one issue of a kind, period and number, whoever tries, however often, wherever it is killed.

The bulletin is composed and its files are written to the blob store first; one transaction then makes the rows, the mails and
the audit entry. The unique key decides who was first; whoever comes second gets the first one's bytes. What a killed process
has left in the store is equal to what the next one makes, or is found as an orphan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from core import audit, failpoints
from core.blobs import StoredBlob, blob_store
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.progress import progress
from core.text import clean_line
from reports import periods, records
from reports.announcing import announce
from reports.bulletins import Issue, Unbalanced, compose
from reports.contents import Bulletin, BulletinKind, Span
from reports.contents_json import to_json
from reports.models import Report, ReportFile
from reports.periods import Cut
from reports.vocabulary import FileFormat

COMPOSED = failpoints.declare("reports.composed", "专报已算好，文件还没有写")
ONE_FILE = failpoints.declare("reports.one_file", "专报的第一个文件已写，其余还没有写")
FILES_WRITTEN = failpoints.declare("reports.files_written", "专报文件已写好，还没有登记")
BEFORE_COMMIT = failpoints.declare("reports.before_commit", "专报已登记，事务还没有提交")
COMMITTED = failpoints.declare("reports.committed", "专报已提交，还没有交付")

FROZEN = "report.frozen"


class NotFinished(DomainError):
    """The period is not over: only a draft can be made."""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """An issue with its files; `created` if this very call made it."""

    id: int
    number: str
    kind: BulletinKind
    period: str
    issue_no: int
    title: str
    created: bool


@dataclass(frozen=True, kw_only=True)
class File:
    """A file as it is handed out."""

    name: str
    content: bytes
    sha256: str = ""


def freeze(span: Span, *, actor: Actor = SYSTEM) -> Frozen:
    """Issue 1 of a finished period, made now if there is none; NotFinished, Unbalanced."""
    if not periods.finished(span, now()):
        raise NotFinished(f"{span.label}还没有结束，只能出草稿（--draft）。")
    kept = _first_issue(span)
    if kept is not None:
        return kept
    try:
        return _make(span, Issue(number=_number(span, 1)), actor)
    except IntegrityError:
        # Another process was faster; its bytes are the bulletin.
        winner = _first_issue(span)
        if winner is None:
            raise
        return winner


def correct(report_id: int, reason: str, *, actor: Actor) -> Frozen:
    """A corrected issue: a new number that names the old one, which stays as it is."""
    why = clean_line(reason)
    if len(why) < 4:
        raise DomainError("请写明更正的原因。")
    found = db.session().get(Report, report_id)
    if found is None:
        raise NotFound("没有这期专报。")
    newest = records.latest(db.session(), found.kind, found.period)
    assert newest is not None  # noqa: S101 - there is at least the one that is corrected
    span = records.bulletin_of(newest).span
    issue = Issue(
        number=_number(span, newest.issue_no + 1),
        issue_no=newest.issue_no + 1,
        corrects=newest.number,
        correction_reason=why,
    )
    try:
        return _make(span, issue, actor)
    except IntegrityError as error:
        raise DomainError("刚才有人已经出了一期更正，请刷新后再看。") from error


def draft(cut: Cut) -> Bulletin:
    """The bulletin as it would be, without a number; nothing is kept."""
    found = compose(db.session(), cut, Issue())
    end_read()
    return found


def rendered(bulletin: Bulletin) -> Mapping[FileFormat, bytes]:
    """The three files; equal bulletins give equal bytes."""
    # Late: what lays out documents is slow to import, and only this needs it.
    from reports.render.docx import render_docx
    from reports.render.html import render_html
    from reports.render.xlsx import render_xlsx

    return {
        FileFormat.DOCX: render_docx(bulletin),
        FileFormat.XLSX: render_xlsx(bulletin),
        FileFormat.HTML: render_html(bulletin).encode(),
    }


def file_name(bulletin: Bulletin, kind: FileFormat) -> str:
    return f"{bulletin.title}{bulletin.number or '草稿'}.{kind.value}"


def files_of(session: Session, report_id: int) -> list[File]:
    """The stored files of an issue, read back and checked by the store."""
    rows = session.scalars(
        sa.select(ReportFile).where(ReportFile.report_id == report_id).order_by(ReportFile.format)
    ).all()
    return [File(name=row.name, content=blob_store().get(row.blob), sha256=row.sha256) for row in rows]


def due_now(session: Session) -> list[Span]:
    """The finished periods that have no bulletin yet, oldest first of each kind."""
    settings = records.report_settings()
    kinds = [BulletinKind(kind) for kind in settings.kinds]
    wanted = list(periods.due(kinds, records.since(session), now(), settings.period_ends))
    made = {(row.kind, row.period) for row in session.execute(sa.select(Report.kind, Report.period))}
    return [span for span in wanted if (span.kind, span.name) not in made]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of the nightly job did."""

    made: tuple[Frozen, ...] = ()
    failed: tuple[tuple[Span, tuple[str, ...]], ...] = ()

    @property
    def ok(self) -> bool:
        return not self.failed


def run_due() -> Run:
    """Makes every bulletin that is due; one whose figures do not agree is named and does not stop those of other kinds."""
    spans = due_now(db.session())
    end_read()
    made: list[Frozen] = []
    failed: list[tuple[Span, tuple[str, ...]]] = []
    with progress("reports.due", "生成数据专报", len(spans)) as steps:
        for span in spans:
            try:
                made.append(freeze(span))
            except Unbalanced as trouble:
                failed.append((span, trouble.differences))
            steps.step()
    return Run(made=tuple(each for each in made if each.created), failed=tuple(failed))


def _number(span: Span, issue_no: int) -> str:
    """ZB-2026-11, ZB-2026-W47; a corrected one ZB-2026-11-2. A missing period is seen by its number."""
    return f"ZB-{span.name}" if issue_no == 1 else f"ZB-{span.name}-{issue_no}"


def _first_issue(span: Span) -> Frozen | None:
    row = (
        db.session()
        .execute(
            sa.select(Report).where(
                Report.kind == span.kind, Report.period == span.name, Report.issue_no == 1
            )
        )
        .scalar_one_or_none()
    )
    found = _frozen(row, created=False) if row is not None else None
    end_read()
    return found


def _make(span: Span, issue: Issue, actor: Actor) -> Frozen:
    bulletin = compose(db.session(), periods.cut_of(span), issue)
    end_read()
    failpoints.hit(COMPOSED)
    stored = _store(rendered(bulletin))
    failpoints.hit(FILES_WRITTEN)
    with transaction() as session:
        row = _row(bulletin, actor)
        session.add(row)
        session.flush()  # the unique key speaks here
        for kind, blob in stored.items():
            session.add(
                ReportFile(
                    report_id=row.id,
                    format=kind,
                    name=file_name(bulletin, kind),
                    blob=blob.name,
                    sha256=blob.sha256,
                    size=blob.size,
                )
            )
        announce(session, row, stored)
        head = audit.current_anchor(session)
        audit.record(
            session,
            FROZEN,
            actor=actor.username,
            object_ref=row.ref,
            contents=audit.digest({"contents": row.contents}),
            files={kind.value: blob.sha256 for kind, blob in stored.items()},
            corrects=issue.corrects,
            head=head.seq,
        )
        session.flush()
        failpoints.hit(BEFORE_COMMIT)
        found = _frozen(row, created=True)
    failpoints.hit(COMMITTED)
    return found


def _store(files: Mapping[FileFormat, bytes]) -> dict[FileFormat, StoredBlob]:
    store = blob_store()
    stored = {}
    for kind, content in files.items():
        stored[kind] = store.put(content)
        failpoints.hit(ONE_FILE)
    return stored


def _row(bulletin: Bulletin, actor: Actor) -> Report:
    return Report(
        kind=bulletin.span.kind,
        period=bulletin.span.name,
        issue_no=bulletin.issue_no,
        number=bulletin.number,
        title=bulletin.title,
        first_day=bulletin.span.first_day,
        last_day=bulletin.span.last_day,
        cutoff=bulletin.cutoff,
        contents=to_json(bulletin),
        corrects=bulletin.corrects,
        correction_reason=bulletin.correction_reason,
        made_by=actor.display_name,
        made_at=now(),
    )


def _frozen(row: Report, *, created: bool) -> Frozen:
    return Frozen(
        id=row.id,
        number=row.number,
        kind=row.kind,
        period=row.period,
        issue_no=row.issue_no,
        title=row.title,
        created=created,
    )
