"""The mailboxes of the demonstration: accounts, their folders as 163.com has them, and what lies in them."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import OFFICE_ZONE, Clock, SystemClock

# UIDs at 163.com are large and have gaps: a reader that counts from 1, or expects the next number, shall fail here.
_FIRST_UID = 1_446_555_803
_UID_STEPS = (1, 1, 3, 1, 7)


@dataclass(frozen=True)
class FolderName:
    """A folder as people read it, as it stands on the wire (modified UTF-7), and its special-use flag."""

    name: str
    wire: str
    flag: str = ""


FOLDERS = (
    FolderName("INBOX", "INBOX"),
    FolderName("草稿箱", "&g0l6P3ux-", "\\Drafts"),
    FolderName("已发送", "&XfJT0ZAB-", "\\Sent"),
    FolderName("已删除", "&XfJSIJZk-", "\\Trash"),
    FolderName("垃圾邮件", "&V4NXPpCuTvY-", "\\Junk"),
    FolderName("病毒文件夹", "&dcVr0mWHTvZZOQ-"),
)


@dataclass
class StoredMail:
    uid: int
    raw: bytes
    internaldate: datetime
    flags: set[str] = field(default_factory=set)


class PostOffice:
    """All mailboxes, safe for the many threads that read them while mail arrives."""

    def __init__(self, accounts: Mapping[str, str], *, clock: Clock | None = None) -> None:
        self._codes = {address.lower(): code for address, code in accounts.items()}
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._delivered = 0
        self._next_uid = _FIRST_UID
        self._mails: dict[tuple[str, str], list[StoredMail]] = {
            (address, folder.name): [] for address in self._codes for folder in FOLDERS
        }

    def knows(self, address: str) -> bool:
        return address.lower() in self._codes

    def lets_in(self, address: str, code: str) -> bool:
        expected = self._codes.get(address.lower())
        return expected is not None and hmac.compare_digest(expected.encode(), code.encode(errors="replace"))

    def change_code(self, address: str, code: str) -> None:
        """What the owner does in the web page: from now on the old authorisation code is refused."""
        self._codes[address.lower()] = code

    def deliver(
        self, address: str, raw: bytes, folder: str = "INBOX", internaldate: datetime | None = None
    ) -> int:
        """Put a mail into a folder and return its UID; without a date it arrives now."""
        # In the zone of the provider, as 163.com writes it: SEARCH SINCE counts its days there.
        arrived = (internaldate or self._clock.now()).astimezone(OFFICE_ZONE)
        with self._lock:
            uid = self._next_uid
            self._next_uid += _UID_STEPS[self._delivered % len(_UID_STEPS)]
            self._delivered += 1
            self._mails[address.lower(), folder].append(StoredMail(uid, raw, arrived))
        return uid

    def mails(self, address: str, folder: str) -> list[StoredMail]:
        with self._lock:
            return list(self._mails[address.lower(), folder])

    def mark_seen(self, address: str, folder: str, uid: int) -> None:
        with self._lock:
            for mail in self._mails[address.lower(), folder]:
                if mail.uid == uid:
                    mail.flags.add("\\Seen")

    def remove(self, address: str, folder: str, uid: int) -> None:
        """What a colleague does in webmail; the mail is gone for the next command of every open session."""
        with self._lock:
            kept = [mail for mail in self._mails[address.lower(), folder] if mail.uid != uid]
            self._mails[address.lower(), folder] = kept
