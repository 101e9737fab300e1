"""The way of a situation report: drafted from a bulletin, checked, signed, its paper returned, handed over.

Signing freezes it: the words, the number and the Word file are kept and never change. Paper that leaders have signed by hand
is written down with its scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.blobs import blob_store
from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.text import clean_line, clean_text
from reports import records
from reports.contents import Bulletin
from reports.contents_json import to_json
from reports.models import Report
from reports.scans import Scan
from reports.situation import duties, numbering, reading
from reports.situation.contents import (
    Letter,
    Written,
    letter,
    proposed_opening,
    proposed_title,
    strange_figures,
)
from reports.situation.models import SituationIssue, SituationReport, SituationScan, SituationStep
from reports.situation.vocabulary import PaperKind, SignedHow, SituationAct, SituationState
from reports.vocabulary import Delivered
from tickets.masking.leak_check import leaks
from tickets.masking.mask import Identity
from tickets.models import School

ADDRESSEE = "县纪委监委"


def draft(session: Session, bulletin_id: int, *, actor: Actor) -> SituationReport:
    """A new draft with what can be proposed; the newest issue of the period only."""
    if not duties.may_draft(actor):
        raise NotAllowed("情况报告由股室负责人或分管领导拟稿。")
    row = session.get(Report, bulletin_id)
    if row is None:
        raise NotFound("没有这期专报。")
    _newest(session, row)
    bulletin = records.bulletin_of(row)
    found = SituationReport(
        bulletin_id=row.id,
        kind=PaperKind.REPORT,
        state=SituationState.DRAFT,
        addressee=ADDRESSEE,
        title=proposed_title(bulletin, PaperKind.REPORT),
        opening=proposed_opening(bulletin),
        drafted_by=actor.display_name,
        drafted_at=now(),
    )
    session.add(found)
    session.flush()
    _step(session, found, SituationAct.DRAFTED, actor, note=row.number)
    return found


def edit(session: Session, key: int, written: Written, *, version: int, actor: Actor) -> SituationReport:
    """Changes the draft; who changes it has written it, and neither checks nor signs it."""
    found = _for_change(session, key, version)
    if not duties.may_edit(actor, reading.hands(session, found)):
        raise NotAllowed("送核稿以后不能再改；要改请核稿人退回。")
    found.kind = written.kind
    found.addressee = clean_line(written.addressee)
    found.copies = clean_line(written.copies)
    found.title = clean_line(written.title)
    found.opening = clean_text(written.opening).strip()
    found.shortcomings = clean_text(written.shortcomings).strip()
    found.next_steps = clean_text(written.next_steps).strip()
    _step(session, found, SituationAct.EDITED, actor)
    return found


def submit(session: Session, key: int, *, version: int, actor: Actor) -> SituationReport:
    """To the one who checks; refused while a figure is not the bulletin's or a text could name somebody."""
    found = _for_change(session, key, version)
    if not duties.may_edit(actor, reading.hands(session, found)):
        raise NotAllowed("这份稿子现在不能送核稿。")
    row = session.get_one(Report, found.bulletin_id)
    _newest(session, row)
    written = reading.written_of(found)
    if not written.next_steps.strip():
        raise DomainError("请写“下一步工作”。")
    _equal_to_the_bulletin(written, records.bulletin_of(row), row.number)
    _nobody_named(session, written)
    found.state = SituationState.TO_CHECK
    _step(session, found, SituationAct.SUBMITTED, actor)
    return found


def check(session: Session, key: int, *, version: int, note: str, actor: Actor) -> SituationReport:
    found = _for_change(session, key, version)
    hands = reading.hands(session, found)
    if not duties.may_check(actor, hands):
        raise NotAllowed(f"您不能核这份稿：拟稿人不核自己的稿。{duties.next_words(hands)}")
    found.state = SituationState.TO_SIGN
    found.checked_by_id, found.checked_by = actor.id, actor.display_name
    _step(session, found, SituationAct.CHECKED, actor, note=note)
    return found


