"""Logs: readable lines on stderr, and JSON lines in files that turn over. Never a text or an address of a complaint.

An exception's own words may quote what somebody wrote, so only its kind and its place are written; the words only where
they come from the system itself (disk, network, a locked database).
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import click
import sqlalchemy as sa
from flask import g, has_request_context

FILE_BYTES = 10 * 1024 * 1024
FILES_KEPT = 10
_CHATTY = ("apscheduler", "imapclient", "alembic", "waitress.queue")
_FRAMES = 12
_LONGEST = 2000


def log_to_stderr(level: int = logging.INFO) -> None:
    """Sets the root logger up once; the poller's own chatter stays at warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines())
    _use([handler], level)


def log_to_files(folder: Path, role: str, level: int = logging.INFO) -> None:
    """Adds `hotline-<role>.log` with one JSON object a line; without a writable folder stderr has to do."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / f"hotline-{role}.log",
            maxBytes=FILE_BYTES,
            backupCount=FILES_KEPT,
            encoding="utf-8",
            delay=True,
        )
    except OSError:
        logging.getLogger(__name__).warning("no log file can be written")
        return
    handler.setFormatter(JSONLines())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(level)


def _use(handlers: list[logging.Handler], level: int) -> None:
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


class PlainLines(logging.Formatter):
    """One line a record, whatever was put into it."""

    def format(self, record: logging.LogRecord) -> str:
        said = f"{_moment(record)} {record.levelname} {record.name}: {_visible(record.getMessage())}"
        if record.exc_info and record.exc_info[0]:
            said += f" [{error_of(record.exc_info[1])} | {' < '.join(frames_of(record.exc_info[2]))}]"
        return said


class JSONLines(logging.Formatter):
    """One JSON object a record: at, level, logger, message, and of an error its kind and where it happened."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _visible(record.getMessage()),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = error_of(record.exc_info[1])
            line["where"] = frames_of(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def error_of(error: BaseException | None) -> str:
    """The kinds of an error and its causes, with the system's own words where it was the system."""
    said: list[str] = []
    while error is not None and len(said) < 5:
        kind = type(error)
        words = _words_of(error)
        said.append(f"{kind.__module__}.{kind.__qualname__}" + (f": {words}" if words else ""))
        error = error.__cause__
    return " <- ".join(said)


def _words_of(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, sa.exc.OperationalError) and error.orig is not None:
        return _visible(str(error.orig).splitlines()[0] if str(error.orig) else "")
    return _visible(error.message) if isinstance(error, click.ClickException) else ""


def frames_of(trace: TracebackType | None) -> list[str]:
    """Where it happened, the innermost place first."""
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


def _moment(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _visible(text: str) -> str:
    """Nothing in a line may end it or move the terminal's cursor."""
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
