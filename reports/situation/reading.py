"""What pages and rules ask of situation reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, AccountRole
from accounts.vocabulary import Role
from core.errors import NotFound
from reports import records
from reports.contents import Bulletin
from reports.contents_json import record_from
from reports.models import Report, ReportFile
from reports.situation.contents import Letter, Source, Written, letter
from reports.situation.duties import Hands, may_draft
from reports.situation.models import SituationIssue, SituationReport, SituationScan, SituationStep
from reports.situation.vocabulary import SituationAct, SituationState
from reports.vocabulary import FileFormat

SHOWN = 100
_WRITING = (SituationAct.DRAFTED, SituationAct.EDITED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A situation report in the list."""

    row: SituationReport
    bulletin: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A situation report with all that belongs to it, and the words as they stand or were signed."""

    row: SituationReport
    source: Report
    bulletin: Bulletin
    letter: Letter
    issue: SituationIssue | None
    steps: Sequence[SituationStep]
    scans: Sequence[SituationScan]
    hands: Hands


def found(session: Session, key: int) -> SituationReport:
    row = session.get(SituationReport, key)
    if row is None:
        raise NotFound("没有这份情况报告。")
    return row


def listed(session: Session, actor: Actor, *, bulletin_id: int | None = None) -> list[Line]:
    """The newest first; who does not draft sees what was signed."""
    query = (
        sa.select(SituationReport, Report.number, SituationIssue.number)
        .join(Report, Report.id == SituationReport.bulletin_id)
        .outerjoin(SituationIssue, SituationIssue.situation_id == SituationReport.id)
        .order_by(SituationReport.id.desc())
        .limit(SHOWN)
    )
    if bulletin_id is not None:
        query = query.where(SituationReport.bulletin_id == bulletin_id)
    if not may_draft(actor):
        query = query.where(SituationReport.state == SituationState.SIGNED)
    return [
        Line(row=row, bulletin=source, number=number or "") for row, source, number in session.execute(query)
    ]


def whole(session: Session, key: int, actor: Actor) -> Whole:
    """NotFound for a draft where the person may see signed ones only."""
    row = found(session, key)
    if row.state is not SituationState.SIGNED and not may_draft(actor):
        raise NotFound("没有这份情况报告。")
    source = session.get_one(Report, row.bulletin_id)
    bulletin = records.bulletin_of(source)
    issue = session.get(SituationIssue, key)
    return Whole(
        row=row,
        source=source,
        bulletin=bulletin,
        letter=record_from(Letter, issue.contents)
        if issue is not None
        else letter(bulletin, written_of(row), source_of(session, source)),
        issue=issue,
        steps=session.scalars(
            sa.select(SituationStep).where(SituationStep.situation_id == key).order_by(SituationStep.id)
        ).all(),
        scans=session.scalars(
            sa.select(SituationScan).where(SituationScan.situation_id == key).order_by(SituationScan.id)
        ).all(),
        hands=hands(session, row),
    )


def written_of(row: SituationReport) -> Written:
    return Written(
        kind=row.kind,
        addressee=row.addressee,
        copies=row.copies,
        title=row.title,
        opening=row.opening,
        shortcomings=row.shortcomings,
        next_steps=row.next_steps,
    )


def source_of(session: Session, row: Report) -> Source:
    """The bulletin by number and by the digest of its Word file."""
    digest = session.execute(
        sa.select(ReportFile.sha256).where(
            ReportFile.report_id == row.id, ReportFile.format == FileFormat.DOCX
        )
    ).scalar_one()
    return Source(number=row.number, digest=digest)


def hands(session: Session, row: SituationReport) -> Hands:
    """Who wrote it and who there is."""
    writers = session.scalars(
        sa.select(SituationStep.by_id).where(
            SituationStep.situation_id == row.id, SituationStep.act.in_(_WRITING)
        )
    )
    return Hands(
        state=row.state,
        writers=frozenset(writers),
        checker=row.checked_by_id,
        heads=_holders(session, Role.HEAD),
        leaders=_holders(session, Role.LEADER),
    )


def names_of(session: Session, accounts: Iterable[int]) -> set[str]:
    return set(session.scalars(sa.select(Account.display_name).where(Account.id.in_(list(accounts)))))


def _holders(session: Session, role: Role) -> tuple[tuple[int, str], ...]:
    rows = session.execute(
        sa.select(Account.id, Account.display_name)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(AccountRole.role == role, Account.disabled_at.is_(None))
        .order_by(Account.id)
    )
    return tuple((key, name) for key, name in rows)
