"""Proving the record: the chain of the audit log, what it vouches for elsewhere, and anchors kept outside the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core import audit, state
from core.audit import Anchor, AuditEntry, ChainResult
from core.blobs import BlobStore, blob_store
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import RanWithProblem
from operations.backup.archive import sync_folder
from reports import proving
from tickets.replay import verify_replay
from tickets.secrecy import leak_inquiries

if TYPE_CHECKING:
    from config.settings import Settings

ANCHORS = "audit-anchors.jsonl"  # beside the backups
RESTORED = "backup.restored"
_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What `audit verify` found: the chain, and sentences about rows that do not agree with it."""

    chain: ChainResult
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.chain.ok and not self.problems

    @property
    def sentence(self) -> str:
        return self.chain.message if self.ok else "；".join([*self._chain_trouble, *self.problems[:3]])

    @property
    def _chain_trouble(self) -> list[str]:
        return [] if self.chain.ok else [self.chain.message]

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "rows": self.chain.rows,
            "checked": self.chain.checked,
            "first_bad": self.chain.first_bad,
            "message": self.sentence,
            "problems": list(self.problems),
        }


def verify(anchors: list[Anchor] | None = None) -> Verified:
    """Checks the whole record and keeps the result for `doctor` and the banners.

    Besides the anchors that are given, those in the bulletins and those beside the backups have to fit.
    """
    try:
        session = db.session()
        beside, unreadable = _beside_the_backups(session)
        found = Verified(
            chain=audit.verify_chain(session, anchors=[*proving.anchors(session), *beside, *(anchors or [])]),
            problems=(*unreadable, *beyond_the_chain(session, blob_store())),
        )
    finally:
        end_read()
    with transaction() as writing:
        kept = {"at": now().isoformat(), "ok": found.ok, "message": found.sentence}
        state.set_fact(writing, audit.LAST_VERIFIED, json.dumps(kept, ensure_ascii=False))
    return found


def beyond_the_chain(session: Session, store: BlobStore) -> list[str]:
    """What the chain vouches for: every ticket's history, status and due dates, told again, and every frozen bulletin."""
    told = verify_replay(session)
    sentences = [f"{finding.number}：{finding.sentence}" for finding in told.findings]
    sentences += leak_inquiries.trouble(session)
    sentences += proving.trouble(session, store)
    if len(sentences) > _NAMED:
        return [*sentences[:_NAMED], f"另有 {len(sentences) - _NAMED} 件也不符"]
    return sentences


def _beside_the_backups(session: Session) -> tuple[list[Anchor], list[str]]:
    """The anchors on the backup medium, and what keeps them from being read.

    After a restore the anchors between the backup and the restore are of a chain that was lost with the old machine; the
    restore itself stands in the chain, for everybody to read.
    """
    settings: Settings = current_app.extensions["settings"]
    if settings.backup_dir is None or not (settings.backup_dir / ANCHORS).exists():
        return [], []
    try:
        kept = _read(settings.backup_dir / ANCHORS)
    except RanWithProblem as problem:
        return [], [problem.message]
    lost = [
        (json.loads(row.data)["anchor"], row.recorded_at)
        for row in session.execute(
            sa.select(AuditEntry.data, AuditEntry.recorded_at).where(AuditEntry.action == RESTORED)
        )
    ]
    return [
        anchor
        for at, anchor in kept
        if not any(anchor.seq > seq and at <= restored_at for seq, restored_at in lost)
    ], []


def write_anchor(path: Path, *, moment: datetime) -> Anchor:
    """Adds the chain's present end to a file outside the database: one JSON object a line, the newest last."""
    anchor = audit.current_anchor(db.session())
    end_read()
    line = json.dumps({"at": moment.isoformat(), "seq": anchor.seq, "mac": anchor.mac})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        sync_folder(path.parent)
    except OSError as error:
        raise RanWithProblem(f"校验值写不进 {path}：{error.strerror or type(error).__name__}。") from error
    return anchor


def read_anchors(path: Path) -> list[Anchor]:
    """All anchors of a file; RanWithProblem if a line is none."""
    return [anchor for _, anchor in _read(path)]


def _read(path: Path) -> list[tuple[datetime, Anchor]]:
    anchors = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RanWithProblem(f"校验值文件 {path} 读不了。") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            at = datetime.fromisoformat(plain["at"])
            anchors.append((at, Anchor(seq=int(plain["seq"]), mac=str(plain["mac"]))))
        except (ValueError, KeyError, TypeError) as error:
            raise RanWithProblem(f"校验值文件 {path} 第 {number} 行不是校验值。") from error
    return anchors
