"""The parent's side of the reader child: one mail at a time, a fresh child after every trouble."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.reading.wire import from_head

WALL_SECONDS = 20.0
MAILS_PER_CHILD = 500
LARGEST_HEAD = 64 * 1024 * 1024
LARGEST_ANSWER = 512 * 1024 * 1024

_CPU_LIMIT_REACHED = int(getattr(signal, "SIGXCPU", 0))
_PROJECT = Path(__file__).resolve().parents[1]


class ReaderFailed(Exception):
    """The child died or was too slow over this mail; the next mail gets a fresh child. The reason is for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _DiedBetweenMails(ReaderFailed):
    """A child that had served before was gone when this mail came: the mail deserves a fresh one."""


class Reader:
    """Reads mails in a child process that holds no secret and can be killed. Threads may share one; they take turns."""

    def __init__(
        self,
        *,
        wall_seconds: float = WALL_SECONDS,
        mails_per_child: int = MAILS_PER_CHILD,
        command: tuple[str, ...] = (sys.executable, "-P", "-m", "mail_ingest.reader"),
    ) -> None:
        self._wall_seconds = wall_seconds
        self._mails_per_child = mails_per_child
        self._command = command
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._late: subprocess.Popen[bytes] | None = None

    def read(self, raw: bytes) -> ParsedMail:
        """What the mail says. Raises ReaderFailed when the child does not survive it or takes too long."""
        with self._lock:
            try:
                return self._read_once(raw)
            except _DiedBetweenMails:
                return self._read_once(raw)

    def _read_once(self, raw: bytes) -> ParsedMail:
        child = self._ready_child()
        watch = threading.Timer(self._wall_seconds, self._kill_late, (child,))
        watch.daemon = True
        watch.start()
        try:
            mail = self._exchange(child, raw)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as problem:
            if isinstance(problem, (EOFError, BrokenPipeError)):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(1)  # how it ended says whether this mail was the reason
            self._end(child)
            if self._was_not_this_mail(child, problem):
                raise _DiedBetweenMails(self._reason(child, problem)) from problem
            raise ReaderFailed(self._reason(child, problem)) from problem
        except BaseException:
            self._end(child)  # half an answer may still be in the pipe: it must not become the next mail's
            raise
        finally:
            watch.cancel()
        self._served += 1
        if self._served >= self._mails_per_child:
            self._end(child)
        return mail

    @property
    def child_pid(self) -> int | None:
        """The process that will read the next mail, if it is already there."""
        return self._child.pid if self._child is not None else None

    def close(self) -> None:
        with self._lock:
            if self._child is not None:
                self._end(self._child)

    def _exchange(self, child: subprocess.Popen[bytes], raw: bytes) -> ParsedMail:
        assert child.stdin is not None  # noqa: S101 - opened as a pipe below
        assert child.stdout is not None  # noqa: S101 - opened as a pipe below
        child.stdin.write(struct.pack(">I", len(raw)))
        child.stdin.write(raw)
        child.stdin.flush()
        source = child.stdout
        (length,) = struct.unpack(">I", _exactly(source, 4))
        if length > LARGEST_HEAD:
            raise ValueError("head too large")
        left = LARGEST_ANSWER

        def content(size: int) -> bytes:
            nonlocal left
            left -= size
            if size < 0 or left < 0:
                raise ValueError("attachments too large")
            return _exactly(source, size)

        return from_head(json.loads(_exactly(source, length)), content)

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        if self._child is not None:
            self._end(self._child)
        self._served = 0
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback could quote the mail
            env=_clean_environment(),
            cwd=_PROJECT,
        )
        return self._child

    def _kill_late(self, child: subprocess.Popen[bytes]) -> None:
        self._late = child
        child.kill()

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not yet written has nobody left to read it
                    pipe.close()
        child.wait()
        self._child = None

    def _was_not_this_mail(self, child: subprocess.Popen[bytes], problem: Exception) -> bool:
        """Whether the child was killed from outside, as when memory runs short: then it says nothing of the mail."""
        killed = (
            child.returncode is not None and child.returncode < 0 and child.returncode != -_CPU_LIMIT_REACHED
        )
        return (
            self._served > 0
            and self._late is not child
            and killed
            and isinstance(problem, (EOFError, OSError))
        )

    def _reason(self, child: subprocess.Popen[bytes], problem: Exception) -> str:
        if self._late is child:
            return f"读取超过 {self._wall_seconds:g} 秒，已中止"
        if child.returncode is not None and child.returncode < 0 and isinstance(problem, (EOFError, OSError)):
            return "读取程序意外结束（可能超出时间或内存限制）"
        return f"读取程序没有给出完整结果（{type(problem).__name__}）"


def _exactly(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _clean_environment() -> dict[str, str]:
    """Nothing of ours: the parent's environment may hold keys. Windows needs its system folder to start anything."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "SYSTEMDRIVE") if name in os.environ}
    return {"PYTHONPATH": str(_PROJECT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", **kept}