def send_back(session: Session, key: int, *, version: int, note: str, actor: Actor) -> SituationReport:
    """Back to the draft, with what has to be changed."""
    found = _for_change(session, key, version)
    if not duties.may_return(actor, reading.hands(session, found)):
        raise NotAllowed("这份稿子不能由您退回。")
    if not clean_text(note).strip():
        raise DomainError("退回修改要写明改什么。")
    found.state = SituationState.DRAFT
    found.checked_by_id, found.checked_by = None, ""
    _step(session, found, SituationAct.RETURNED, actor, note=note)
    return found


@dataclass(frozen=True, kw_only=True)
class Signature:
    """How it was signed. `number` empty: the next one of the office. On paper: by whom, and the scan."""

    how: SignedHow
    signed_on: date
    number: str = ""
    signer: str = ""
    scan: Scan | None = None


def sign(session: Session, key: int, signature: Signature, *, version: int, actor: Actor) -> SituationIssue:
    """Numbers and freezes the report: words, file and digest. DomainError with the rule that says no."""
    found = _for_change(session, key, version)
    signer, note = _signer(session, found, signature, actor)
    if signature.signed_on > office_day(now()):
        raise DomainError("成文日期不能晚于今天。")
    row = session.get_one(Report, found.bulletin_id)
    _newest(session, row)
    number = numbering.number_for(session, signature.number, signature.signed_on)
    bulletin = records.bulletin_of(row)
    finished = letter(
        bulletin,
        reading.written_of(found),
        reading.source_of(session, row),
        number=number,
        signed_by=signer,
        signed_on=signature.signed_on,
    )
    issue = _issue(found, finished, bulletin, signature.how, actor)
    session.add(issue)
    found.state = SituationState.SIGNED
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError(f"文号 {number} 已经用过，请核对。") from error
    _step(session, found, SituationAct.SIGNED, actor, note=note or number, file=issue.sha256)
    if signature.scan is not None:
        _add_scan(session, found, signature.scan, actor)
    return issue


def _signer(session: Session, found: SituationReport, signature: Signature, actor: Actor) -> tuple[str, str]:
    """Whose name stands under it, and what has to be said about that."""
    hands = reading.hands(session, found)
    if signature.how is SignedHow.SYSTEM:
        if not duties.may_sign(actor, hands):
            raise NotAllowed(f"您不能签发这份报告：拟稿人不能签发自己拟的稿。{duties.next_words(hands)}")
        same = actor.id == hands.checker
        return actor.display_name, "没有别人可以核稿，核稿和签发是同一人。" if same else ""
    if not duties.may_record_signature(actor, hands):
        raise NotAllowed("纸质签发由股室负责人或分管领导登记。")
    signer = clean_line(signature.signer)
    if not signer:
        raise DomainError("请写明是谁在纸上签发的。")
    if signature.scan is None:
        raise DomainError("纸质签发要上传签过字的扫描件。")
    if signer in reading.names_of(session, hands.writers):
        raise DomainError("拟稿人不能签发自己拟的稿。")
    by_writer = "（拟稿人补录）" if actor.id in hands.writers else ""
    return signer, f"{signer} 在纸上签发，由 {actor.display_name} 补录{by_writer}。"


def _issue(
    found: SituationReport, finished: Letter, bulletin: Bulletin, how: SignedHow, actor: Actor
) -> SituationIssue:
    # Late: what lays out documents is slow to import, and only this needs it.
    from reports.render.letter import render_letter

    assert finished.signed_on is not None  # noqa: S101 - it has just been signed
    stored = blob_store().put(render_letter(finished, bulletin))
    return SituationIssue(
        situation_id=found.id,
        number=finished.number,
        signed_by=finished.signed_by,
        signed_by_id=actor.id if how is SignedHow.SYSTEM else None,
        signed_on=finished.signed_on,
        on_paper=how is SignedHow.PAPER,
        recorded_by=actor.display_name,
        issued_at=now(),
        contents=to_json(finished),
        name=f"{finished.title}（{finished.number}）.docx",
        blob=stored.name,
        sha256=stored.sha256,
        size=stored.size,
    )


