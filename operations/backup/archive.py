"""A backup file: a zip of the rows, of what they are (the manifest), and of a seal that only the key file can make.

The keys are never in it. Whoever changes the file, or has another key file, is told so before anything is read from it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.audit import Anchor
from core.errors import RanWithProblem
from core.keys import Keys

FORMAT = 1
SUFFIX = ".backup"
_MANIFEST, _SEAL, _ROWS = "manifest.json", "seal.txt", "rows.sqlite3"
_PIECE = 1 << 20
_PURPOSE = b"backup file"


class BadBackup(RanWithProblem):
    """The file is damaged, cut, altered, of another installation, or no backup at all."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup file says of itself."""

    created_at: datetime
    revision: str
    engine: str
    office: str
    key_check: str
    anchor: Anchor
    counts: dict[str, int]
    blobs: int
    rows_sha256: str
    rows_size: int
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        plain = {**asdict(self), "created_at": self.created_at.isoformat()}
        return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        plain: dict[str, Any] = json.loads(content)
        return cls(
            **{
                **plain,
                "created_at": datetime.fromisoformat(plain["created_at"]),
                "anchor": Anchor(**plain["anchor"]),
            }
        )


def pack(path: Path, rows: Path, manifest: Manifest, keys: Keys) -> None:
    """Makes the file under a temporary name, syncs it and gives it its name: it is there whole or not at all."""
    temporary = path.with_name(f".{path.name}.partial")
    temporary.unlink(missing_ok=True)
    content = manifest.as_bytes()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, content)
            archive.writestr(_SEAL, _seal(keys, content))
            archive.write(rows, _ROWS)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def read_manifest(path: Path, keys: Keys) -> Manifest:
    """The manifest of a file, its seal checked; BadBackup says in plain words what is wrong."""
    with _damage_said(path), zipfile.ZipFile(path) as archive:
        return _manifest(archive, keys)


@contextmanager
def unpacked(path: Path, keys: Keys) -> Iterator[tuple[Manifest, Path]]:
    """The checked manifest and rows of a file; the rows lie in a temporary file that goes away again."""
    with tempfile.TemporaryDirectory(prefix="hotline-backup-") as folder:
        rows = Path(folder) / _ROWS
        with _damage_said(path), zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, keys)
            if _unpack(archive, rows) != (manifest.rows_sha256, manifest.rows_size):
                raise BadBackup(f"备份文件 {path.name} 里的数据与清单不符，已损坏或被改动过，不能使用。")
        yield manifest, rows


@contextmanager
def _damage_said(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BadBackup(f"没有备份文件 {path}。") from error
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise BadBackup(f"备份文件 {path.name} 不完整或已损坏，不能使用。请换一份。") from error


def _manifest(archive: zipfile.ZipFile, keys: Keys) -> Manifest:
    content = _member(archive, _MANIFEST)
    if not hmac.compare_digest(_seal(keys, content), _member(archive, _SEAL).decode("ascii", "replace")):
        raise BadBackup(
            "备份文件的校验不符：它被改动过，或不是用现在这份密钥文件做的。请换回当时的密钥文件，或换一份备份。"
        )
    manifest = Manifest.from_bytes(content)
    if manifest.format != FORMAT:
        raise BadBackup(f"备份文件的格式（第 {manifest.format} 版）本程序不认识，请用较新的程序恢复。")
    return manifest


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as opened:
        return opened.read(_PIECE)


def _unpack(archive: zipfile.ZipFile, path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, archive.open(_ROWS) as packed:
        while piece := packed.read(_PIECE):
            digest.update(piece)
            size += file.write(piece)
    return digest.hexdigest(), size


def _seal(keys: Keys, content: bytes) -> str:
    key = hmac.new(keys.audit, _PURPOSE, hashlib.sha256).digest()
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file, in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def sync_folder(folder: Path) -> None:
    """Makes new names in a folder durable, where the system can do so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
