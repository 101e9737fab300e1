"""Which folders of a mailbox are read, and what their mail means; pure.

163.com files first mails of unknown senders under 垃圾邮件, so complaints lie there too: those folders are read like the
inbox, but their mail waits in a tray. From the virus folder nothing but headers is fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.labels import Labelled


class FolderRole(Labelled):
    INBOX = "inbox", "收件箱"
    JUNK = "junk", "垃圾邮件"
    VIRUS = "virus", "病毒文件夹"
    SENT = "sent", "已发送"
    DRAFTS = "drafts", "草稿箱"
    TRASH = "trash", "已删除"
    OTHER = "other", "其他文件夹"

    @property
    def headers_only(self) -> bool:
        """Mail of this folder is noticed, its content never fetched."""
        return self is FolderRole.VIRUS


@dataclass(frozen=True)
class Folder:
    """A folder that can be opened, under the name that people read (not as it goes over the wire)."""

    name: str
    role: FolderRole


_ROLE_OF_FLAG = {
    "\\inbox": FolderRole.INBOX,  # only XLIST has this one; RFC 6154 names the others
    "\\junk": FolderRole.JUNK,
    "\\spam": FolderRole.JUNK,
    "\\sent": FolderRole.SENT,
    "\\drafts": FolderRole.DRAFTS,
    "\\trash": FolderRole.TRASH,
}
_ROLE_OF_NAME = {
    FolderRole.JUNK: (
        *("垃圾邮件", "垃圾箱", "垃圾信件", "广告邮件", "订阅邮件", "可疑邮件"),
        *("junk", "spam", "junk mail", "junk e-mail", "junk email", "bulk mail"),
    ),
    FolderRole.VIRUS: ("病毒文件夹", "病毒邮件", "virus"),
    FolderRole.SENT: ("已发送", "已发送邮件", "sent", "sent items", "sent messages"),
    FolderRole.DRAFTS: ("草稿箱", "草稿", "drafts"),
    FolderRole.TRASH: ("已删除", "已删除邮件", "trash", "deleted items", "deleted messages"),
}
_WATCHED = (FolderRole.INBOX, FolderRole.JUNK, FolderRole.VIRUS)


def role_of(flags: Iterable[str], name: str, delimiter: str = "/") -> FolderRole:
    """What a folder is for: by the server's flag first, because names are translated, then by its name."""
    if name.casefold() == "inbox":
        return FolderRole.INBOX
    for flag in flags:
        if (role := _ROLE_OF_FLAG.get(flag.casefold())) is not None:
            return role
    own_name = name.rsplit(delimiter, 1)[-1] if delimiter else name
    for role, names in _ROLE_OF_NAME.items():
        if own_name.strip().casefold() in names:
            return role
    return FolderRole.OTHER


def watched(folders: Collection[Folder], chosen: Sequence[str] | None = None) -> list[Folder]:
    """The folders to read, the inbox first; `chosen` are the names from the settings, None means all that can hold complaints."""
    if chosen is not None:
        wanted = [name.casefold() for name in chosen]
        there = [folder for folder in folders if folder.name.casefold() in wanted]
        return sorted(there, key=lambda folder: wanted.index(folder.name.casefold()))
    there = [folder for folder in folders if folder.role in _WATCHED]
    return sorted(there, key=lambda folder: (_WATCHED.index(folder.role), folder.name))


def not_there(folders: Iterable[Folder], chosen: Iterable[str]) -> list[str]:
    """Names in the settings that the mailbox does not have: a misspelt folder must not mean "no mail"."""
    known = {folder.name.casefold() for folder in folders}
    return [name for name in chosen if name.casefold() not in known]
