"""Making a backup: blobs and rows of one moment, while everybody goes on working.

The rows come from one read transaction. The blobs are listed after it has begun, and a blob is stored before any row
refers to it: so no row of the file lacks its blob. The file gets its name last; a killed backup leaves none.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.engine import Connection

from core import failpoints
from core.audit import GENESIS, Anchor, AuditHead
from core.blobs import blob_store
from core.clock import now
from core.db import db
from core.errors import RanWithProblem
from core.keys import keys_in_use
from operations.backup import rows as row_files
from operations.backup.archive import SUFFIX, Manifest, digest_of, pack
from operations.backup.copies import Copied, Copies

if TYPE_CHECKING:
    from config.settings import Settings

log = logging.getLogger(__name__)
LEFT_BEHIND_SECONDS = 6 * 3600
BLOBS_COPIED = failpoints.declare("backup.blobs_copied", "备份：附件已复制，备份文件还没有写成")
WRITTEN = failpoints.declare("backup.written", "备份：数据已写出，备份文件还没有定名")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A backup that is there now."""

    file: Path
    manifest: Manifest

    @property
    def rows(self) -> int:
        return sum(self.manifest.counts.values())


def create(folder: Path) -> Made:
    """Writes `hotline-<UTC>.backup` into the folder and the blobs beside it; RanWithProblem if it cannot be written."""
    started = now().astimezone(UTC)
    path = folder / f"hotline-{started:%Y%m%dT%H%M%SZ}{SUFFIX}"
    temporary = folder / f".hotline-{secrets.token_hex(6)}.rows"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            raise RanWithProblem(f"{path.name} 已经有了，请过一秒再试。")
        _sweep(folder)
        temporary.touch(mode=0o600, exist_ok=False)
        try:
            manifest = _write(folder, temporary, started)
            failpoints.hit(WRITTEN)
            pack(path, temporary, manifest, keys_in_use())
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, sqlite3.OperationalError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RanWithProblem(f"备份写不进 {folder}：{reason or type(error).__name__}。") from error
    log.info("backup %s made", path.name)
    return Made(file=path, manifest=manifest)


def _sweep(folder: Path) -> None:
    """Removes what killed backups left behind; what is younger may be another's work of this moment."""
    for path in (*folder.glob(".hotline-*.rows"), *folder.glob(".hotline-*.partial")):
        if time.time() - path.stat().st_mtime > LEFT_BEHIND_SECONDS:
            path.unlink(missing_ok=True)


def _write(folder: Path, temporary: Path, started: datetime) -> Manifest:
    settings: Settings = current_app.extensions["settings"]
    copies = Copies(folder)
    with snapshot() as connection:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        counts = row_files.dump(connection, temporary)
        anchor = _anchor(connection)
        engine = connection.dialect.name
        # Within the snapshot's life the store only grows, except for what the retention run destroys.
        blobs = _write_blob_list(temporary, copies.add_all(blob_store()))
    failpoints.hit(BLOBS_COPIED)
    sha256, size = digest_of(temporary)
    return Manifest(
        created_at=started,
        revision=revision,
        engine=engine,
        office=settings.office.short_name,
        key_check=keys_in_use().check_value(),
        anchor=anchor,
        counts=counts,
        blobs=blobs,
        rows_sha256=sha256,
        rows_size=size,
    )


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees one moment of the database, whatever is written meanwhile."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def _anchor(connection: Connection) -> Anchor:
    head = connection.execute(sa.select(AuditHead.seq, AuditHead.mac).where(AuditHead.id == 1)).one_or_none()
    return Anchor(seq=head.seq, mac=head.mac) if head else Anchor(seq=0, mac=GENESIS)


def _write_blob_list(path: Path, copied: Iterator[Copied]) -> int:
    file = sqlite3.connect(path, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode=OFF")
        file.execute("BEGIN")
        file.execute("CREATE TABLE _blob (name text, size integer)")
        file.executemany("INSERT INTO _blob VALUES (?, ?)", ((each.name, each.size) for each in copied))
        (count,) = file.execute("SELECT count(*) FROM _blob").fetchone()
        file.execute("COMMIT")
    finally:
        file.close()
    return int(count)