def keep_scan(session: Session, key: int, scan: Scan, *, actor: Actor) -> SituationScan:
    """The signed and sealed paper, scanned; every one that comes back is kept."""
    found = reading.found(session, key)
    if found.state is not SituationState.SIGNED or not duties.may_draft(actor):
        raise DomainError("签发以后才能归卷签字盖章件。")
    kept = _add_scan(session, found, scan, actor)
    _step(session, found, SituationAct.SCANNED, actor, file=scan.sha256)
    return kept


def deliver(
    session: Session,
    key: int,
    *,
    recipient: str,
    how: Delivered,
    at: datetime,
    signed_by: str,
    note: str,
    actor: Actor,
) -> SituationReport:
    """Notes to whom the signed report was handed over, how and when, and who signed for it."""
    found = reading.found(session, key)
    if found.state is not SituationState.SIGNED or not duties.may_draft(actor):
        raise DomainError("签发以后才能登记报送。")
    if at > now():
        raise DomainError("报送时间不能晚于现在。")
    parts = (
        clean_line(recipient),
        how.label,
        f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M}",
        f"{clean_line(signed_by)}签收" if signed_by.strip() else "",
        clean_line(note),
    )
    _step(session, found, SituationAct.DELIVERED, actor, note="，".join(part for part in parts if part))
    return found


def drop(session: Session, key: int, *, version: int, actor: Actor) -> SituationReport:
    """Gives a draft up; what was signed stays for good."""
    found = _for_change(session, key, version)
    if not duties.may_edit(actor, reading.hands(session, found)):
        raise NotAllowed("只有拟稿中的能作废。")
    found.state = SituationState.DROPPED
    _step(session, found, SituationAct.DROPPED, actor)
    return found


def _add_scan(session: Session, found: SituationReport, scan: Scan, actor: Actor) -> SituationScan:
    kept = SituationScan(
        situation_id=found.id,
        blob=scan.blob,
        name=scan.name,
        sha256=scan.sha256,
        size=scan.size,
        by=actor.display_name,
        at=now(),
    )
    session.add(kept)
    session.flush()
    return kept


def _for_change(session: Session, key: int, version: int) -> SituationReport:
    found = session.scalars(
        sa.select(SituationReport).where(SituationReport.id == key).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound("没有这份情况报告。")
    if found.version != version:
        raise StaleVersion("刚才有人已经改过这份情况报告，请刷新后再看。")
    return found


def _newest(session: Session, row: Report) -> None:
    """A report may not be drawn from figures that were corrected."""
    newest = records.latest(session, row.kind, row.period)
    if newest is not None and newest.id != row.id:
        raise DomainError(f"这期专报已有更正 {newest.number}，请据更正后的专报重新拟稿。")


def _equal_to_the_bulletin(written: Written, bulletin: Bulletin, number: str) -> None:
    strange = strange_figures(written, bulletin)
    if strange:
        raise DomainError(
            f"这些数字专报 {number} 里没有：{'、'.join(strange)}。报告的数字要与专报一致，请核对或改写。"
        )


def _nobody_named(session: Session, written: Written) -> None:
    """Numbers, addresses and pupils have no place in what goes to those above; the names of schools do."""
    found = leaks(written.own, identity=Identity(), schools=session.scalars(sa.select(School.name)))
    if found:
        raise DomainError("".join(each.sentence for each in found[:3]) + "请改写后再送。")


def _step(
    session: Session,
    found: SituationReport,
    act: SituationAct,
    actor: Actor,
    *,
    note: str = "",
    file: str = "",
) -> None:
    assert actor.id is not None  # noqa: S101 - only people may
    session.add(
        SituationStep(
            situation_id=found.id,
            act=act,
            note=clean_text(note).strip(),
            by=actor.display_name,
            by_id=actor.id,
            at=now(),
        )
    )
    session.flush()
    audit.record(
        session,
        f"situation.{act.value}",
        actor=actor.username,
        object_ref=found.ref,
        digest=audit.digest(
            {
                "kind": found.kind.value,
                "addressee": found.addressee,
                "copies": found.copies,
                "title": found.title,
                "texts": [found.opening, found.shortcomings, found.next_steps],
            }
        ),
        file=file,
    )
