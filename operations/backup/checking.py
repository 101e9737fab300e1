"""Checking a backup by opening it: seal, rows, blobs, the audit chain and the histories in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.audit import ChainResult, verify_chain
from core.blobs import BlobMissing, BlobStore, blob_store
from core.keys import keys_in_use
from operations import auditing
from operations.backup import rows as row_files
from operations.backup.archive import BadBackup, Manifest, unpacked
from operations.backup.copies import Copies

_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found in a backup; `problems` are sentences, none if all is well."""

    file: Path
    manifest: Manifest
    chain: ChainResult
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "file": str(self.file),
            "created_at": self.manifest.created_at.isoformat().replace("+00:00", "Z"),
            "engine": self.manifest.engine,
            "revision": self.manifest.revision,
            "rows": sum(self.manifest.counts.values()),
            "counts": self.manifest.counts,
            "blobs": {
                "total": self.manifest.blobs,
                "missing": list(self.missing),
                "damaged": list(self.damaged),
            },
            "audit": {
                "ok": self.chain.ok,
                "rows": self.chain.rows,
                "checked": self.chain.checked,
                "first_bad": self.chain.first_bad,
            },
            "problems": list(self.problems),
        }


def check(path: Path, *, thorough: bool = True) -> Checked:
    """Opens a backup and checks it; BadBackup if it cannot even be opened. `thorough` also decrypts every blob and
    tells every ticket's history again; without it the blobs' sizes and the audit chain have to do."""
    with unpacked(path, keys_in_use()) as (manifest, rows):
        problems = list(_count_problems(rows, manifest))
        missing, damaged = _blob_problems(path, rows, thorough=thorough)
        store = Copies(path.parent).as_store(blob_store()) if thorough and _is_present(manifest) else None
        chain, further = _chain(rows, manifest, store)
    if manifest.key_check != keys_in_use().check_value():
        problems.append("备份属于另一份密钥文件。")
    if missing:
        problems.append(f"附件和邮件原件缺 {len(missing)} 个（{_some(missing)}）。")
    if damaged:
        problems.append(f"附件和邮件原件损坏 {len(damaged)} 个（{_some(damaged)}）。")
    if not chain.ok:
        problems.append(f"审计记录有问题：{chain.message}。")
    return Checked(
        file=path,
        manifest=manifest,
        chain=chain,
        missing=missing,
        damaged=damaged,
        problems=(*problems, *further),
    )


def blob_names(rows: Path) -> Iterator[str]:
    """The blobs that belong to a backup, out of its rows."""
    with closing(sqlite3.connect(rows)) as file:
        yield from (name for (name,) in file.execute("SELECT name FROM _blob"))


def _count_problems(rows: Path, manifest: Manifest) -> Iterator[str]:
    with closing(sqlite3.connect(rows)) as file:
        try:
            (sound,) = file.execute("PRAGMA integrity_check").fetchone()
            counts = row_files.counts_in(file)
        except sqlite3.DatabaseError as error:
            raise BadBackup("备份里的数据文件打不开，已损坏。") from error
    if sound != "ok":
        yield "备份里的数据文件自检没有通过。"
    if counts != manifest.counts:
        yield "备份里的记录数与清单不符。"


def _blob_problems(path: Path, rows: Path, *, thorough: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    copies = Copies(path.parent)
    store = copies.as_store(blob_store())
    missing, damaged = [], []
    with closing(sqlite3.connect(rows)) as file:
        for name, size in file.execute("SELECT name, size FROM _blob"):
            found = copies.size_of(name)
            if found is None:
                missing.append(name)
            elif store.is_destroyed(name):
                continue  # on purpose, after its years were over
            elif found != size:
                damaged.append(name)
            elif thorough:
                try:
                    store.get(name)
                except BlobMissing:
                    damaged.append(name)
    return tuple(missing), tuple(damaged)


def _chain(rows: Path, manifest: Manifest, store: BlobStore | None) -> tuple[ChainResult, list[str]]:
    """The chain and, with the blobs beside it, the histories and bulletins in the file, read through the models."""
    engine = sa.create_engine(f"sqlite:///{rows.as_posix()}", hide_parameters=True)
    try:
        with Session(engine, autoflush=False) as session:
            chain = verify_chain(session, anchors=[manifest.anchor])
            further = auditing.beyond_the_chain(session, store) if store else []
            return chain, further
    finally:
        engine.dispose()


def _is_present(manifest: Manifest) -> bool:
    """Only rows of the present structure can be read through the models."""
    from operations.installation import newest_revision

    return manifest.revision == newest_revision()


def _some(names: tuple[str, ...]) -> str:
    return "、".join(name[:12] for name in names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
