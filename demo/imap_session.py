"""One client's conversation with the demonstration server, with the habits of 163.com that trip readers up.

Written here instead of taken from a library: pymap, the one IMAP server there is for Python, has had no release since
April 2024, and what matters, the refusal before ID, a folder without UIDNEXT, the short list of capabilities and the
texts of the refusals, lies in its inner classes. So the demonstration needs no package that the product does not need.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import BinaryIO, cast

from demo import imap_wire as wire
from demo.post_office import FOLDERS, FolderName, PostOffice, StoredMail

# As listed by 163.com, less STARTTLS and XOAUTH2, which it has and this server has not. No IDLE, MOVE or CONDSTORE.
CAPABILITIES = "IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ APPENDLIMIT=71680000 UIDPLUS X-CM-EXT-1 SASL-IR"
UNSAFE_LOGIN = "SELECT Unsafe Login. Please contact kefu@188.com for help"
WRONG_CODE = "LOGIN Login error or password error"

# 163.com drops a silent session after two to four minutes.
IDLE_SECONDS = 180.0

_FIXED_ANSWERS = {
    "NOOP": "OK NOOP completed",
    "CHECK": "OK CHECK completed",
    # The initial response of SASL-IR is advertised and refused.
    "AUTHENTICATE": "BAD Request not ending with CRLF",
}
_BEFORE_LOGIN = frozenset({"CAPABILITY", "ID", "LOGIN"})

_FLAGS = "\\Answered \\Seen \\Deleted \\Draft \\Flagged"


class ImapSession:
    """Speaks until the client leaves. Another server overrides what it does differently."""

    greeting = "* OK Coremail System IMap Server Ready(163com)"
    # Always 1 in every log of 163.com that was seen, so it cannot tell that a mailbox was rebuilt. None: not told at all.
    uidvalidity: int | None = 1
    encoding = "utf-8"

    def __init__(self, connection: socket.socket, office: PostOffice) -> None:
        connection.settimeout(IDLE_SECONDS)
        self.connection = connection
        self.office = office
        self._in = cast(BinaryIO, connection.makefile("rb"))
        self._out = cast(BinaryIO, connection.makefile("wb"))
        self.address: str | None = None
        self.identified = False
        self._folder: FolderName | None = None
        self._read_only = True
        self._verbs: dict[str, Callable[[wire.Command], str]] = {
            "CAPABILITY": self.capability,
            "ID": self.identify,
            "LOGIN": self.login,
            "LIST": self.list_folders,
            "XLIST": self.list_folders,
            "LSUB": self.list_folders,
            "STATUS": self.status,
            "SELECT": self.select,
            "EXAMINE": self.select,
            "CLOSE": self.close,
            "UNSELECT": self.close,
            "SEARCH": lambda command: self.search(command, by_uid=False),
            "FETCH": lambda command: self.fetch(command, by_uid=False),
            "UID": self.uid,
        }

    def run(self) -> None:
        with self._in, self._out:
            try:
                self.converse()
            except TimeoutError:
                self.say("* BYE Autologout; idle for too long")

    def converse(self) -> None:
        self.say(self.greeting)
        while self._one_command():
            pass

    def say(self, line: str | bytes) -> None:
        self._out.write((line.encode(self.encoding) if isinstance(line, str) else line) + b"\r\n")
        self._out.flush()

    def _one_command(self) -> bool:
        try:
            command = wire.read_command(self._in, self._out)
        except wire.CannotParse as refusal:
            self.say(f"{refusal.tag} BAD {refusal}")
            return True
        if command is None:
            return False
        if command.verb == "LOGOUT":
            self.say("* BYE IMAP4rev1 Server logging out")
            self.say(f"{command.tag} OK LOGOUT completed")
            return False
        self.say(f"{command.tag} {self._answer(command)}")
        return True

    def _answer(self, command: wire.Command) -> str:
        if command.verb in _FIXED_ANSWERS:
            return _FIXED_ANSWERS[command.verb]
        answer = self._verbs.get(command.verb)
        if answer is None:
            # STORE, COPY, EXPUNGE, APPEND, CREATE …: whoever only reads never sends them.
            return f"NO {command.verb} not permitted: this mailbox is only read"
        if self.address is None and command.verb not in _BEFORE_LOGIN:
            return f"BAD {command.verb} State error"
        try:
            return answer(command)
        except wire.CannotParse as refusal:
            return f"BAD {refusal}"

    def capability(self, _: wire.Command) -> str:
        self.say(f"* CAPABILITY {CAPABILITIES}")
        return "OK CAPABILITY completed"

    def login(self, command: wire.Command) -> str:
        if len(command.words) != 2 or not self.office.lets_in(*command.words):
            return f"NO {WRONG_CODE}"
        self.address = command.words[0].lower()
        return "OK LOGIN completed"

    def identify(self, command: wire.Command) -> str:
        # Answered always, but it opens the folders only after LOGIN and with real fields: `ID NIL` says nothing.
        if self.address is not None and len(command.words) > 2 and command.words[0] == "(":
            self.identified = True
        self.say('* ID ("name" "Coremail Imap" "vendor" "Mailtech" "TransID" "0")')
        return "OK ID completed"

    def list_folders(self, command: wire.Command) -> str:
        if len(command.words) == 2 and not command.words[1]:
            self.say(f'* {command.verb} (\\Noselect) "/" ""')
            return f"OK {command.verb} completed"
        for folder in FOLDERS:
            if command.words[-1] in {"*", "%", folder.wire}:
                flags = " ".join(part for part in ("\\HasNoChildren", folder.flag) if part)
                self.say(f'* {command.verb} ({flags}) "/" "{folder.wire}"')
        return f"OK {command.verb} completed"

    def status(self, command: wire.Command) -> str:
        folder = _folder(command.words[0])
        if folder is None:
            return "NO STATUS The folder does not exist"
        mails = self.mails(folder)
        figures = {"MESSAGES": len(mails), "RECENT": 0, "UIDVALIDITY": self.uidvalidity}
        figures["UNSEEN"] = sum("\\Seen" not in mail.flags for mail in mails)
        # UIDNEXT is asked for in vain: 163.com leaves it out without a word.
        told = [f"{name} {figures[name]}" for name in map(str.upper, command.words[1:]) if name in figures]
        self.say(f'* STATUS "{folder.wire}" ({" ".join(told)})')
        return "OK STATUS completed"

    def select(self, command: wire.Command) -> str:
        if not self.identified:
            return f"NO {UNSAFE_LOGIN}"
        folder = _folder(command.words[0]) if command.words else None
        if folder is None:
            self._folder = None
            return f"NO {command.verb} The folder does not exist"
        self._folder, self._read_only = folder, command.verb == "EXAMINE"
        self.say(f"* {len(self.mails(folder))} EXISTS")
        self.say("* 0 RECENT")
        self.say(f"* FLAGS ({_FLAGS})")
        self.say(f"* OK [PERMANENTFLAGS ({_FLAGS})] Limited")
        if self.uidvalidity is not None:
            self.say(f"* OK [UIDVALIDITY {self.uidvalidity}] UIDs valid")  # and no UIDNEXT
        return f"OK [{'READ-ONLY' if self._read_only else 'READ-WRITE'}] {command.verb} completed"

    def close(self, command: wire.Command) -> str:
        self._folder = None
        return f"OK {command.verb} completed"

    def uid(self, command: wire.Command) -> str:
        verb = command.words[0].upper() if command.words else ""
        inner = wire.Command(command.tag, verb, command.words[1:])
        if verb == "SEARCH":
            return self.search(inner, by_uid=True)
        if verb == "FETCH":
            return self.fetch(inner, by_uid=True)
        return f"NO UID {verb} not permitted: this mailbox is only read"

    def search(self, command: wire.Command, *, by_uid: bool) -> str:
        if self._folder is None:
            return "NO SEARCH State error"
        mails = self.mails(self._folder)
        found = wire.search(mails, command.words)
        numbers = [mails[i].uid if by_uid else i + 1 for i in found]
        self.say(" ".join(["* SEARCH", *map(str, numbers)]))
        return "OK SEARCH completed"

    def fetch(self, command: wire.Command, *, by_uid: bool) -> str:
        if self._folder is None:
            return "NO FETCH State error"
        if not command.words:
            raise wire.CannotParse("Parse command error")
        items = wire.fetch_items(command.words[1:])
        mails = self.mails(self._folder)
        numbers = [mail.uid for mail in mails] if by_uid else [i + 1 for i in range(len(mails))]
        wanted = wire.in_set(numbers, command.words[0])
        for position, (number, mail) in enumerate(zip(numbers, mails, strict=True), start=1):
            if number in wanted:
                self._read(mail, items)
                self.send_mail(
                    position, mail, ["UID", *(i for i in items if i != "UID")] if by_uid else items
                )
        return "OK FETCH completed"

    def _read(self, mail: StoredMail, items: list[str]) -> None:
        if (
            self._folder is not None
            and self.address is not None
            and not self._read_only
            and wire.sets_seen(items)
        ):
            self.office.mark_seen(self.address, self._folder.name, mail.uid)

    def send_mail(self, position: int, mail: StoredMail, items: list[str]) -> None:
        self.say(b"* %d FETCH (%s)" % (position, wire.fetch_data(mail, items)))

    def mails(self, folder: FolderName) -> list[StoredMail]:
        return self.office.mails(self.address or "", folder.name)


def _folder(wire_name: str) -> FolderName | None:
    for folder in FOLDERS:
        if wire_name == folder.wire or (wire_name.upper() == folder.wire == "INBOX"):
            return folder
    return None
