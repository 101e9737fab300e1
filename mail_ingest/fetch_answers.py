"""What a FETCH answered, mail by mail, and whether it is whole; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mail_ingest.mailbox import BATCH_BYTES, BATCH_MAILS, FaultReason


@dataclass(frozen=True)
class Announced:
    size: int | None = None
    arrived: datetime | None = None


@dataclass(frozen=True)
class Reply:
    """The FETCH answers one by one. Merged by sequence number, as the library does for those without a UID, an EXPUNGE
    between them would give one mail the bytes of another."""

    answers: list[dict[bytes, Any]]
    unreadable: frozenset[int] = frozenset()

    def bodies(self) -> dict[int, bytes | None]:
        """What came for each number; None stands for NIL, an absent number for no answer."""
        found: dict[int, bytes | None] = {}
        for answer in self.answers:
            uid = whole_number(answer.get(b"UID"))
            for item, value in answer.items():
                if uid is not None and item.startswith(b"BODY["):
                    found[uid] = value if isinstance(value, bytes) else None
        return found


def batches(uids: Sequence[int], announced: Mapping[int, Announced]) -> Iterator[list[int]]:
    """Up to 50 mails and 8 MB at once, the order kept; a mail that is larger comes alone."""
    batch: list[int] = []
    weight = 0
    for uid in uids:
        size = announced.get(uid, Announced()).size or 0
        if batch and (len(batch) == BATCH_MAILS or weight + size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(uid)
        weight += size
    if batch:
        yield batch


def flaw(raw: bytes, mail: Announced) -> FaultReason | None:
    """What is wrong with a mail that came.

    A server may count every line end as two bytes and send one, or count a last empty line that it does not send: so
    much may be missing. More bytes than announced are no loss.
    """
    if not raw:
        return "empty"
    if mail.size is None:
        return "missing"
    if len(raw) + raw.count(b"\n") - raw.count(b"\r\n") + 2 < mail.size:
        return "short"
    return "no_date" if mail.arrived is None else None


def slices(uids: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), length):
        yield uids[start : start + length]


def whole_number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def moment(value: object) -> datetime | None:
    """An INTERNALDATE as UTC; None if it is absent, unreadable or without a zone."""
    if not isinstance(value, bytes):
        return None
    try:
        told = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, TypeError, OverflowError):
        return None
    return told.astimezone(UTC) if told.tzinfo is not None else None
