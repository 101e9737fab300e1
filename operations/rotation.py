"""A new wrapping key: every data key and every blob's own key is wrapped anew; what they seal is not touched.

May be killed at any moment and run again: the key file has both keys before the first row changes, and a run that finds
something still under an older key goes on with it before it makes a new one. The older key stays in the file, because
older backups need it, until `drop_old`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app

from core import audit, failpoints, vault
from core.blobs import BlobMissing, blob_store
from core.db import db, end_read, transaction
from core.errors import CannotStart, RanWithProblem
from core.keys import Keys, keys_in_use, replace_keys, with_new_wrap, with_present_wrap_only
from core.vault import DataKey
from operations import alive

if TYPE_CHECKING:
    from config.settings import Settings

log = logging.getLogger(__name__)
BATCH = 500
NEW_KEY = failpoints.declare("keys.new_key", "换密钥：新密钥已写入文件，还没有改任何数据")
SOME_ROWS = failpoints.declare("keys.some_rows", "换密钥：一批数据密钥已改用新密钥")
SOME_BLOBS = failpoints.declare("keys.some_blobs", "换密钥：一个附件已改用新密钥")


@dataclass(frozen=True, kw_only=True)
class Rotated:
    wrap_id: str
    resumed: bool
    data_keys: int
    blobs: int
    unreadable: tuple[str, ...]


def rotate() -> Rotated:
    """Makes a new wrapping key and uses it for everything; CannotStart while the system is running."""
    _refuse_while_running()
    resumed = len(keys_in_use().wrap) > 1 and _left_behind()
    if not resumed:
        _use(with_new_wrap(keys_in_use()))
        failpoints.hit(NEW_KEY)
    data_keys = _rewrap_data_keys()
    blobs, unreadable = _rewrap_blobs()
    with transaction() as session:
        audit.record(
            session,
            "keys.rotated",
            actor="系统",
            wrap_id=keys_in_use().wrap_id,
            data_keys=data_keys,
            blobs=blobs,
        )
    return Rotated(
        wrap_id=keys_in_use().wrap_id,
        resumed=resumed,
        data_keys=data_keys,
        blobs=blobs,
        unreadable=tuple(unreadable),
    )


def drop_old() -> int:
    """Takes the older wrapping keys out of the key file; how many. RanWithProblem if something still needs one."""
    _refuse_while_running()
    keys = keys_in_use()
    if _left_behind():
        raise RanWithProblem("还有数据在用旧密钥，请先运行 keys rotate 到完成。")
    gone = len(keys.wrap) - 1
    if gone:
        with transaction() as session:
            audit.record(session, "keys.old_dropped", actor="系统", wrap_id=keys.wrap_id, dropped=gone)
        _use(with_present_wrap_only(keys))
    return gone


def _refuse_while_running() -> None:
    running = alive.running_now(db.session())
    end_read()
    if running:
        raise CannotStart(
            "系统正在运行，不能换密钥：运行中的程序不认识新密钥。请先停止所有网页和后台进程（等一分钟）再试。"
        )


def _use(keys: Keys) -> None:
    settings: Settings = current_app.extensions["settings"]
    replace_keys(keys, settings.key_file)
    current_app.extensions["keys"] = keys


def _left_behind() -> bool:
    wrap_id = keys_in_use().wrap_id
    older = sa.select(DataKey.id).where(DataKey.wrapped.is_not(None), DataKey.wrap_id != wrap_id).limit(1)
    found = db.session().execute(older).first() is not None
    end_read()
    store = blob_store()
    return found or any(
        not store.is_destroyed(name) and store.wrap_id_of(name) != wrap_id for name in store.names()
    )


def _rewrap_data_keys() -> int:
    keys, done = keys_in_use(), 0
    while True:
        with transaction() as session:
            rows = session.execute(
                sa.select(DataKey.id, DataKey.wrapped, DataKey.wrap_id)
                .where(DataKey.wrapped.is_not(None), DataKey.wrap_id != keys.wrap_id)
                .limit(BATCH)
                .with_for_update()
            ).all()
            for row in rows:
                wrapped = vault.wrap(vault.unwrap(row.id, row.wrapped, row.wrap_id))
                session.execute(
                    sa.update(DataKey)
                    .where(DataKey.id == row.id)
                    .values(wrapped=wrapped, wrap_id=keys.wrap_id)
                )
        if not rows:
            return done
        done += len(rows)
        failpoints.hit(SOME_ROWS)


def _rewrap_blobs() -> tuple[int, list[str]]:
    store, done, unreadable = blob_store(), 0, []
    for name in sorted(store.names()):
        try:
            done += store.rewrap(name)
        except BlobMissing:
            log.warning("a blob does not open and was left as it is")
            unreadable.append(name)
        failpoints.hit(SOME_BLOBS)
    return done, unreadable
