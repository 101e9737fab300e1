"""The parts of IMAP (RFC 3501) that have no state: commands into words, sets into numbers, mails into FETCH items."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from demo.post_office import StoredMail

_WORD = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<paren>[()])|(?P<atom>[^\s()"\[]+(?:\[[^\]]*\](?:<\d+\.\d+>)?)?)'
)
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
_SECTION = re.compile(r"BODY(?P<peek>\.PEEK)?\[(?P<section>[^\]]*)\](?:<(?P<start>\d+)\.(?P<length>\d+)>)?\Z")
_SET = re.compile(r"(?:\d+|\*)(?::(?:\d+|\*))?(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*\Z")

# English month names, whatever the locale of the process is: strftime("%b") would follow it.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# A command is short; a mail of 1 MB as one is a client gone wrong.
_LONGEST_LITERAL = 1_000_000


class CannotParse(Exception):
    """The server answers BAD; the text is what it says, the tag is known where no command could be made."""

    def __init__(self, text: str, *, tag: str = "*") -> None:
        super().__init__(text)
        self.tag = tag


@dataclass(frozen=True)
class Command:
    tag: str
    verb: str
    words: tuple[str, ...]


def read_command(stream: BinaryIO, ask_for_more: BinaryIO) -> Command | None:
    """The next command with its literals read, or None when the client has gone."""
    line = stream.readline()
    if not line:
        return None
    if line.endswith(b" \r\n"):  # as 163.com does, which is stricter here than the RFC
        raise CannotParse(
            "Request not ending with CRLF", tag=_text(line.split(maxsplit=1)[0]) if line.strip() else "*"
        )
    words: list[str] = []
    while literal := _LITERAL.search(line):
        words += _words(line[: literal.start()])
        size = int(literal[1])
        if size > _LONGEST_LITERAL:
            raise CannotParse("Literal too long")
        if not literal[2]:
            ask_for_more.write(b"+ Ready\r\n")
            ask_for_more.flush()
        words.append(_text(stream.read(size)))
        line = stream.readline()
    words += _words(line)
    if len(words) < 2:
        raise CannotParse("Parse command error", tag=words[0] if words else "*")
    return Command(words[0], words[1].upper(), tuple(words[2:]))


def _words(line: bytes) -> list[str]:
    found = []
    for match in _WORD.finditer(_text(line)):
        quoted = match["quoted"]
        found.append(match[0] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def in_set(numbers: Sequence[int], wanted: str) -> set[int]:
    """Those of `numbers` (rising) that a sequence set names; `n:*` names the last one even when n is beyond it."""
    if not _SET.match(wanted):
        raise CannotParse("Parse command error")
    if not numbers:
        return set()
    chosen: set[int] = set()
    for part in wanted.split(","):
        ends = [numbers[-1] if end == "*" else int(end) for end in part.split(":")]
        chosen.update(numbers[bisect_left(numbers, min(ends)) : bisect_right(numbers, max(ends))])
    return chosen


# What 163.com finds with these is nothing or something else; nothing is the kinder of the two.
_FINDS_NOTHING = frozenset({"SUBJECT", "BODY", "TEXT", "FROM", "TO", "CC"})


def search(mails: Sequence[StoredMail], keys: Sequence[str]) -> list[int]:
    """The positions in `mails` that match all keys."""
    left = set(range(len(mails)))
    rest = list(keys)
    while rest:
        left &= _matching(mails, rest.pop(0).upper(), rest)
    return sorted(left)


def _matching(mails: Sequence[StoredMail], key: str, rest: list[str]) -> set[int]:
    every = range(len(mails))
    if key in {"ALL", "SEEN", "UNSEEN"}:
        return {i for i in every if key == "ALL" or ("\\Seen" in mails[i].flags) == (key == "SEEN")}
    if _SET.match(key):
        numbers = in_set([i + 1 for i in every], key)
        return {i for i in every if i + 1 in numbers}
    if not rest:
        raise CannotParse("Parse command error")
    value = rest.pop(0)
    if key == "UID":
        uids = in_set([mail.uid for mail in mails], value)
        return {i for i in every if mails[i].uid in uids}
    if key in {"SINCE", "BEFORE"}:
        limit = _day(value)
        return {i for i in every if (mails[i].internaldate.date() >= limit) == (key == "SINCE")}
    if key == "CHARSET" or key in _FINDS_NOTHING:
        return set(every) if key == "CHARSET" else set()
    raise CannotParse("Parse command error")


def _day(text: str) -> date:
    try:
        day, month, year = text.split("-")
        return date(int(year), _MONTHS.index(month.title()) + 1, int(day))
    except ValueError as error:
        raise CannotParse("Parse command error") from error


def internaldate(moment: datetime) -> str:
    month = _MONTHS[moment.month - 1]
    return f'"{moment.day:2d}-{month}-{moment.year} {moment:%H:%M:%S %z}"'


def fetch_items(words: Sequence[str]) -> list[str]:
    """The items between the parentheses, which 163.com insists on."""
    if len(words) < 3 or words[0] != "(" or words[-1] != ")":
        raise CannotParse("Parse command error")
    return [word.upper() for word in words[1:-1]]


def sets_seen(items: Iterable[str]) -> bool:
    return any(item == "RFC822" or (item.startswith("BODY[")) for item in items)


def fetch_data(mail: StoredMail, items: Iterable[str]) -> bytes:
    """What stands between the parentheses of one FETCH answer."""
    return b" ".join(_fetched(mail, item) for item in items)


def _fetched(mail: StoredMail, item: str) -> bytes:
    if item == "UID":
        return b"UID %d" % mail.uid
    if item == "FLAGS":
        return f"FLAGS ({' '.join(sorted(mail.flags))})".encode()
    if item == "INTERNALDATE":
        return f"INTERNALDATE {internaldate(mail.internaldate)}".encode()
    if item == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(mail.raw)
    if item == "RFC822":
        return b"RFC822 " + literal(mail.raw)
    if asked := _SECTION.match(item):
        data = _section(mail.raw, asked["section"])
        name = f"BODY[{asked['section']}]"
        if asked["start"] is not None:
            start = int(asked["start"])
            data = data[start : start + int(asked["length"])]
            name += f"<{start}>"
        return name.encode() + b" " + literal(data)
    raise CannotParse("Parse command error")


def _section(raw: bytes, section: str) -> bytes:
    if section == "":
        return raw
    header, blank, text = raw.partition(b"\r\n\r\n")
    if section == "TEXT":
        return text
    if section == "HEADER":
        return header + blank
    if section.startswith("HEADER.FIELDS ("):
        wanted = {name.lower() for name in section[len("HEADER.FIELDS (") : -1].split()}
        return b"".join(_fields(header, wanted)) + b"\r\n"
    raise CannotParse("Parse command error")


def _fields(header: bytes, wanted: set[str]) -> Iterable[bytes]:
    keep = False
    for line in header.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            keep = line.partition(b":")[0].decode("ascii", "replace").lower() in wanted
        if keep:
            yield line + b"\r\n"


def literal(data: bytes) -> bytes:
    return b"{%d}\r\n%s" % (len(data), data)
