"""Backups that make themselves: hourly, checked every night, the older ones thinned out; what is known of the last."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy.orm import Session

from core import state
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import RanWithProblem
from operations.auditing import ANCHORS, write_anchor
from operations.backup.archive import SUFFIX
from operations.backup.checking import check
from operations.backup.making import Made, create

if TYPE_CHECKING:
    from config.settings import Settings

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
HOURLY_KEPT = 48
DAILY_KEPT = 30
_LAST_MADE, _LAST_CHECKED = "backup.last_made", "backup.last_checked"
_NAME = re.compile(rf"hotline-(\d{{8}}T\d{{6}}Z){re.escape(SUFFIX)}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Noted:
    """How the last try went."""

    at: datetime
    ok: bool
    message: str
    file: str


def last_made(session: Session) -> Noted | None:
    """The last try to make a backup; None if there was none."""
    return _noted(session, _LAST_MADE)


def last_checked(session: Session) -> Noted | None:
    """The last thorough check of a backup."""
    return _noted(session, _LAST_CHECKED)


def folder() -> Path | None:
    """Where backups make themselves, by the settings."""
    settings: Settings = current_app.extensions["settings"]
    return settings.backup_dir


def note_made(made: Made) -> None:
    """Keeps that a backup was made, for `doctor` and the banners."""
    _note(_LAST_MADE, ok=True, message=f"记录 {made.rows} 条", file=made.file.name)


def make_if_due() -> None:
    """Makes the hourly backup when the newest is an hour old; a quick check is part of it."""
    target = folder()
    if target is None or not _due(target):
        return
    try:
        made = create(target)
        found = check(made.file, thorough=False)
    except RanWithProblem as problem:
        end_read()
        _note(_LAST_MADE, ok=False, message=problem.message, file="")
        return
    end_read()
    if found.ok:
        note_made(made)
    else:
        _note(_LAST_MADE, ok=False, message="".join(found.problems), file=made.file.name)


def _due(target: Path) -> bool:
    moments = [moment for moment, _ in files(target)]
    return not moments or now() - max(moments) >= EVERY


def look_after() -> None:
    """Every night: the newest backup is opened and checked to the last blob, the anchor written, old ones removed."""
    target = folder()
    if target is None:
        return
    found = files(target)
    if found:
        _check_newest(found[-1][1])
        write_anchor(target / ANCHORS, moment=now())
    for path in superfluous(found):
        path.unlink(missing_ok=True)
        log.info("old backup %s removed", path.name)


def _check_newest(path: Path) -> None:
    try:
        checked = check(path)
        _note(_LAST_CHECKED, ok=checked.ok, message="".join(checked.problems), file=path.name)
    except RanWithProblem as problem:
        end_read()
        _note(_LAST_CHECKED, ok=False, message=problem.message, file=path.name)


def files(target: Path) -> list[tuple[datetime, Path]]:
    """The backup files of a folder, oldest first, by the moments in their names."""
    found = []
    for path in target.glob(f"*{SUFFIX}"):
        match = _NAME.fullmatch(path.name)
        if match:
            moment = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            found.append((moment, path))
    return sorted(found)


def superfluous(found: Iterable[tuple[datetime, Path]]) -> list[Path]:
    """What need not be kept: neither among the newest 48, nor the last of one of the newest 30 days. Pure."""
    newest_first = sorted(found, reverse=True)
    kept = {path for _, path in newest_first[:HOURLY_KEPT]}
    days: set[date] = set()
    for moment, path in newest_first:
        day = office_day(moment)
        if day not in days and len(days) < DAILY_KEPT:
            days.add(day)
            kept.add(path)
    return [path for _, path in newest_first if path not in kept]


def _note(name: str, *, ok: bool, message: str, file: str) -> None:
    if not ok:
        log.error("backup: %s is not well", file or "none made")
    kept = {"at": now().isoformat(), "ok": ok, "message": message, "file": file}
    with transaction() as session:
        state.set_fact(session, name, json.dumps(kept, ensure_ascii=False))


def _noted(session: Session, name: str) -> Noted | None:
    text = state.get_fact(session, name)
    if text is None:
        return None
    plain = json.loads(text)
    return Noted(
        at=datetime.fromisoformat(plain["at"]),
        ok=plain["ok"],
        message=plain["message"],
        file=plain["file"],
    )


def newest_age(moment: datetime) -> timedelta | None:
    """How old the newest backup is that was made well; None if there is none."""
    noted = last_made(db.session())
    return moment - noted.at if noted is not None and noted.ok else None
