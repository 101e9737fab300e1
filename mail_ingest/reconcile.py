"""Whether what the server has, what the ledger says and what lies in the blob store agree; every night, and on demand.

Nothing is changed: a mail that is missing here is fetched by the next poll, a blob that is missing comes back from a backup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import state
from core.blobs import blob_store
from core.clock import OFFICE_ZONE, now
from core.db import Base, db, end_read, transaction
from mail_ingest import mailboxes
from mail_ingest.folders import watched
from mail_ingest.mailbox import MailboxUnavailable, OpenMailbox
from mail_ingest.models import MailItem, MailLedger
from mail_ingest.vocabulary import LedgerState

_FACT = "mail.reconcile"
# 163.com may be set to show a mail program the last thirty days only; a day more for its own idea of a day.
_KEPT_BY_SETTING = timedelta(days=31)
_OLD_MAILS_THAT_TELL = 3
ONLY_LATELY = (
    "服务器上 30 天以前的邮件一封也看不到了，邮箱可能设置为只收最近 30 天邮件，更早的信系统看不到。"
    "请在网页邮箱改为“收取全部邮件”。"
)


@dataclass(frozen=True, kw_only=True)
class FolderCompared:
    """One folder: mails the server has and we do not, mails we have and the server no longer; or why nobody knows.

    `only_lately`: of everything older than thirty days, not one mail is there any more.
    """

    address: str
    folder: str = ""
    missing_here: tuple[int, ...] = ()
    gone_there: tuple[int, ...] = ()
    only_lately: bool = False
    code: str = "ok"
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        trouble = {} if self.code == "ok" else {"code": self.code, "message": self.message}
        return {
            "address": self.address,
            "folder": self.folder,
            "missing_here": list(self.missing_here),
            "gone_there": list(self.gone_there),
            **trouble,
        }


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """The whole comparison."""

    folders: tuple[FolderCompared, ...] = ()
    blobs_missing: tuple[str, ...] = ()
    blobs_orphaned: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Mails that colleagues deleted on the server are no problem: they were copied long before."""
        return not (
            self.blobs_missing
            or self.blobs_orphaned
            or any(each.missing_here or each.code not in {"ok", "not_set_up"} for each in self.folders)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "mailboxes": [each.as_json() for each in self.folders],
            "blobs": {"missing": list(self.blobs_missing), "orphaned": list(self.blobs_orphaned)},
        }


def reconcile(open_mailbox: OpenMailbox) -> Reconciled:
    """Compares everything; trouble with one mailbox is in the result and holds up nothing."""
    addresses = [row.address for row, _ in mailboxes.all_mailboxes(db.session())]
    end_read()
    folders = [each for address in addresses for each in _compared(address, open_mailbox)]
    # Listed before the rows are read: a blob is written before the row that names it.
    there = set(blob_store().names())
    named = _named_blobs(db.session())
    end_read()
    return Reconciled(
        folders=tuple(folders),
        blobs_missing=tuple(sorted(name for name in named - there if not blob_store().exists(name))),
        blobs_orphaned=tuple(sorted(there - named)),
    )


def keep(result: Reconciled) -> None:
    """Keeps the last comparison for the page."""
    summary = {
        "at": now().isoformat(),
        "ok": result.ok,
        "missing_here": sum(len(each.missing_here) for each in result.folders),
        "gone_there": sum(len(each.gone_there) for each in result.folders),
        "only_lately": sorted({each.address for each in result.folders if each.only_lately}),
        "unknown": [each.address for each in result.folders if each.code != "ok"],
        "blobs_missing": len(result.blobs_missing),
        "blobs_orphaned": len(result.blobs_orphaned),
    }
    with transaction() as session:
        state.set_fact(session, _FACT, json.dumps(summary, ensure_ascii=False))


def last(session: Session) -> dict[str, Any] | None:
    """The last comparison, in figures."""
    kept = state.get_fact(session, _FACT)
    found: dict[str, Any] | None = json.loads(kept) if kept else None
    return found


def keeps_thirty_days(session: Session, address: str) -> str:
    """What to say if a mailbox seems to show its last thirty days only; empty if it does not."""
    kept = last(session)
    return ONLY_LATELY if kept and address in kept.get("only_lately", ()) else ""


def last_in_words(session: Session) -> str:
    """One sentence for the page about the last comparison; empty before the first."""
    kept = last(session)
    if kept is None:
        return ""
    at = datetime.fromisoformat(kept["at"]).astimezone(OFFICE_ZONE)
    words = [
        f"服务器上有、本系统没有的 {kept['missing_here']} 封（下次收取时补收）"
        if kept["missing_here"]
        else "",
        f"服务器上已被删除、本系统保存着的 {kept['gone_there']} 封" if kept["gone_there"] else "",
        f"缺失的原始文件 {kept['blobs_missing']} 个（请管理员从备份恢复）" if kept["blobs_missing"] else "",
        f"没有登记的原始文件 {kept['blobs_orphaned']} 个" if kept["blobs_orphaned"] else "",
        f"连不上、没有核对的邮箱：{'、'.join(kept['unknown'])}" if kept["unknown"] else "",
    ]
    found = "；".join(word for word in words if word) or "服务器、接收记录和原始文件一致"
    return f"{at.month}月{at.day}日 {at:%H:%M} 核对：{found}。"


def _compared(address: str, open_mailbox: OpenMailbox) -> list[FolderCompared]:
    compared: list[FolderCompared] = []
    try:
        session = db.session()
        row, mailbox = mailboxes.find(session, address)
        mailbox_id, connection = row.id, mailboxes.connection_settings(session, row, mailbox)
        end_read()
        with open_mailbox(connection) as server:
            for folder in watched(server.folders(), mailbox.folders):
                opened = server.open_folder(folder.name)
                on_server = server.uids()
                compared.append(
                    _against_ledger(address, mailbox_id, folder.name, opened.uidvalidity, on_server)
                )
    except MailboxUnavailable as trouble:
        compared.append(FolderCompared(address=address, code=trouble.code, message=trouble.message))
    finally:
        end_read()
    return compared


def _against_ledger(
    address: str, mailbox_id: int, folder: str, uidvalidity: int, on_server: Iterable[int]
) -> FolderCompared:
    rows = db.session.execute(
        sa.select(MailLedger.uid, MailLedger.item_id, MailLedger.state, MailItem.received_at)
        .outerjoin(MailItem, MailItem.id == MailLedger.item_id)
        .where(
            MailLedger.mailbox_id == mailbox_id,
            MailLedger.folder == folder,
            MailLedger.uidvalidity == uidvalidity,
        )
    ).all()
    end_read()
    there = set(on_server)
    have = {row.uid for row in rows if row.item_id is not None}
    known_gone = {row.uid for row in rows if row.state is LedgerState.VANISHED}
    since = now() - _KEPT_BY_SETTING
    old = {row.uid for row in rows if row.received_at is not None and row.received_at < since}
    return FolderCompared(
        address=address,
        folder=folder,
        missing_here=tuple(sorted(there - have)),
        gone_there=tuple(sorted(have - there - known_gone)),
        only_lately=len(old) >= _OLD_MAILS_THAT_TELL and there.isdisjoint(old),
    )


def _named_blobs(session: Session) -> set[str]:
    """Every blob that any row of any table names, in whatever column called `blob` or ending in `_blob`."""
    named: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name == "blob" or column.name.endswith("_blob"):
                found = session.execute(sa.select(column).where(column.is_not(None)).distinct()).scalars()
                named.update(name for name in found if name)
    return named
