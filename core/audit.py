"""The audit chain: append-only rows, each sealed over the one before with a key that is not in the database.

Entries are recorded while a transaction works and appended as its last act, so the lock on the chain's head is held for
the shortest time and the lock order is the same everywhere. What an entry is about is an opaque reference to this module.
No entry ever carries identity: names, numbers, addresses or texts of a complaint.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.append_only import append_only
from core.clock import now
from core.db import Base
from core.keys import keys_in_use

_RECORDED = "audit.recorded"
GENESIS = "0" * 64
LAST_VERIFIED = "audit.last_verified"  # under which fact the last proof is kept


class AuditEntry(Base):
    """One act, with the seal over itself and everything before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index(None, "object_ref", "seq"), sa.Index(None, "action", "seq"))

    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object_ref: Mapped[str]
    data: Mapped[str]
    prev_mac: Mapped[str]
    mac: Mapped[str]


append_only(AuditEntry.__table__)


class AuditHead(Base):
    """Where the chain ends: the row that every append locks, and the first sign of a tail that was cut."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    mac: Mapped[str]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    actor: str
    action: str
    object_ref: str
    data: Mapping[str, Any]
    at: datetime


def record(
    session: Session,
    action: str,
    *,
    actor: str,
    object_ref: str = "",
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Notes an act for the chain; it is appended when the transaction ends, and gone if it fails."""
    entry = Recorded(actor=actor, action=action, object_ref=object_ref, data=data, at=at or now())
    session.info.setdefault(_RECORDED, []).append(entry)


def append_recorded(session: Session) -> None:
    """Appends what was recorded to the chain. Called by `transaction()` as its last act."""
    recorded: list[Recorded] = session.info.pop(_RECORDED, [])
    if not recorded:
        return
    key = keys_in_use().audit
    head = session.execute(
        sa.select(AuditHead.seq, AuditHead.mac).where(AuditHead.id == 1).with_for_update()
    ).one_or_none()
    if head is None:
        session.execute(sa.insert(AuditHead).values(id=1, seq=0, mac=GENESIS))
    seq, mac = (head.seq, head.mac) if head else (0, GENESIS)
    rows = []
    for entry in recorded:
        seq += 1
        row = {
            "seq": seq,
            "recorded_at": entry.at.astimezone(UTC),
            "actor": entry.actor,
            "action": entry.action,
            "object_ref": entry.object_ref,
            "data": _canonical(entry.data),
            "prev_mac": mac,
        }
        mac = seal(key, row)
        rows.append({**row, "mac": mac})
    session.execute(sa.insert(AuditEntry), rows)
    session.execute(sa.update(AuditHead).where(AuditHead.id == 1).values(seq=seq, mac=mac))


def seal(key: bytes, row: Mapping[str, Any]) -> str:
    """The seal of a row: HMAC-SHA256 over its fields, the seal before it among them."""
    moment: datetime = row["recorded_at"]
    parts = [
        str(row["seq"]),
        moment.isoformat(),
        row["actor"],
        row["action"],
        row["object_ref"],
        row["data"],
        row["prev_mac"],
    ]
    return hmac.new(key, json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def digest(values: Mapping[str, Any]) -> str:
    """The fingerprint of a row elsewhere that an entry vouches for (SHA-256 over its canonical form)."""
    return hashlib.sha256(_canonical(values).encode()).hexdigest()


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A point of the chain that was written down outside the database."""

    seq: int
    mac: str


@dataclass(frozen=True, kw_only=True)
class ChainResult:
    ok: bool
    rows: int
    checked: int
    first_bad: int | None
    message: str


def current_anchor(session: Session) -> Anchor:
    """The chain's present end, to be kept where nobody who can write the database can change it."""
    head = session.execute(sa.select(AuditHead.seq, AuditHead.mac).where(AuditHead.id == 1)).one_or_none()
    return Anchor(seq=head.seq, mac=head.mac) if head else Anchor(seq=0, mac=GENESIS)


def verify_chain(session: Session, *, anchors: Iterable[Anchor] = ()) -> ChainResult:
    """Checks every seal, the gapless numbers, the head row and the anchors; names the first row that is wrong.

    Without an anchor a chain that was emptied together with its head row looks new; with one it does not.
    """
    wanted = {anchor.seq: anchor.mac for anchor in anchors if anchor.seq}
    query = sa.select(AuditEntry.__table__).order_by(AuditEntry.seq).execution_options(yield_per=1000)
    with session.execute(query) as rows:
        checked, last, trouble = _follow(cast(Iterable[Mapping[str, Any]], rows.mappings()), wanted)
    head = current_anchor(session)
    missing = max([head.seq, *wanted], default=0)
    first_bad = None
    if trouble:
        first_bad = checked
    elif missing > checked:
        first_bad, trouble = checked + 1, f"第 {checked + 1} 条起的记录缺失（应有 {missing} 条）"
    elif (head.seq, head.mac) != (checked, last):
        first_bad, trouble = checked, "末端校验值被改动过"
    return ChainResult(
        ok=first_bad is None,
        rows=checked,
        checked=checked,
        first_bad=first_bad,
        message=trouble or f"共 {checked} 条记录，校验无误",
    )


def verify_tail(session: Session, *, count: int = 200) -> str:
    """Checks the newest entries and the head row: what is wrong, or nothing. A quick look; `verify_chain` is the proof."""
    key, head = keys_in_use().audit, current_anchor(session)
    query = sa.select(AuditEntry.__table__).order_by(AuditEntry.seq.desc()).limit(count)
    newest_first = cast(Iterable[Mapping[str, Any]], session.execute(query).mappings().all())
    wanted_seq, wanted_mac = head.seq, head.mac
    for row in newest_first:
        if (row["seq"], row["mac"]) != (wanted_seq, wanted_mac):
            return f"第 {wanted_seq} 条记录缺失或与后一条接不上"
        if not hmac.compare_digest(seal(key, row), row["mac"]):
            return f"第 {row['seq']} 条记录被改动过"
        wanted_seq, wanted_mac = row["seq"] - 1, row["prev_mac"]
    return "" if newest_first or head.seq == 0 else "记录被清空过"


def _follow(rows: Iterable[Mapping[str, Any]], wanted: Mapping[int, str]) -> tuple[int, str, str]:
    """Follows the chain to its end or its first wrong row: how many rows, the last good seal, what is wrong."""
    key = keys_in_use().audit
    previous, checked = GENESIS, 0
    for row in rows:
        checked += 1
        if row["seq"] != checked:
            return checked, previous, f"第 {checked} 条记录缺失"
        if row["prev_mac"] != previous or not hmac.compare_digest(seal(key, row), row["mac"]):
            return checked, previous, f"第 {checked} 条记录被改动过"
        if wanted.get(checked, row["mac"]) != row["mac"]:
            return checked, previous, f"第 {checked} 条记录与留存的校验值不符"
        previous = row["mac"]
    return checked, previous, ""
