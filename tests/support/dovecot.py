"""A real Dovecot for a test: its own folder, ports and accounts, never as root, gone with the test."""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest

from demo.post_office import FOLDERS
from tests.support.certificates import Certificate, make_certificate

HOST = "127.0.0.1"

# Dovecot refuses to open mail as root, and a server that parses what strangers send has no need to be it.
_INSTEAD_OF_ROOT = "nobody"

_STARTS_WITHIN_SECONDS = 10.0
_ENDS_WITHIN_SECONDS = 5.0
_TRIES = 5

_CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
login_greeting = {greeting}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
mail_max_userip_connections = 100
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
{mailboxes}
}}
"""


def dovecot_or_skip() -> str:
    """The program, or a loud skip of the calling test."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None or os.name != "posix":
        pytest.skip("no Dovecot here: apt-get install --no-install-recommends dovecot-imapd")
    return program


@dataclass
class Dovecot:
    """Plain IMAP on `port`, TLS on `tls_port`; folders and special-use flags as at 163.com."""

    folder: Path
    port: int
    tls_port: int
    certificate: Certificate
    _process: subprocess.Popen[bytes]
    _owner: pwd.struct_passwd
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    host = HOST

    @classmethod
    def start(cls, accounts: Mapping[str, str], program: str | None = None) -> Self:
        """Start with {address: password}. It lies in a short folder of its own: socket paths end at 107 bytes, and
        pytest's folders cannot be entered by the user it runs as."""
        program = program or dovecot_or_skip()
        owner = pwd.getpwnam(_INSTEAD_OF_ROOT) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        try:
            certificate = make_certificate(folder)
            users = "".join(f"{address}:{{PLAIN}}{password}\n" for address, password in accounts.items())
            (folder / "users").write_text(users, encoding="utf-8")
            for name in ("run", "mail"):
                (folder / name).mkdir()
            _give(folder, owner)
            process, ports = _start(program, folder, certificate, owner)
            return cls(folder, *ports, certificate, process, owner)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def stop(self) -> None:
        _end(self._process)
        _wait_until_nobody_answers(self.port)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def deliver(
        self, user: str, raw: bytes, folder: str = "INBOX", internaldate: datetime | None = None
    ) -> Path:
        """Write a mail straight into the Maildir, as a delivery agent does; the file's time is its INTERNALDATE."""
        maildir = self._maildir(user, folder)
        number = next(self._numbers)
        moment = (internaldate or datetime.now(UTC)).timestamp()
        # Dovecot numbers new mails in the order of their names.
        path = maildir / "new" / f"{time.time_ns() // 10**9}.M{number:08d}P{os.getpid()}.test"
        path.write_bytes(raw)
        os.utime(path, (moment, moment))
        self._own(path)
        return path

    def mark_seen(self, user: str, folder: str = "INBOX") -> None:
        """What reading all mails in webmail leaves behind."""
        maildir = self._maildir(user, folder)
        for path in [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]:
            path.rename(maildir / "cur" / (path.name.partition(":")[0] + ":2,S"))

    def remove(self, mail: Path) -> None:
        """Delete a delivered mail as a colleague would, wherever its file is by now."""
        for path in self.files_of(mail.parent.parent):
            if path.name.partition(":")[0] == mail.name:
                path.unlink()

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Forget all UIDs: the next SELECT shows another UIDVALIDITY. Only while nobody is connected."""
        # dovecot-uidvalidity stays: it sees to it that the next value is a new one.
        for pattern in ("dovecot-uidlist", "dovecot.index*", "dovecot.list.index*"):
            for path in self._maildir(user, folder).glob(pattern):
                path.unlink()

    def files(self, user: str, folder: str = "INBOX") -> dict[str, bytes]:
        """All mails of a folder by file name, whose end tells the flags; equal before and after: nothing was touched."""
        return {path.name: path.read_bytes() for path in self.files_of(self._maildir(user, folder))}

    @staticmethod
    def files_of(maildir: Path) -> list[Path]:
        return sorted(path for part in ("new", "cur") for path in (maildir / part).iterdir())

    def _maildir(self, user: str, folder: str) -> Path:
        root = self.folder / "mail" / user
        wire = next(one.wire for one in FOLDERS if one.name == folder)
        maildir = root if folder == "INBOX" else root / f".{wire}"
        for path in (root, maildir, *(maildir / part for part in ("cur", "new", "tmp"))):
            if not path.is_dir():
                path.mkdir()
                self._own(path)
        return maildir

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)


def _start(
    program: str, folder: Path, certificate: Certificate, owner: pwd.struct_passwd
) -> tuple[subprocess.Popen[bytes], tuple[int, int]]:
    for _ in range(_TRIES):
        ports = (_free_port(), _free_port())
        process = _launch(program, folder, ports, certificate, owner)
        if process is not None:
            return process, ports
    log = folder / "dovecot.log"
    raise RuntimeError(log.read_text(errors="replace") if log.exists() else "Dovecot wrote no log")


def _launch(
    program: str, folder: Path, ports: tuple[int, int], certificate: Certificate, owner: pwd.struct_passwd
) -> subprocess.Popen[bytes] | None:
    """The running server, or None if somebody else took one of the ports meanwhile."""
    # The greeting tells our server from that of another test which got the port first.
    greeting = f"ready {secrets.token_hex(8)}"
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            run=folder / "run",
            greeting=greeting,
            user=owner.pw_name,
            group=_group_name(owner),
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            certificate=certificate.certificate,
            key=certificate.key,
            port=ports[0],
            tls_port=ports[1],
            mailboxes="\n".join(_mailbox(one.name, one.flag) for one in FOLDERS if one.name != "INBOX"),
        ),
        encoding="utf-8",
    )
    as_root = os.geteuid() == 0
    process = subprocess.Popen(
        [program, "-F", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        user=owner.pw_uid if as_root else None,
        group=owner.pw_gid if as_root else None,
        extra_groups=[] if as_root else None,
        start_new_session=True,  # so that it can be ended with its children
    )
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if greeting in _greeting(ports[0]):
            return process
        time.sleep(0.02)
    _end(process)
    return None


def _mailbox(name: str, flag: str) -> str:
    special = f"    special_use = {flag}\n" if flag else ""
    return f"  mailbox {name} {{\n    auto = create\n{special}  }}"


def _group_name(owner: pwd.struct_passwd) -> str:
    return grp.getgrgid(owner.pw_gid).gr_name


def _greeting(port: int) -> str:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.recv(1000).decode("ascii", "replace")
    except OSError:
        return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """At once and with all children: it would take a second to say goodbye, and nothing of it is kept."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_until_nobody_answers(port: int) -> None:
    # The children hold the port too and are not ours to wait for; their end shows in that nobody answers any more.
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    while _somebody_answers(port) and time.monotonic() < deadline:
        time.sleep(0.01)


def _somebody_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _give(folder: Path, owner: pwd.struct_passwd) -> None:
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
