"""Filling an empty database of either engine from a backup: also the way from SQLite to PostgreSQL.

The tables are made with the structure the backup was written with, filled in one transaction, and then upgraded like any
other database. Killed half-way it leaves empty tables, and may simply be run again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from core import audit, failpoints
from core.audit import ChainResult, verify_chain
from core.blobs import blob_store
from core.db import db, end_read, transaction
from core.errors import CannotStart, RanWithProblem
from core.keys import keys_in_use
from operations import installation
from operations.auditing import RESTORED
from operations.backup import rows as row_files
from operations.backup.archive import Manifest, read_manifest, unpacked
from operations.backup.checking import blob_names
from operations.backup.copies import Copies

LOADED = failpoints.declare("restore.loaded", "恢复：数据已写入，还没有提交")


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back."""

    manifest: Manifest
    blobs: int
    missing: int
    chain: ChainResult


def restore(path: Path) -> Restored:
    """Restores a backup; CannotStart if the database is not empty or the backup is of another key file or a newer
    program, BadBackup if the file is damaged."""
    keys = keys_in_use()
    manifest = read_manifest(path, keys)
    if manifest.key_check != keys.check_value():
        raise CannotStart("密钥文件不是这份备份的那一份。请先把当时的密钥文件放回原处。")
    if manifest.revision not in installation.known_revisions():
        raise CannotStart(
            f"备份是更新版本的程序做的（结构版本 {manifest.revision}），本程序较旧，不能恢复。请安装新版本。"
        )
    _refuse_unless_empty(manifest)
    store, copies = blob_store(), Copies(path.parent)
    with unpacked(path, keys) as (manifest, rows):
        blobs = copies.give_back(blob_names(rows), store)
        missing = sum(not store.exists(name) for name in blob_names(rows))
        upgrade(directory=str(installation.MIGRATIONS), revision=manifest.revision)
        _load(rows)
    if installation.newest_revision() != manifest.revision:
        upgrade(directory=str(installation.MIGRATIONS))
    chain = verify_chain(db.session(), anchors=[manifest.anchor])
    end_read()
    if not chain.ok:
        raise RanWithProblem(f"数据已恢复，但审计记录有问题：{chain.message}。")
    with transaction() as session:
        audit.record(
            session,
            RESTORED,
            actor="系统",
            file=path.name,
            made_at=manifest.created_at,
            anchor=manifest.anchor.seq,
            rows=sum(manifest.counts.values()),
        )
    return Restored(manifest=manifest, blobs=blobs, missing=missing, chain=chain)


def _refuse_unless_empty(manifest: Manifest) -> None:
    with db.engine.connect() as connection:
        look = sa.inspect(connection)
        present = set(look.get_table_names())
        filled = any(
            connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
            for name in sorted(present & manifest.counts.keys())
        )
        revision = (
            connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            if "alembic_version" in present
            else None
        )
    if filled or revision not in {None, manifest.revision}:
        raise CannotStart(
            "这个数据库里已经有数据，不能往里恢复。请用一个空的数据库（DATABASE_URL）或空的数据目录（HOTLINE_DATA_DIR）。"
        )


def _load(rows: Path) -> None:
    engine = db.engine.execution_options(sqlite_begin="IMMEDIATE")
    with closing(sqlite3.connect(rows)) as file, engine.begin() as connection:
        row_files.load(connection, file)
        failpoints.hit(LOADED)
